// Pictures from and to files, for what the host itself has to look at or hand on: thumbnails,
// formats that a backend cannot read, pixels for a plugin. PNG, JPEG, WebP and GIF are read.
//
// Any thread. Dimensions are checked before memory is taken for them: a picture of more than
// kMaxPixels, or with a side over kMaxSide, is refused (ImageTooLarge), whatever its file claims;
// memory is bounded by the pixels, not by the file, and pictures of more than 16 megapixels are
// decoded one at a time. Errors: InvalidImageFormat for bytes that are no whole picture.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.hpp"

namespace host::imaging {

inline constexpr std::uint64_t kMaxPixels = 64ULL * 1000 * 1000;
inline constexpr std::uint64_t kMaxSide = 65'535;

// 8-bit sRGB, rows from the top, no padding.
struct Pixels {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint8_t> rgb;
};

// The first frame, upright (EXIF orientation applied), on white where it is transparent, made
// smaller until neither side is longer than maxSide; 0 = as it is.
Result<Pixels> decode(std::string_view bytes, std::uint32_t maxSide);

Result<std::string> encodeJpeg(const Pixels& pixels, int quality);
Result<std::string> encodeWebp(const Pixels& pixels, int quality);
Result<std::string> encodePng(const Pixels& pixels);
// Binary PPM (P6, 8 bit): pixels as they are, for readers without a decoder.
std::string encodePpm(const Pixels& pixels);

// The small picture of the gallery: WebP, at most kThumbnailSide pixels on its longer side.
inline constexpr std::uint32_t kThumbnailSide = 384;
Result<std::string> thumbnail(std::string_view bytes);

inline constexpr std::string_view kPixmapMime = "image/x-portable-pixmap";

// What a backend can take.
struct Wanted {
    std::vector<std::string> mimes;  // of image/{png,jpeg,webp,gif,x-portable-pixmap}; empty = any
    std::uint32_t maxSide = 0;       // longer side in pixels; 0 = any
    bool upright = false;            // not lying on its side by its EXIF orientation
};

struct Converted {
    std::string mime;
    std::string bytes;
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    bool changed = false;  // false: `bytes` are the ones that came in
};

// The picture as it came when `wanted` allows, otherwise converted: to JPEG when that is allowed,
// else to the first of `wanted.mimes` that can be written (GIF cannot).
Result<Converted> convert(std::string bytes, const Wanted& wanted);

}  // namespace host::imaging
