#pragma once
// Colours as three floats, 0..1, and what can be read from words such as "teal" or "#20b2aa".
// Plain values, no state.

#include <algorithm>
#include <cmath>
#include <optional>
#include <string_view>

namespace sketch {

struct Rgb {
    float r = 0;
    float g = 0;
    float b = 0;
};

constexpr Rgb operator+(Rgb a, Rgb b) {
    return {a.r + b.r, a.g + b.g, a.b + b.b};
}
constexpr Rgb operator-(Rgb a, Rgb b) {
    return {a.r - b.r, a.g - b.g, a.b - b.b};
}
constexpr Rgb operator*(Rgb a, Rgb b) {
    return {a.r * b.r, a.g * b.g, a.b * b.b};
}
constexpr Rgb operator*(Rgb a, float k) {
    return {a.r * k, a.g * k, a.b * k};
}

constexpr float mix(float a, float b, float t) {
    return a + (b - a) * t;
}
constexpr Rgb mix(Rgb a, Rgb b, float t) {
    return a + (b - a) * t;
}
constexpr float clamp01(float x) {
    return x < 0 ? 0 : (x > 1 ? 1 : x);
}
constexpr Rgb clamp01(Rgb c) {
    return {clamp01(c.r), clamp01(c.g), clamp01(c.b)};
}
constexpr float smooth(float low, float high, float x) {
    const float t = clamp01((x - low) / (high - low));
    return t * t * (3 - 2 * t);
}
constexpr float luma(Rgb c) {
    return 0.299F * c.r + 0.587F * c.g + 0.114F * c.b;
}
/// 0xRRGGBB
constexpr Rgb hex(unsigned value) {
    return {static_cast<float>(value >> 16 & 255U) / 255.0F,
            static_cast<float>(value >> 8 & 255U) / 255.0F,
            static_cast<float>(value & 255U) / 255.0F};
}
constexpr Rgb saturate(Rgb c, float k) {
    const float l = luma(c);
    return {l + (c.r - l) * k, l + (c.g - l) * k, l + (c.b - l) * k};
}

/// hue in turns, the others 0..1
Rgb hsv(float hue, float saturation, float value);

/// A colour's name in lower case, or #rgb / #rrggbb.
std::optional<Rgb> colorNamed(std::string_view word);

}  // namespace sketch
