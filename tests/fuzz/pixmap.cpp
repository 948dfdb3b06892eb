// Plain pixels as plugins get them.
#include "common/pixmap.hpp"
#include "fuzz.hpp"
#include "imaging/pixels.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto read = pixmap::readPixmap({data, size});
    if (!read) return 0;
    const auto width = static_cast<std::uint32_t>(read->width);
    const auto height = static_cast<std::uint32_t>(read->height);
    check(width > 0 && height > 0, "a picture has pixels");
    check(read->rgb.size() == std::size_t{width} * height * 3, "a picture has all its pixels");
    const std::string bytes = host::imaging::encodePpm({width, height, read->rgb});
    const auto again =
        pixmap::readPixmap({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
    check(again && again->width == read->width && again->rgb == read->rgb,
          "what the host writes is read");
    return 0;
}
