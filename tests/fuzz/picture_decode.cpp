// Picture files of all four formats to pixels, to other formats, and to masks.
#include <algorithm>

#include "fuzz.hpp"
#include "imaging/alpha_mask.hpp"
#include "imaging/fitted_mask.hpp"
#include "imaging/pixels.hpp"
#include "picture_size.hpp"
#include "support/image_info.hpp"

using namespace host::imaging;
using fuzz::check;

namespace {

void checkSizes(const Pixels& pixels) {
    const std::uint64_t count = std::uint64_t{pixels.width} * pixels.height;
    check(count > 0 && count <= kMaxPixels, "a decoded picture has a bounded number of pixels");
    check(pixels.rgb.size() == count * 3, "a decoded picture has all its pixels");
}

// Of `whole`, or of what it is made smaller to.
void checkConversions(std::string_view bytes, const Pixels& whole) {
    constexpr std::uint64_t kLongestWebpSide = 16'383;
    for (const char* mime : {"image/jpeg", "image/png", "image/webp", "image/x-portable-pixmap"}) {
        for (const std::uint32_t side : {0U, 24U}) {
            const auto made = convert(std::string(bytes), {{mime}, side, true});
            const bool tooLong =
                side == 0 && std::max(whole.width, whole.height) > kLongestWebpSide;
            check(made.ok() || tooLong, "what can be read can be written in every format");
            if (!made.ok()) continue;
            check(made->mime == mime, "a picture is converted to what was asked for");
            check(side == 0 || std::max(made->width, made->height) <= side, "no side is longer");
            check(side != 0 || (made->width == whole.width && made->height == whole.height),
                  "a picture keeps its size");
            if (mime == kPixmapMime) {
                check(made->bytes == encodePpm(side == 0 ? whole : *decode(bytes, side)),
                      "converting is decoding");
                continue;
            }
            const auto info = host::readImageInfo(made->bytes);
            check(info && host::imageMime(info->format) == mime && info->width == made->width &&
                      info->height == made->height,
                  "a converted picture is what it is said to be");
            check(!made->changed || decode(made->bytes, 8).ok(), "and can be read");
        }
    }
    check(thumbnail(bytes).ok() || std::max(whole.width, whole.height) > kLongestWebpSide,
          "there is a small picture");
}

void checkMasks(std::string_view bytes, const Pixels& whole) {
    const auto mask = maskOfAlpha(bytes);
    check(mask.ok(), "a picture that can be read has a mask or none");
    if (!mask->empty()) {
        const auto pixels = decode(*mask, 0);
        check(pixels.ok() && pixels->width == whole.width && pixels->height == whole.height,
              "a mask has its picture's size");
        check(std::any_of(pixels->rgb.begin(), pixels->rgb.end(), [](auto c) { return c != 0; }),
              "a mask repaints something");
        check(maskOfAlpha(*mask)->empty(), "a mask is opaque");
    }
    const Size size{1 + static_cast<std::uint32_t>(bytes.size()) % 40, 17};
    const auto fitted = fittedMask(bytes, size, false);
    const auto inverted = fittedMask(bytes, size, true);
    check(fitted.ok() && inverted.ok(), "a mask can be fitted");
    const auto one = decode(*fitted, 0);
    const auto other = decode(*inverted, 0);
    check(one.ok() && other.ok() && one->width == size.width && one->height == size.height &&
              one->rgb.size() == other->rgb.size(),
          "a mask fits");
    for (std::size_t i = 0; i < one->rgb.size(); ++i)
        check(one->rgb[i] + other->rgb[i] == 255, "white becomes black and black white");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t kSmall = 24;
    const std::string_view bytes = fuzz::text(data, size);
    if (fuzz::takesLong(bytes, kMaxPixels)) return 0;
    const auto whole = decode(bytes, 0);
    const auto small = decode(bytes, kSmall);
    check(whole.ok() == small.ok(), "a picture can be read at every size or at none");
    if (!whole.ok()) return 0;
    checkSizes(*whole);
    checkSizes(*small);
    check(small->width <= kSmall && small->height <= kSmall, "no side is longer than asked for");

    const auto png = encodePng(*small);
    check(png.ok(), "what was decoded can be encoded");
    const auto again = decode(*png, 0);
    check(again.ok() && again->width == small->width && again->rgb == small->rgb,
          "a PNG keeps every pixel");
    checkConversions(bytes, *whole);
    checkMasks(bytes, *whole);
    return 0;
}
