// Picture files of all four formats to pixels.
#include "fuzz.hpp"
#include "imaging/pixels.hpp"
#include "support/image_info.hpp"

using namespace host::imaging;
using fuzz::check;

namespace {

constexpr std::uint64_t kQuick = 1'000'000;  // pixels; larger pictures show nothing more

bool takesLong(std::string_view bytes) {
    const auto info = host::readImageInfo(bytes);
    if (!info) return false;
    const std::uint64_t pixels = std::uint64_t{info->width} * info->height;
    return pixels > kQuick && pixels <= kMaxPixels;
}

void checkSizes(const Pixels& pixels) {
    const std::uint64_t count = std::uint64_t{pixels.width} * pixels.height;
    check(count > 0 && count <= kMaxPixels, "a decoded picture has a bounded number of pixels");
    check(pixels.rgb.size() == count * 3, "a decoded picture has all its pixels");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint32_t kSmall = 24;
    const std::string_view bytes = fuzz::text(data, size);
    if (takesLong(bytes)) return 0;
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
    const auto pixmap = convert(std::string(bytes), {{std::string(kPixmapMime)}, kSmall});
    check(pixmap.ok() && pixmap->bytes == encodePpm(*small), "converting is decoding");
    return 0;
}
