// Pictures as the host hands them to a plugin whose describe asks for image/x-portable-pixmap:
// binary PPM (P6), 8 bit, plain pixels. A plugin that takes only these needs no decoder.
// Pure function, any thread. No length in the file is trusted.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace pixmap {

inline constexpr std::uint64_t kMaxPixels = 64ULL * 1000 * 1000;

// 8-bit sRGB, rows from the top, no padding: rgb.size() == width * height * 3.
struct Pixmap {
    int width = 0;
    int height = 0;
    std::vector<std::uint8_t> rgb;
};

// Nothing for anything else: other formats, 16 bit, comments in the header, more pixels than
// kMaxPixels, fewer or more bytes than the header says.
std::optional<Pixmap> readPixmap(std::span<const std::uint8_t> bytes);

}  // namespace pixmap
