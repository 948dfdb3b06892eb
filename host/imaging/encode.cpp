#include <spng.h>
#include <turbojpeg.h>
#include <webp/encode.h>

#include <cstdlib>
#include <memory>

#include "imaging/pixels.hpp"

namespace host::imaging {

namespace {

Error fault(std::string_view format) {
    return {ErrorCode::Internal,
            "The picture could not be written as " + std::string(format) + "."};
}

bool isWhole(const Pixels& pixels) {
    return pixels.width > 0 && pixels.height > 0 &&
           pixels.rgb.size() == std::size_t{3} * pixels.width * pixels.height;
}

}  // namespace

Result<std::string> encodeJpeg(const Pixels& pixels, int quality) {
    constexpr std::uint32_t kMaxJpegSide = 65'500;
    constexpr int kFineQuality = 90;
    if (!isWhole(pixels) || pixels.width > kMaxJpegSide || pixels.height > kMaxJpegSide)
        return fault("JPEG");
    const std::unique_ptr<void, int (*)(tjhandle)> context(tjInitCompress(), &tjDestroy);
    if (!context) return fault("JPEG");
    unsigned char* data = nullptr;
    unsigned long size = 0;
    const int sampling = quality >= kFineQuality ? TJSAMP_444 : TJSAMP_420;
    const int status =
        tjCompress2(context.get(), pixels.rgb.data(), static_cast<int>(pixels.width), 0,
                    static_cast<int>(pixels.height), TJPF_RGB, &data, &size, sampling, quality, 0);
    const std::unique_ptr<unsigned char, void (*)(unsigned char*)> owner(data, &tjFree);
    if (status != 0) return fault("JPEG");
    return std::string(reinterpret_cast<const char*>(data), size);
}

Result<std::string> encodeWebp(const Pixels& pixels, int quality) {
    if (!isWhole(pixels) || pixels.width > WEBP_MAX_DIMENSION || pixels.height > WEBP_MAX_DIMENSION)
        return fault("WebP");
    WebPConfig config;
    WebPPicture picture;
    if (WebPConfigPreset(&config, WEBP_PRESET_DEFAULT, static_cast<float>(quality)) == 0 ||
        WebPPictureInit(&picture) == 0) {
        return fault("WebP");
    }
    config.method = 2;  // half the time of the default, a few per cent more bytes
    picture.width = static_cast<int>(pixels.width);
    picture.height = static_cast<int>(pixels.height);
    const std::unique_ptr<WebPPicture, void (*)(WebPPicture*)> owner(&picture, &WebPPictureFree);
    std::string out;
    picture.custom_ptr = &out;
    picture.writer = [](const std::uint8_t* data, std::size_t size, const WebPPicture* from) {
        static_cast<std::string*>(from->custom_ptr)
            ->append(reinterpret_cast<const char*>(data), size);
        return 1;
    };
    if (WebPPictureImportRGB(&picture, pixels.rgb.data(), static_cast<int>(pixels.width * 3)) ==
            0 ||
        WebPEncode(&config, &picture) == 0) {
        return fault("WebP");
    }
    return out;
}

Result<std::string> encodePng(const Pixels& pixels) {
    if (!isWhole(pixels)) return fault("PNG");
    const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                 &spng_ctx_free);
    if (!context) return fault("PNG");
    // Fast rather than small: it is read once, by a backend.
    spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
    spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 1);
    spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP);
    spng_ihdr header{};
    header.width = pixels.width;
    header.height = pixels.height;
    header.bit_depth = 8;
    header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
    spng_set_ihdr(context.get(), &header);
    if (spng_encode_image(context.get(), pixels.rgb.data(), pixels.rgb.size(), SPNG_FMT_PNG,
                          SPNG_ENCODE_FINALIZE) != 0) {
        return fault("PNG");
    }
    std::size_t size = 0;
    int error = 0;
    const std::unique_ptr<void, void (*)(void*)> data(
        spng_get_png_buffer(context.get(), &size, &error), &std::free);
    if (!data || error != 0) return fault("PNG");
    return std::string(static_cast<const char*>(data.get()), size);
}

std::string encodePpm(const Pixels& pixels) {
    std::string ppm =
        "P6\n" + std::to_string(pixels.width) + " " + std::to_string(pixels.height) + "\n255\n";
    ppm.append(reinterpret_cast<const char*>(pixels.rgb.data()), pixels.rgb.size());
    return ppm;
}

}  // namespace host::imaging
