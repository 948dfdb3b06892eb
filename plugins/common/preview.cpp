#include "common/preview.hpp"

#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "common/png.hpp"
#include "ipl/error.hpp"

namespace pictures {

namespace {

constexpr std::uint64_t kMaxPixels = 16ULL * 1000 * 1000;
constexpr std::uint32_t kSide = 512;
constexpr std::array kQualities{80, 40};  // the second for noise, which few steps in are

using Jpeg = std::unique_ptr<void, int (*)(tjhandle)>;

std::string_view mimeOf(std::string_view bytes) {
    if (bytes.starts_with("\x89PNG")) return "image/png";
    if (bytes.starts_with("\xFF\xD8")) return "image/jpeg";
    if (bytes.size() > 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP")
        return "image/webp";
    return {};
}

const std::uint8_t* dataOf(std::string_view bytes) {
    return reinterpret_cast<const std::uint8_t*>(bytes.data());
}

std::optional<Pixels> blank(int width, int height) {
    if (width < 1 || height < 1) return std::nullopt;
    Pixels pixels{static_cast<std::uint32_t>(width), static_cast<std::uint32_t>(height), {}};
    if (std::uint64_t{pixels.width} * pixels.height > kMaxPixels) return std::nullopt;
    pixels.rgba.resize(std::size_t{pixels.width} * pixels.height * 4);
    return pixels;
}

std::optional<Pixels> readJpeg(std::string_view bytes) {
    const Jpeg context(tjInitDecompress(), &tjDestroy);
    int width = 0;
    int height = 0;
    int sampling = 0;
    int colors = 0;
    if (!context || tjDecompressHeader3(context.get(), dataOf(bytes), bytes.size(), &width, &height,
                                        &sampling, &colors) != 0)
        return std::nullopt;
    auto pixels = blank(width, height);
    // A progressive one may repeat itself thousands of times.
    if (!pixels || tjDecompress2(context.get(), dataOf(bytes), bytes.size(), pixels->rgba.data(),
                                 width, 0, height, TJPF_RGBX, TJFLAG_LIMITSCANS) != 0)
        return std::nullopt;
    return pixels;
}

std::optional<Pixels> readWebp(std::string_view bytes) {
    int width = 0;
    int height = 0;
    if (WebPGetInfo(dataOf(bytes), bytes.size(), &width, &height) == 0) return std::nullopt;
    auto pixels = blank(width, height);
    if (!pixels || WebPDecodeRGBAInto(dataOf(bytes), bytes.size(), pixels->rgba.data(),
                                      pixels->rgba.size(), width * 4) == nullptr)
        return std::nullopt;
    return pixels;
}

std::optional<Pixels> read(std::string_view picture) {
    const std::string_view mime = mimeOf(picture);
    if (mime == "image/jpeg") return readJpeg(picture);
    if (mime == "image/webp") return readWebp(picture);
    try {
        return readPng(ipl::bytesOf(picture), kMaxPixels, "the preview");
    } catch (const ipl::Error&) {
        return std::nullopt;
    }
}

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

std::string smallJpeg(std::string_view picture) {
    auto pixels = read(picture);
    if (!pixels) return {};
    const std::uint32_t longer = std::max(pixels->width, pixels->height);
    if (longer > kSide) pixels = reduced(*pixels, (longer + kSide - 1) / kSide);
    const Jpeg context(tjInitCompress(), &tjDestroy);
    if (!context) return {};
    const int width = static_cast<int>(pixels->width);
    const int height = static_cast<int>(pixels->height);
    std::vector<unsigned char> jpeg(tjBufSize(width, height, TJSAMP_420));
    for (const int quality : kQualities) {
        unsigned char* out = jpeg.data();
        unsigned long size = jpeg.size();
        if (tjCompress2(context.get(), pixels->rgba.data(), width, 0, height, TJPF_RGBX, &out,
                        &size, TJSAMP_420, quality, TJFLAG_NOREALLOC) != 0)
            return {};
        if (size <= kMaxPreview) return {reinterpret_cast<const char*>(jpeg.data()), size};
    }
    return {};
}

void showPreview(ipl::Call& call, std::string_view picture) {
    std::string small;
    if (picture.size() > kMaxPreview) picture = small = smallJpeg(picture);
    const std::string_view mime = mimeOf(picture);
    if (!mime.empty()) {
        call.preview(mime, ipl::bytesOf(picture));
    } else {
        call.log(ipl::Log::kDebug, "a preview is no PNG, JPEG or WebP that can be shown");
    }
}

}  // namespace pictures
