#include "imaging/alpha_mask.hpp"

#include <algorithm>
#include <vector>

#include "imaging/pixels.hpp"
#include "imaging/png_source.hpp"
#include "support/image_info.hpp"
#include "support/sync.hpp"

namespace host::imaging {

namespace {

Mutex onlyMask;

}  // namespace

Result<std::string> maskOfAlpha(std::string_view bytes) {
    const auto info = readImageInfo(bytes);
    if (!info || info->format != ImageFormat::Png) return std::string();
    PngSource source(bytes);
    if (const Status opened = source.open(); !opened) return opened.error();
    if (!source.hasAlpha()) return std::string();
    const MutexLock lock(onlyMask);
    std::size_t size = 0;
    if (const int error = spng_decoded_image_size(source.context(), SPNG_FMT_RGBA8, &size);
        error != 0) {
        return pngFault(error);
    }
    std::vector<std::uint8_t> rgba(size);
    if (const int error = spng_decode_image(source.context(), rgba.data(), rgba.size(),
                                            SPNG_FMT_RGBA8, SPNG_DECODE_TRNS);
        error != 0) {
        return pngFault(error);
    }
    Pixels mask{source.size().width, source.size().height, {}};
    std::uint8_t darkest = 255;
    // In place: three bytes of the mask for four of the picture.
    for (std::size_t pixel = 0; pixel < size / 4; ++pixel) {
        const std::uint8_t alpha = rgba[pixel * 4 + 3];
        darkest = std::min(darkest, alpha);
        std::fill_n(rgba.begin() + static_cast<std::ptrdiff_t>(pixel * 3), 3,
                    static_cast<std::uint8_t>(255 - alpha));
    }
    if (darkest == 255) return std::string();
    rgba.resize(size / 4 * 3);
    mask.rgb = std::move(rgba);
    return encodePng(mask);
}

}  // namespace host::imaging
