#include "codec.hpp"

#include <gif_lib.h>
#include <spng.h>
#include <turbojpeg.h>
#include <webp/decode.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

namespace sketch {
namespace {

Decoded broken(std::string message) {
    return {{}, Fault::broken, std::move(message)};
}

bool tooLarge(uint64_t width, uint64_t height) {
    return width * height > kMaxInputPixels;
}

Decoded large(uint64_t width, uint64_t height) {
    return {{},
            Fault::tooLarge,
            "the input picture has " + std::to_string(width) + " x " + std::to_string(height) +
                " pixels; at most 64 million are read"};
}

Bitmap onWhite(const uint8_t* rgba, int width, int height) {
    Bitmap bitmap(width, height);
    const size_t count = static_cast<size_t>(width) * static_cast<size_t>(height);
    for (size_t i = 0; i < count; ++i) {
        const unsigned a = rgba[i * 4 + 3];
        for (size_t c = 0; c < 3; ++c) {
            bitmap.rgb[i * 3 + c] =
                static_cast<uint8_t>((rgba[i * 4 + c] * a + 255 * (255 - a) + 127) / 255);
        }
    }
    return bitmap;
}

Decoded decodePng(std::span<const uint8_t> bytes) {
    const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(0), &spng_ctx_free);
    if (!context) return broken("out of memory");
    spng_set_image_limits(context.get(), 1U << 16, 1U << 16);
    spng_set_chunk_limits(context.get(), 1U << 20, 4U << 20);
    spng_set_crc_action(context.get(), SPNG_CRC_ERROR, SPNG_CRC_DISCARD);
    spng_set_png_buffer(context.get(), bytes.data(), bytes.size());
    spng_ihdr header{};
    if (const int error = spng_get_ihdr(context.get(), &header); error != 0)
        return broken(spng_strerror(error));
    if (tooLarge(header.width, header.height)) return large(header.width, header.height);
    size_t size = 0;
    if (spng_decoded_image_size(context.get(), SPNG_FMT_RGBA8, &size) != 0)
        return broken("bad PNG header");
    std::vector<uint8_t> rgba(size);
    const int error =
        spng_decode_image(context.get(), rgba.data(), size, SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
    if (error != 0) return broken(std::string("the PNG cannot be read: ") + spng_strerror(error));
    return {onWhite(rgba.data(), static_cast<int>(header.width), static_cast<int>(header.height)),
            Fault::none,
            {}};
}

Decoded decodeJpeg(std::span<const uint8_t> bytes, int wantWidth, int wantHeight) {
    const std::unique_ptr<void, int (*)(tjhandle)> context(tjInitDecompress(), &tjDestroy);
    if (!context) return broken("out of memory");
    int width = 0;
    int height = 0;
    int sampling = 0;
    int space = 0;
    if (tjDecompressHeader3(context.get(), bytes.data(), bytes.size(), &width, &height, &sampling,
                            &space) != 0) {
        return broken(std::string("the JPEG cannot be read: ") + tjGetErrorStr2(context.get()));
    }
    if (tooLarge(static_cast<uint64_t>(width), static_cast<uint64_t>(height))) {
        return large(static_cast<uint64_t>(width), static_cast<uint64_t>(height));
    }
    for (const int part : {8, 4, 2}) {
        // The library scales while it decodes, which saves both time and memory.
        if (width / part >= wantWidth && height / part >= wantHeight) {
            const tjscalingfactor factor{1, part};
            width = TJSCALED(width, factor);
            height = TJSCALED(height, factor);
            break;
        }
    }
    Bitmap bitmap(width, height);
    if (tjDecompress2(context.get(), bytes.data(), bytes.size(), bitmap.rgb.data(), width, 0,
                      height, TJPF_RGB, TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS) != 0) {
        return broken(std::string("the JPEG cannot be read: ") + tjGetErrorStr2(context.get()));
    }
    return {std::move(bitmap), Fault::none, {}};
}

Decoded decodeWebp(std::span<const uint8_t> bytes, int wantWidth, int wantHeight) {
    WebPDecoderConfig config;
    if (WebPInitDecoderConfig(&config) == 0 ||
        WebPGetFeatures(bytes.data(), bytes.size(), &config.input) != VP8_STATUS_OK) {
        return broken("the WebP header cannot be read");
    }
    int width = config.input.width;
    int height = config.input.height;
    if (tooLarge(static_cast<uint64_t>(width), static_cast<uint64_t>(height))) {
        return large(static_cast<uint64_t>(width), static_cast<uint64_t>(height));
    }
    if (config.input.has_animation != 0) return broken("animated WebP pictures are not read");
    if (width / 2 >= wantWidth && height / 2 >= wantHeight) {
        const int part = std::min(width / std::max(wantWidth, 1), height / std::max(wantHeight, 1));
        width /= part;
        height /= part;
        config.options.use_scaling = 1;
        config.options.scaled_width = width;
        config.options.scaled_height = height;
    }
    std::vector<uint8_t> rgba(static_cast<size_t>(width) * static_cast<size_t>(height) * 4);
    config.output.colorspace = MODE_RGBA;
    config.output.is_external_memory = 1;
    config.output.u.RGBA.rgba = rgba.data();
    config.output.u.RGBA.stride = width * 4;
    config.output.u.RGBA.size = rgba.size();
    const VP8StatusCode status = WebPDecode(bytes.data(), bytes.size(), &config);
    WebPFreeDecBuffer(&config.output);
    if (status != VP8_STATUS_OK) return broken("the WebP cannot be read");
    return {onWhite(rgba.data(), width, height), Fault::none, {}};
}

int readGif(GifFileType* file, GifByteType* to, int count) {
    auto* rest = static_cast<std::span<const uint8_t>*>(file->UserData);
    const size_t n = std::min(static_cast<size_t>(std::max(count, 0)), rest->size());
    std::memcpy(to, rest->data(), n);
    *rest = rest->subspan(n);
    return static_cast<int>(n);
}

int closeGif(GifFileType* file) {
    return DGifCloseFile(file, nullptr);
}

Decoded decodeGif(std::span<const uint8_t> bytes) {
    int error = 0;
    const std::unique_ptr<GifFileType, int (*)(GifFileType*)> file(
        DGifOpen(&bytes, &readGif, &error), &closeGif);
    if (!file) return broken("the GIF header cannot be read");
    if (tooLarge(static_cast<uint64_t>(file->SWidth), static_cast<uint64_t>(file->SHeight))) {
        return large(static_cast<uint64_t>(file->SWidth), static_cast<uint64_t>(file->SHeight));
    }
    int transparent = -1;
    constexpr int kMaxRecords = 256;
    for (int record = 0; record < kMaxRecords; ++record) {
        GifRecordType type = UNDEFINED_RECORD_TYPE;
        if (DGifGetRecordType(file.get(), &type) == GIF_ERROR) break;
        if (type == EXTENSION_RECORD_TYPE) {
            int code = 0;
            GifByteType* block = nullptr;
            if (DGifGetExtension(file.get(), &code, &block) == GIF_ERROR) break;
            if (code == GRAPHICS_EXT_FUNC_CODE && block != nullptr && block[0] >= 4 &&
                (block[1] & 1) != 0) {
                transparent = block[4];
            }
            while (block != nullptr) {
                if (DGifGetExtensionNext(file.get(), &block) == GIF_ERROR)
                    return broken("the GIF cannot be read");
            }
            continue;
        }
        if (type != IMAGE_DESC_RECORD_TYPE || DGifGetImageDesc(file.get()) == GIF_ERROR) break;
        const GifImageDesc& frame = file->Image;
        const ColorMapObject* colors = frame.ColorMap != nullptr ? frame.ColorMap : file->SColorMap;
        const int width = std::max(file->SWidth, 1);
        const int height = std::max(file->SHeight, 1);
        if (colors == nullptr || frame.Width <= 0 || frame.Height <= 0) break;
        if (tooLarge(static_cast<uint64_t>(frame.Width), static_cast<uint64_t>(frame.Height))) {
            return large(static_cast<uint64_t>(frame.Width), static_cast<uint64_t>(frame.Height));
        }
        Bitmap bitmap(width, height);
        std::fill(bitmap.rgb.begin(), bitmap.rgb.end(), uint8_t{255});
        std::vector<GifPixelType> row(static_cast<size_t>(frame.Width));
        constexpr int kStarts[] = {0, 4, 2, 1};
        constexpr int kSteps[] = {8, 8, 4, 2};
        const int passes = frame.Interlace ? 4 : 1;
        for (int pass = 0; pass < passes; ++pass) {
            const int step = frame.Interlace ? kSteps[pass] : 1;
            for (int y = frame.Interlace ? kStarts[pass] : 0; y < frame.Height; y += step) {
                if (DGifGetLine(file.get(), row.data(), frame.Width) == GIF_ERROR)
                    return broken("the GIF is cut off or damaged");
                const int ty = y + frame.Top;
                if (ty < 0 || ty >= height) continue;
                for (int x = 0; x < frame.Width; ++x) {
                    const int tx = x + frame.Left;
                    const int index = row[static_cast<size_t>(x)];
                    if (tx < 0 || tx >= width || index == transparent ||
                        index >= colors->ColorCount)
                        continue;
                    const GifColorType& color = colors->Colors[index];
                    uint8_t* p = bitmap.at(tx, ty);
                    p[0] = color.Red;
                    p[1] = color.Green;
                    p[2] = color.Blue;
                }
            }
        }
        return {std::move(bitmap), Fault::none, {}};
    }
    return broken("the GIF holds no picture that can be read");
}

}  // namespace

Decoded decodePicture(std::span<const uint8_t> bytes, int wantWidth, int wantHeight) {
    const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                                std::min<size_t>(bytes.size(), 12));
    Decoded decoded;
    if (head.starts_with("\x89PNG")) {
        decoded = decodePng(bytes);
    } else if (head.starts_with("\xff\xd8")) {
        decoded = decodeJpeg(bytes, wantWidth, wantHeight);
    } else if (head.starts_with("RIFF") && head.size() == 12 && head.substr(8) == "WEBP") {
        decoded = decodeWebp(bytes, wantWidth, wantHeight);
    } else if (head.starts_with("GIF8")) {
        decoded = decodeGif(bytes);
    } else {
        return broken("the input picture is neither PNG, JPEG, WebP nor GIF");
    }
    if (decoded.fault == Fault::none && (decoded.bitmap.width < 1 || decoded.bitmap.height < 1)) {
        return broken("the input picture is empty");
    }
    return decoded;
}

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
