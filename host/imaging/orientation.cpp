#include "imaging/orientation.hpp"

#include <algorithm>

#include "imaging/containers.hpp"
#include "support/image_info.hpp"

namespace host::imaging {

namespace {

class Tiff {
  public:
    explicit Tiff(std::string_view data) : data_(data), little_(data.starts_with("II")) {}
    bool valid() const {
        return data_.size() >= 8 && (little_ || data_.starts_with("MM")) && short_(2) == 42;
    }
    std::uint32_t short_(std::size_t at) const {
        if (at + 2 > data_.size()) return 0;
        const std::uint32_t first = byte(at);
        const std::uint32_t second = byte(at + 1);
        return little_ ? second << 8 | first : first << 8 | second;
    }
    std::uint32_t long_(std::size_t at) const {
        return little_ ? short_(at + 2) << 16 | short_(at) : short_(at) << 16 | short_(at + 2);
    }

  private:
    std::uint32_t byte(std::size_t at) const { return static_cast<unsigned char>(data_[at]); }

    std::string_view data_;
    bool little_;
};

void swapPixels(std::uint8_t* a, std::uint8_t* b) {
    std::swap_ranges(a, a + 3, b);
}

void mirror(Pixels& pixels) {
    const std::size_t stride = std::size_t{3} * pixels.width;
    for (std::uint32_t y = 0; y < pixels.height; ++y) {
        std::uint8_t* left = pixels.rgb.data() + y * stride;
        std::uint8_t* right = left + stride - 3;
        for (; left < right; left += 3, right -= 3)
            swapPixels(left, right);
    }
}

void flip(Pixels& pixels) {
    const std::size_t stride = std::size_t{3} * pixels.width;
    for (std::uint32_t y = 0; y < pixels.height / 2; ++y) {
        std::uint8_t* upper = pixels.rgb.data() + y * stride;
        std::uint8_t* lower = pixels.rgb.data() + (pixels.height - 1 - y) * stride;
        std::swap_ranges(upper, upper + stride, lower);
    }
}

Pixels transposed(const Pixels& from) {
    Pixels to{from.height, from.width, std::vector<std::uint8_t>(from.rgb.size())};
    constexpr std::uint32_t kTile = 32;  // keeps both sides of the copy in the cache
    for (std::uint32_t top = 0; top < from.height; top += kTile) {
        for (std::uint32_t left = 0; left < from.width; left += kTile) {
            for (std::uint32_t y = top; y < std::min(top + kTile, from.height); ++y) {
                for (std::uint32_t x = left; x < std::min(left + kTile, from.width); ++x) {
                    const std::size_t source = (std::size_t{y} * from.width + x) * 3;
                    const std::size_t target = (std::size_t{x} * to.width + y) * 3;
                    std::copy_n(&from.rgb[source], 3, &to.rgb[target]);
                }
            }
        }
    }
    return to;
}

}  // namespace

int orientationOfTiff(std::string_view data) {
    constexpr std::uint32_t kOrientation = 0x0112;
    constexpr std::uint32_t kShort = 3;
    const Tiff tiff(data);
    if (!tiff.valid()) return 1;
    const std::size_t directory = tiff.long_(4);
    if (directory + 2 > data.size()) return 1;
    const std::uint32_t entries = tiff.short_(directory);
    for (std::uint32_t i = 0; i < entries; ++i) {
        const std::size_t entry = directory + 2 + std::size_t{12} * i;
        if (entry + 12 > data.size()) return 1;
        if (tiff.short_(entry) != kOrientation) continue;
        const std::uint32_t value = tiff.short_(entry + 8);
        return tiff.short_(entry + 2) == kShort && value >= 1 && value <= 8
                   ? static_cast<int>(value)
                   : 1;
    }
    return 1;
}

int orientationOf(std::string_view picture) {
    const auto format = sniffImage(picture);
    if (!format) return 1;
    std::string_view exif;
    switch (*format) {
        case ImageFormat::Jpeg:
            exif = readJpegFacts(picture).exif;
            break;
        case ImageFormat::Png:
            exif = pngChunk(picture, "eXIf");
            break;
        case ImageFormat::Webp:
            exif = riffChunk(picture.substr(kRiffHeader), "EXIF");
            break;
        case ImageFormat::Gif:
            break;
    }
    if (exif.starts_with("Exif")) exif.remove_prefix(std::min<std::size_t>(exif.size(), 6));
    return orientationOfTiff(exif);
}

Pixels upright(Pixels pixels, int orientation) {
    if (orientation >= 5 && orientation <= 8) pixels = transposed(pixels);
    if (orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7)
        mirror(pixels);
    if (orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8) flip(pixels);
    return pixels;
}

}  // namespace host::imaging
