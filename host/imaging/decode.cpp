#include "imaging/decoders.hpp"
#include "imaging/orientation.hpp"
#include "support/image_info.hpp"
#include "support/sync.hpp"

namespace host::imaging {

namespace {

// A large picture takes up to a few hundred megabytes while it is decoded. One at a time, however
// many ask: that bounds the memory of the process and not only that of a call.
constexpr std::uint64_t kLargePicture = 16ULL * 1000 * 1000;
Mutex onlyLargePicture;

Result<Pixels> decodeAs(ImageFormat format, std::string_view bytes, std::uint32_t maxSide) {
    switch (format) {
        case ImageFormat::Png:
            return decodePng(bytes, maxSide);
        case ImageFormat::Jpeg:
            return decodeJpeg(bytes, maxSide);
        case ImageFormat::Webp:
            return decodeWebp(bytes, maxSide);
        case ImageFormat::Gif:
            return decodeGif(bytes, maxSide);
    }
    return brokenPicture("picture", "its format is unknown");
}

}  // namespace

Error brokenPicture(std::string_view format, std::string_view why) {
    return {ErrorCode::InvalidImageFormat,
            "The " + std::string(format) + " cannot be read: " + std::string(why) + "."};
}

Error tooManyPixels(std::uint64_t width, std::uint64_t height) {
    return {ErrorCode::ImageTooLarge, "The picture has " + std::to_string(width) + " x " +
                                          std::to_string(height) + " pixels; pictures of up to " +
                                          std::to_string(kMaxPixels / 1'000'000) +
                                          " million are read."};
}

bool isTooLarge(std::uint64_t width, std::uint64_t height) {
    return width > kMaxSide || height > kMaxSide || width * height > kMaxPixels;
}

void onWhite(const std::uint8_t* rgba, std::uint8_t* rgb, std::uint32_t width) {
    for (std::uint32_t x = 0; x < width; ++x, rgba += 4, rgb += 3) {
        const unsigned alpha = rgba[3];
        const unsigned white = 255 * (255 - alpha) + 127;
        for (int c = 0; c < 3; ++c)
            rgb[c] = static_cast<std::uint8_t>((rgba[c] * alpha + white) / 255);
    }
}

Result<Pixels> decode(std::string_view bytes, std::uint32_t maxSide) {
    const auto info = readImageInfo(bytes);
    if (!info) {
        return Error{ErrorCode::InvalidImageFormat,
                     "These bytes are no PNG, JPEG, WebP or GIF picture."};
    }
    if (isTooLarge(info->width, info->height)) return tooManyPixels(info->width, info->height);
    auto pixels = [&] {
        const bool known = info->width > 0;
        if (known && std::uint64_t{info->width} * info->height <= kLargePicture)
            return decodeAs(info->format, bytes, maxSide);
        const MutexLock lock(onlyLargePicture);
        return decodeAs(info->format, bytes, maxSide);
    }();
    if (!pixels) return pixels;
    return upright(std::move(*pixels), orientationOf(bytes));
}

}  // namespace host::imaging
