#include "openai_images/mask.hpp"

#include <algorithm>
#include <cstdint>

#include "common/png.hpp"

namespace openai_images {

namespace {

constexpr std::uint64_t kMaxPixels = 64ULL * 1000 * 1000;  // as the host takes them

}  // namespace

std::string transparentWhereWhite(const ipl::ImageInput& mask) {
    pictures::Pixels pixels = pictures::readPng(mask.bytes, kMaxPixels, "the mask");
    for (std::size_t i = 0; i < pixels.rgba.size(); i += 4) {
        std::uint8_t* const pixel = &pixels.rgba[i];
        // Masks are grey; where one is not, its brightest channel counts. The colour stays, for
        // servers that look at nothing else.
        const std::uint8_t white = std::max({pixel[0], pixel[1], pixel[2]});
        pixel[0] = pixel[1] = pixel[2] = white;
        pixel[3] = static_cast<std::uint8_t>(255 - white);
    }
    return pictures::writePng(pixels, "the mask");
}

}  // namespace openai_images
