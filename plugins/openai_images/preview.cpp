#include "openai_images/preview.hpp"

#include <turbojpeg.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "ipl/error.hpp"
#include "openai_images/png.hpp"

namespace openai_images {

namespace {

constexpr std::uint64_t kMaxPixels = 16ULL * 1000 * 1000;  // the service draws up to 4
constexpr std::uint32_t kSide = 512;
constexpr int kQuality = 80;

// Each pixel is the mean of a square of `factor` a side; what does not fill one is left out.
// Transparency is left out too.
Pixels reduced(const Pixels& from, std::uint32_t factor) {
    Pixels to{std::max(1U, from.width / factor), std::max(1U, from.height / factor), {}};
    to.rgba.resize(std::size_t{to.width} * to.height * 4);
    for (std::uint32_t y = 0; y < to.height; ++y) {
        for (std::uint32_t x = 0; x < to.width; ++x) {
            std::array<std::uint32_t, 3> sum{};
            std::uint32_t count = 0;
            for (std::uint32_t v = y * factor; v < std::min((y + 1) * factor, from.height); ++v) {
                for (std::uint32_t u = x * factor; u < std::min((x + 1) * factor, from.width);
                     ++u) {
                    const std::uint8_t* pixel = &from.rgba[(std::size_t{v} * from.width + u) * 4];
                    for (std::size_t c = 0; c < sum.size(); ++c)
                        sum[c] += pixel[c];
                    ++count;
                }
            }
            std::uint8_t* pixel = &to.rgba[(std::size_t{y} * to.width + x) * 4];
            for (std::size_t c = 0; c < sum.size(); ++c)
                pixel[c] = static_cast<std::uint8_t>(sum[c] / count);
        }
    }
    return to;
}

}  // namespace

std::string smallJpeg(std::string_view png) {
    Pixels pixels;
    try {
        pixels = readPng(ipl::bytesOf(png), kMaxPixels, "the partial image");
    } catch (const ipl::Error&) {
        return {};  // the picture itself may still come
    }
    const std::uint32_t longer = std::max(pixels.width, pixels.height);
    if (longer > kSide) pixels = reduced(pixels, (longer + kSide - 1) / kSide);
    const std::unique_ptr<void, int (*)(tjhandle)> context(tjInitCompress(), &tjDestroy);
    if (!context) return {};
    const int width = static_cast<int>(pixels.width);
    const int height = static_cast<int>(pixels.height);
    std::vector<unsigned char> jpeg(tjBufSize(width, height, TJSAMP_420));
    unsigned char* out = jpeg.data();
    unsigned long size = jpeg.size();
    if (tjCompress2(context.get(), pixels.rgba.data(), width, 0, height, TJPF_RGBX, &out, &size,
                    TJSAMP_420, kQuality, TJFLAG_NOREALLOC) != 0)
        return {};
    return {reinterpret_cast<const char*>(jpeg.data()), size};
}

}  // namespace openai_images
