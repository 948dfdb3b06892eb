#include "openai_images/mask.hpp"

#include <spng.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <vector>

#include "ipl/error.hpp"

namespace openai_images {

namespace {

using ipl::Error;
using ipl::Status;
using Context = std::unique_ptr<spng_ctx, decltype(&spng_ctx_free)>;

constexpr std::size_t kChannels = 4;

void check(int code, const char* what) {
    if (code == 0) return;
    if (code == SPNG_EMEM) throw Error(Status::kOutOfMemory, "no memory for the mask");
    throw Error(Status::kImageFormat, std::string(what) + ": " + spng_strerror(code));
}

}  // namespace

std::string transparentWhereWhite(const ipl::ImageInput& mask) {
    const Context from(spng_ctx_new(0), &spng_ctx_free);
    if (!from) throw Error(Status::kOutOfMemory, "no memory for the mask");
    spng_set_crc_action(from.get(), SPNG_CRC_USE, SPNG_CRC_USE);
    check(spng_set_png_buffer(from.get(), mask.bytes.data(), mask.bytes.size()), "the mask");
    spng_ihdr header{};
    check(spng_get_ihdr(from.get(), &header), "the mask is no PNG");
    if (std::uint64_t{header.width} * header.height > kMaxMaskPixels)
        throw Error(Status::kTooLarge, "the mask has too many pixels");
    std::vector<std::uint8_t> pixels(std::size_t{header.width} * header.height * kChannels);
    check(spng_decode_image(from.get(), pixels.data(), pixels.size(), SPNG_FMT_RGBA8,
                            SPNG_DECODE_TRNS),
          "the mask cannot be read");
    for (std::size_t i = 0; i < pixels.size(); i += kChannels) {
        // Masks are grey; where one is not, its brightest channel counts.
        const std::uint8_t white = std::max({pixels[i], pixels[i + 1], pixels[i + 2]});
        pixels[i] = pixels[i + 1] = pixels[i + 2] = 0;
        pixels[i + 3] = static_cast<std::uint8_t>(255 - white);
    }

    const Context to(spng_ctx_new(SPNG_CTX_ENCODER), &spng_ctx_free);
    if (!to) throw Error(Status::kOutOfMemory, "no memory for the mask");
    spng_set_option(to.get(), SPNG_ENCODE_TO_BUFFER, 1);
    spng_ihdr out{};
    out.width = header.width;
    out.height = header.height;
    out.bit_depth = 8;
    out.color_type = SPNG_COLOR_TYPE_TRUECOLOR_ALPHA;
    check(spng_set_ihdr(to.get(), &out), "the mask");
    check(spng_encode_image(to.get(), pixels.data(), pixels.size(), SPNG_FMT_PNG,
                            SPNG_ENCODE_FINALIZE),
          "the mask cannot be written");
    std::size_t size = 0;
    int code = 0;
    const std::unique_ptr<void, decltype(&std::free)> png(
        spng_get_png_buffer(to.get(), &size, &code), &std::free);
    check(code, "the mask cannot be written");
    return {static_cast<const char*>(png.get()), size};
}

}  // namespace openai_images
