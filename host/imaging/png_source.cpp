#include "imaging/png_source.hpp"

#include <algorithm>
#include <cstring>

#include "imaging/containers.hpp"
#include "imaging/decoders.hpp"

namespace host::imaging {

Error pngFault(int error) {
    return brokenPicture("PNG", spng_strerror(error));
}

PngSource::PngSource(std::string_view png)
    : piece_(png.substr(0, kPngSignature)),
      rest_(png.substr(piece_.size())),
      context_(spng_ctx_new(0), &spng_ctx_free) {}

int PngSource::read(spng_ctx* /*context*/, void* self, void* to, std::size_t count) {
    return static_cast<PngSource*>(self)->fill(static_cast<char*>(to), count);
}

int PngSource::fill(char* to, std::size_t count) {
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

bool PngSource::next() {
    Chunk chunk;
    while (nextPngChunk(rest_, chunk)) {
        const bool optional = (chunk.type[0] & 0x20) != 0;
        if (optional && chunk.type != "tRNS") continue;
        piece_ = chunk.whole;
        return true;
    }
    return false;
}

Status PngSource::open() {
    if (!context_) return Error{ErrorCode::Internal, "There is no memory to read the PNG."};
    if (const int error = spng_set_png_stream(context_.get(), &PngSource::read, this); error != 0)
        return pngFault(error);
    spng_ihdr header{};
    if (const int error = spng_get_ihdr(context_.get(), &header); error != 0)
        return pngFault(error);
    if (isTooLarge(header.width, header.height)) return tooManyPixels(header.width, header.height);
    size_ = {header.width, header.height};
    interlaced_ = header.interlace_method != SPNG_INTERLACE_NONE;
    spng_trns transparent{};
    alpha_ = header.color_type == SPNG_COLOR_TYPE_GRAYSCALE_ALPHA ||
             header.color_type == SPNG_COLOR_TYPE_TRUECOLOR_ALPHA ||
             spng_get_trns(context_.get(), &transparent) == 0;
    return Unit{};
}

}  // namespace host::imaging
