#include "common/png.hpp"

#include <spng.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "ipl/error.hpp"

namespace pictures {

namespace {

using ipl::Error;
using ipl::Status;
using Context = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

constexpr std::size_t kChannels = 4;

[[noreturn]] void noMemory(const std::string& what) {
    throw Error(Status::kOutOfMemory, what + ": no memory for it");
}

void check(int code, const std::string& what) {
    if (code == 0) return;
    if (code == SPNG_EMEM) noMemory(what);
    throw Error(Status::kImageFormat, what + ": " + spng_strerror(code));
}

}  // namespace

Pixels readPng(ipl::Bytes png, std::uint64_t maxPixels, const std::string& what) {
    const Context from(spng_ctx_new(0), &spng_ctx_free);
    if (!from) noMemory(what);
    spng_set_crc_action(from.get(), SPNG_CRC_USE, SPNG_CRC_USE);
    // No chunk is larger than its file, whatever it says; texts may unpack to some more.
    constexpr std::size_t kLargestChunk = 0x7fffffff;
    constexpr std::size_t kUnpackedTexts = 16U << 20;
    check(spng_set_chunk_limits(from.get(), std::min(png.size(), kLargestChunk),
                                png.size() + kUnpackedTexts),
          what);
    check(spng_set_png_buffer(from.get(), png.data(), png.size()), what);
    spng_ihdr header{};
    check(spng_get_ihdr(from.get(), &header), what + " is no PNG");
    if (std::uint64_t{header.width} * header.height > maxPixels)
        throw Error(Status::kTooLarge, what + " has too many pixels");
    Pixels pixels{header.width, header.height, {}};
    pixels.rgba.resize(std::size_t{header.width} * header.height * kChannels);
    check(spng_decode_image(from.get(), pixels.rgba.data(), pixels.rgba.size(), SPNG_FMT_RGBA8,
                            SPNG_DECODE_TRNS),
          what + " cannot be read");
    return pixels;
}

std::string writePng(const Pixels& pixels, const std::string& what) {
    const Context to(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
    if (!to) noMemory(what);
    spng_set_option(to.get(), SPNG_ENCODE_TO_BUFFER, 1);
    spng_ihdr header{};
    header.width = pixels.width;
    header.height = pixels.height;
    header.bit_depth = 8;
    header.color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    check(spng_set_ihdr(to.get(), &header), what);
    check(spng_encode_image(to.get(), pixels.rgba.data(), pixels.rgba.size(), SPNG_FMT_PNG,
                            SPNG_ENCODE_FINALIZE),
          what + " cannot be written");
    std::size_t size = 0;
    int code = 0;
    const std::unique_ptr<void, decltype(&std::free)> png(
        spng_get_png_buffer(to.get(), &size, &code), &std::free);
    check(code, what + " cannot be written");
    return {static_cast<const char*>(png.get()), size};
}

}  // namespace pictures
