// What kind of picture some bytes are and how large it is, from its first bytes alone. Nothing is
// decoded and no length inside the data is trusted: reads stay inside what is given.
// Pure functions, thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace host {

enum class ImageFormat { Png, Jpeg, Webp, Gif };

std::string_view imageMime(ImageFormat format);       // "image/png"
std::string_view imageExtension(ImageFormat format);  // ".png", ".jpg"

// So many leading bytes settle the format.
inline constexpr std::size_t kImageMagicBytes = 12;
// So many hold the size of nearly every real picture (JPEG may put a thumbnail and profiles first).
inline constexpr std::size_t kImageHeaderBytes = 256 * 1024;

enum class Sniff { No, TooShort, Yes };

// For a stream: TooShort = what is there fits, but more is needed to tell.
Sniff looksLikePicture(std::string_view firstBytes);

std::optional<ImageFormat> sniffImage(std::string_view firstBytes);

struct ImageInfo {
    ImageFormat format = ImageFormat::Png;
    std::uint32_t width = 0;  // pixels; 0 when the bytes given do not tell
    std::uint32_t height = 0;
};

// Nothing when it is none of the four formats.
std::optional<ImageInfo> readImageInfo(std::string_view firstBytes);

}  // namespace host
