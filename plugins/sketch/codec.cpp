#include "codec.hpp"

#include <spng.h>
#include <turbojpeg.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

namespace sketch {

std::vector<uint8_t> encodePng(const Bitmap& bitmap, const std::function<bool()>& go) {
    const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(SPNG_CTX_ENCODER),
                                                                 &spng_ctx_free);
    if (!context) return {};
    spng_set_option(context.get(), SPNG_ENCODE_TO_BUFFER, 1);
    spng_set_option(context.get(), SPNG_IMG_COMPRESSION_LEVEL, 1);
    spng_set_option(context.get(), SPNG_FILTER_CHOICE, SPNG_FILTER_CHOICE_UP);
    spng_ihdr header{};
    header.width = static_cast<uint32_t>(bitmap.width);
    header.height = static_cast<uint32_t>(bitmap.height);
    header.bit_depth = 8;
    header.color_type = SPNG_COLOR_TYPE_TRUECOLOR;
    spng_set_ihdr(context.get(), &header);
    if (spng_encode_image(context.get(), nullptr, 0, SPNG_FMT_PNG,
                          SPNG_ENCODE_PROGRESSIVE | SPNG_ENCODE_FINALIZE) != 0) {
        return {};
    }
    const size_t row = static_cast<size_t>(bitmap.width) * 3;
    for (int y = 0; y < bitmap.height; ++y) {
        if (y % 64 == 0 && !go()) return {};
        const int error = spng_encode_row(context.get(), bitmap.at(0, y), row);
        if (error != 0 && error != SPNG_EOI) return {};
    }
    size_t size = 0;
    int error = 0;
    auto* data = static_cast<uint8_t*>(spng_get_png_buffer(context.get(), &size, &error));
    std::vector<uint8_t> png;
    if (data != nullptr && error == 0) png.assign(data, data + size);
    std::free(data);
    return png;
}

std::vector<uint8_t> encodePreview(const Bitmap& bitmap, int side) {
    const double scale =
        std::min(1.0, static_cast<double>(side) / std::max(bitmap.width, bitmap.height));
    const Bitmap small = cover(bitmap, std::max(1, static_cast<int>(bitmap.width * scale)),
                               std::max(1, static_cast<int>(bitmap.height * scale)));
    const std::unique_ptr<void, int (*)(tjhandle)> context(tjInitCompress(), &tjDestroy);
    if (!context) return {};
    std::vector<uint8_t> jpeg(tjBufSize(small.width, small.height, TJSAMP_420));
    unsigned char* out = jpeg.data();
    unsigned long size = jpeg.size();
    if (tjCompress2(context.get(), small.rgb.data(), small.width, 0, small.height, TJPF_RGB, &out,
                    &size, TJSAMP_420, 80, TJFLAG_NOREALLOC) != 0) {
        return {};
    }
    jpeg.resize(size);
    return jpeg;
}

}  // namespace sketch
