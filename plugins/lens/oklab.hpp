#pragma once
// Colours as the eye takes them: OKLab, where equal distances look equally different. Plain values,
// pure functions.

#include <array>
#include <cstdint>

namespace lens {

struct Rgb {
    uint8_t r = 0;
    uint8_t g = 0;
    uint8_t b = 0;
};

/// l: 0 black to 1 white. a: green to red, b: blue to yellow, both about -0.4 to 0.4.
struct Lab {
    float l = 0;
    float a = 0;
    float b = 0;
};

constexpr Lab operator+(Lab x, Lab y) {
    return {x.l + y.l, x.a + y.a, x.b + y.b};
}
constexpr Lab operator-(Lab x, Lab y) {
    return {x.l - y.l, x.a - y.a, x.b - y.b};
}
constexpr Lab operator*(Lab x, float k) {
    return {x.l * k, x.a * k, x.b * k};
}

/// 0xRRGGBB
constexpr Rgb rgbOf(uint32_t hex) {
    return {static_cast<uint8_t>(hex >> 16 & 255U), static_cast<uint8_t>(hex >> 8 & 255U),
            static_cast<uint8_t>(hex & 255U)};
}

/// Linear light, 0..1, of each 8-bit sRGB value.
std::array<float, 256> linearTable();

Lab labOfLinear(float r, float g, float b);
Lab labOf(Rgb color);
Rgb rgbOf(Lab color);

float chroma(Lab color);
/// 0..360: red near 29, yellow 110, green 142, cyan 195, blue 264, magenta 328.
float hue(Lab color);
/// About 0.02 is just seen side by side; black to white is 1.
float difference(Lab x, Lab y);

}  // namespace lens
