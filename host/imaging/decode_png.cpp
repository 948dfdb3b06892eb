#include "imaging/decoders.hpp"
#include "imaging/png_source.hpp"

namespace host::imaging {

namespace {

// Adam7 gives every row several times, so the whole picture has to be there.
Result<Pixels> decodeInterlaced(const PngSource& source, spng_format format,
                                std::uint32_t maxSide) {
    std::size_t bytes = 0;
    if (const int error = spng_decoded_image_size(source.context(), format, &bytes); error != 0)
        return pngFault(error);
    std::vector<std::uint8_t> whole(bytes);
    if (const int error =
            spng_decode_image(source.context(), whole.data(), bytes, format, SPNG_DECODE_TRNS);
        error != 0) {
        return pngFault(error);
    }
    const Size size = source.size();
    Shrinker shrinker(size, fitted(size, maxSide));
    const std::size_t stride = bytes / size.height;
    for (std::uint32_t y = 0; y < size.height; ++y) {
        std::uint8_t* row = whole.data() + y * stride;
        if (format == SPNG_FMT_RGBA8) onWhite(row, row, size.width);
        shrinker.push(row);
    }
    return shrinker.take();
}

Result<Pixels> decodeRows(const PngSource& source, spng_format format, std::uint32_t maxSide) {
    if (const int error = spng_decode_image(source.context(), nullptr, 0, format,
                                            SPNG_DECODE_TRNS | SPNG_DECODE_PROGRESSIVE);
        error != 0) {
        return pngFault(error);
    }
    const Size size = source.size();
    Shrinker shrinker(size, fitted(size, maxSide));
    std::vector<std::uint8_t> row(std::size_t{format == SPNG_FMT_RGBA8 ? 4U : 3U} * size.width);
    for (std::uint32_t y = 0; y < size.height; ++y) {
        const int error = spng_decode_row(source.context(), row.data(), row.size());
        if (error != 0 && error != SPNG_EOI) return pngFault(error);
        if (format == SPNG_FMT_RGBA8) onWhite(row.data(), row.data(), size.width);
        shrinker.push(row.data());
    }
    return shrinker.take();
}

}  // namespace

Result<Pixels> decodePng(std::string_view bytes, std::uint32_t maxSide) {
    PngSource source(bytes);
    if (const Status opened = source.open(); !opened) return opened.error();
    const auto decodeAny = source.isInterlaced() ? &decodeInterlaced : &decodeRows;
    return decodeAny(source, source.hasAlpha() ? SPNG_FMT_RGBA8 : SPNG_FMT_RGB8, maxSide);
}

}  // namespace host::imaging
