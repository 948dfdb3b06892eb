#include "plugins/picture_size.hpp"

#include <cmath>

namespace host::plugins {

double distance(PictureSize a, PictureSize b) {
    constexpr double kRatio = 8;
    const double width = std::log(static_cast<double>(a.width) / b.width);
    const double height = std::log(static_cast<double>(a.height) / b.height);
    return std::hypot(width + height, kRatio * (width - height));
}

}  // namespace host::plugins
