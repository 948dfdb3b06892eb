#include "oklab.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace lens {
namespace {

float toLinear(float v) {
    return v <= 0.04045F ? v / 12.92F : std::pow((v + 0.055F) / 1.055F, 2.4F);
}

uint8_t toByte(float linear) {
    const float v = std::clamp(linear, 0.0F, 1.0F);
    const float encoded = v <= 0.0031308F ? v * 12.92F : 1.055F * std::pow(v, 1.0F / 2.4F) - 0.055F;
    return static_cast<uint8_t>(std::lround(encoded * 255.0F));
}

}  // namespace

std::array<float, 256> linearTable() {
    std::array<float, 256> table{};
    for (size_t i = 0; i < table.size(); ++i)
        table[i] = toLinear(static_cast<float>(i) / 255.0F);
    return table;
}

Lab labOfLinear(float r, float g, float b) {
    const float l = std::cbrt(0.4122214708F * r + 0.5363325363F * g + 0.0514459929F * b);
    const float m = std::cbrt(0.2119034982F * r + 0.6806995451F * g + 0.1073969566F * b);
    const float s = std::cbrt(0.0883024619F * r + 0.2817188376F * g + 0.6299787005F * b);
    return {0.2104542553F * l + 0.7936177850F * m - 0.0040720468F * s,
            1.9779984951F * l - 2.4285922050F * m + 0.4505937099F * s,
            0.0259040371F * l + 0.7827717662F * m - 0.8086757660F * s};
}

Lab labOf(Rgb color) {
    const auto part = [](uint8_t v) { return toLinear(static_cast<float>(v) / 255.0F); };
    return labOfLinear(part(color.r), part(color.g), part(color.b));
}

Rgb rgbOf(Lab color) {
    const auto cube = [](float v) { return v * v * v; };
    const float l = cube(color.l + 0.3963377774F * color.a + 0.2158037573F * color.b);
    const float m = cube(color.l - 0.1055613458F * color.a - 0.0638541728F * color.b);
    const float s = cube(color.l - 0.0894841775F * color.a - 1.2914855480F * color.b);
    return {toByte(4.0767416621F * l - 3.3077115913F * m + 0.2309699292F * s),
            toByte(-1.2684380046F * l + 2.6097574011F * m - 0.3413193965F * s),
            toByte(-0.0041960863F * l - 0.7034186147F * m + 1.7076147010F * s)};
}

float chroma(Lab color) {
    return std::hypot(color.a, color.b);
}

float hue(Lab color) {
    const float degrees = std::atan2(color.b, color.a) * 180.0F / std::numbers::pi_v<float>;
    return degrees < 0 ? degrees + 360.0F : degrees;
}

float difference(Lab x, Lab y) {
    // The eye tells hues apart better than the plain distance says.
    const Lab d = x - y;
    return std::sqrt(d.l * d.l + 4 * (d.a * d.a + d.b * d.b));
}

}  // namespace lens
