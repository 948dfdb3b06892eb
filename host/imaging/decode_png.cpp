#include <spng.h>

#include <cstring>
#include <memory>

#include "imaging/containers.hpp"
#include "imaging/decoders.hpp"

namespace host::imaging {

namespace {

// Gives the library a PNG without what is not needed for its pixels: text, profiles and unknown
// chunks of any size cost nothing then, and bounds for them cannot refuse a good picture.
class PixelChunks {
  public:
    explicit PixelChunks(std::string_view png)
        : piece_(png.substr(0, kPngSignature)), rest_(png.substr(piece_.size())) {}

    static int read(spng_ctx* /*context*/, void* self, void* to, std::size_t count) {
        return static_cast<PixelChunks*>(self)->fill(static_cast<char*>(to), count);
    }

  private:
    int fill(char* to, std::size_t count) {
        while (count > 0) {
            if (piece_.empty() && !next()) return SPNG_IO_EOF;
            const std::size_t n = std::min(count, piece_.size());
            std::memcpy(to, piece_.data(), n);
            piece_.remove_prefix(n);
            to += n;
            count -= n;
        }
        return 0;
    }
    bool next() {
        Chunk chunk;
        while (nextPngChunk(rest_, chunk)) {
            const bool optional = (chunk.type[0] & 0x20) != 0;
            if (optional && chunk.type != "tRNS") continue;
            piece_ = chunk.whole;
            return true;
        }
        return false;
    }

    std::string_view piece_;
    std::string_view rest_;
};

Error fault(int error) {
    return brokenPicture("PNG", spng_strerror(error));
}

// Adam7 gives every row several times, so the whole picture has to be there.
Result<Pixels> decodeInterlaced(spng_ctx* context, spng_format format, Size size,
                                std::uint32_t maxSide) {
    std::size_t bytes = 0;
    if (const int error = spng_decoded_image_size(context, format, &bytes); error != 0)
        return fault(error);
    std::vector<std::uint8_t> whole(bytes);
    if (const int error = spng_decode_image(context, whole.data(), bytes, format, SPNG_DECODE_TRNS);
        error != 0) {
        return fault(error);
    }
    Shrinker shrinker(size, fitted(size, maxSide));
    const std::size_t stride = bytes / size.height;
    for (std::uint32_t y = 0; y < size.height; ++y) {
        std::uint8_t* row = whole.data() + y * stride;
        if (format == SPNG_FMT_RGBA8) onWhite(row, row, size.width);
        shrinker.push(row);
    }
    return shrinker.take();
}

Result<Pixels> decodeRows(spng_ctx* context, spng_format format, Size size, std::uint32_t maxSide) {
    if (const int error = spng_decode_image(context, nullptr, 0, format,
                                            SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE);
        error != 0) {
        return fault(error);
    }
    Shrinker shrinker(size, fitted(size, maxSide));
    std::vector<std::uint8_t> row(std::size_t{format == SPNG_FMT_RGBA8 ? 4U : 3U} * size.width);
    for (std::uint32_t y = 0; y < size.height; ++y) {
        const int error = spng_decode_row(context, row.data(), row.size());
        if (error != 0 && error != SPNG_EOI) return fault(error);
        if (format == SPNG_FMT_RGBA8) onWhite(row.data(), row.data(), size.width);
        shrinker.push(row.data());
    }
    return shrinker.take();
}

}  // namespace

Result<Pixels> decodePng(std::string_view bytes, std::uint32_t maxSide) {
    const std::unique_ptr<spng_ctx, void (*)(spng_ctx*)> context(spng_ctx_new(0), &spng_ctx_free);
    if (!context) return Error{ErrorCode::Internal, "There is no memory to read the PNG."};
    PixelChunks chunks(bytes);
    if (const int error = spng_set_png_stream(context.get(), &PixelChunks::read, &chunks);
        error != 0) {
        return fault(error);
    }
    spng_ihdr header{};
    if (const int error = spng_get_ihdr(context.get(), &header); error != 0) return fault(error);
    if (isTooLarge(header.width, header.height)) return tooManyPixels(header.width, header.height);
    spng_trns transparent{};
    const bool alpha = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
                       header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
                       spng_get_trns(context.get(), &transparent) == 0;
    const auto decodeAny =
        header.interlace_method == SPNG_INTERLACE_NONE ? &decodeRows : &decodeInterlaced;
    return decodeAny(context.get(), alpha ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8,
                     {header.width, header.height}, maxSide);
}

}  // namespace host::imaging
