#include "services/calls/nearest_size.hpp"

#include <cmath>
#include <functional>
#include <limits>

namespace host::services {

namespace {

double logRatio(double a, double b) {
    return std::log(a / b);
}

NamedSize least(std::string_view onlySize,
                const std::function<double(const pipeline::PixelSize&)>& distance) {
    NamedSize best;
    double leastYet = std::numeric_limits<double>::max();
    for (const std::string_view size : pipeline::sizeNames()) {
        if (!onlySize.empty() && size != onlySize) continue;
        for (const std::string_view orientation : pipeline::orientationNames()) {
            const auto pixels = pipeline::pixelSize(size, orientation);
            if (!pixels) continue;
            const double off = distance(*pixels);
            if (off >= leastYet) continue;
            leastYet = off;
            best = {std::string(size), std::string(orientation), *pixels};
        }
    }
    return best;
}

}  // namespace

NamedSize nearestSize(std::uint32_t width, std::uint32_t height) {
    return least("", [&](const pipeline::PixelSize& pixels) {
        return std::abs(logRatio(pixels.width, width)) + std::abs(logRatio(pixels.height, height));
    });
}

NamedSize nearestShape(std::uint32_t width, std::uint32_t height, std::string_view size) {
    const double wanted = logRatio(width, height);
    return least(size, [&](const pipeline::PixelSize& pixels) {
        return std::abs(logRatio(pixels.width, pixels.height) - wanted);
    });
}

}  // namespace host::services
