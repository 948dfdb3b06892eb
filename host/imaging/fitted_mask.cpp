#include "imaging/fitted_mask.hpp"

#include <algorithm>
#include <vector>

#include "imaging/pixels.hpp"
#include "support/sync.hpp"

namespace host::imaging {

namespace {

Mutex onlyMask;

Pixels shrunk(Pixels from, Size to) {
    if (from.width == to.width && from.height == to.height) return from;
    Shrinker shrinker({from.width, from.height}, to);
    for (std::size_t row = 0; row < from.height; ++row)
        shrinker.push(from.rgb.data() + row * from.width * 3);
    return shrinker.take();
}

// Where the centre of a new pixel lies among the old ones: between `first` and `second`.
struct Between {
    std::size_t first = 0;
    std::size_t second = 0;
    float share = 0;  // of the second
};

std::vector<Between> places(std::uint32_t from, std::uint32_t to) {
    std::vector<Between> all(to);
    const double ratio = static_cast<double>(from) / to;
    for (std::uint32_t i = 0; i < to; ++i) {
        const double at = std::clamp((i + 0.5) * ratio - 0.5, 0.0, from - 1.0);
        const auto first = static_cast<std::size_t>(at);
        all[i] = {first, std::min<std::size_t>(first + 1, from - 1),
                  static_cast<float>(at - static_cast<double>(first))};
    }
    return all;
}

Pixels enlarged(Pixels from, Size to) {
    if (from.width == to.width && from.height == to.height) return from;
    Pixels made{to.width, to.height,
                std::vector<std::uint8_t>(std::size_t{3} * to.width * to.height)};
    const std::vector<Between> columns = places(from.width, to.width);
    const std::vector<Between> rows = places(from.height, to.height);
    const std::size_t stride = std::size_t{3} * from.width;
    std::uint8_t* out = made.rgb.data();
    for (const Between& row : rows) {
        const std::uint8_t* upper = from.rgb.data() + row.first * stride;
        const std::uint8_t* lower = from.rgb.data() + row.second * stride;
        for (const Between& column : columns) {
            for (std::size_t c = 0; c < 3; ++c) {
                const auto across = [&](const std::uint8_t* line) {
                    const float left = line[column.first * 3 + c];
                    return left + (line[column.second * 3 + c] - left) * column.share;
                };
                const float top = across(upper);
                *out++ = static_cast<std::uint8_t>(top + (across(lower) - top) * row.share + 0.5F);
            }
        }
    }
    return made;
}

}  // namespace

Result<std::string> fittedMask(std::string_view bytes, Size size, bool inverted) {
    if (size.width == 0 || size.height == 0) {
        return Error{ErrorCode::InvalidImageFormat,
                     "The mask cannot be made to fit: its picture does not tell its size."};
    }
    const MutexLock lock(onlyMask);
    auto pixels = decode(bytes, 0);
    if (!pixels) return pixels.error();
    // Each side for itself: one may shrink while the other grows.
    const Size smaller{std::min(pixels->width, size.width), std::min(pixels->height, size.height)};
    Pixels fitted = enlarged(shrunk(std::move(*pixels), smaller), size);
    if (inverted) {
        for (std::uint8_t& value : fitted.rgb)
            value = static_cast<std::uint8_t>(255 - value);
    }
    return encodePng(fitted);
}

}  // namespace host::imaging
