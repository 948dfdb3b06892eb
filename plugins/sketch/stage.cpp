#include "stage.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace sketch {
namespace {

struct Sky {
    unsigned top, mid, low, key, ambient, glow;
    float keyLevel, ambientLevel, sunY, stars;
};

// In the order of Time.
constexpr std::array<Sky, 7> kSkies = {{
    {0x5d7fb4, 0xe4b0ac, 0xfddca6, 0xffd0a0, 0x8c94b8, 0xffdca0, 0.62F, 0.52F, 0.80F, 0.05F},
    {0x4488d0, 0x96c6ec, 0xfdecd0, 0xfff0d0, 0xa0b4d0, 0xfff0c8, 0.66F, 0.58F, 0.40F, 0},
    {0x2470c8, 0x62a6e6, 0xd4eaf6, 0xfffaee, 0xb0c0d4, 0xffffee, 0.74F, 0.60F, 0.16F, 0},
    {0x3a7cc2, 0x98c2de, 0xfce2b8, 0xffe8bc, 0xa0aec8, 0xffeabc, 0.68F, 0.54F, 0.46F, 0},
    {0x353a78, 0xd8665a, 0xfebc54, 0xffa860, 0x7a6a94, 0xffc868, 0.62F, 0.44F, 0.84F, 0.05F},
    {0x1a2350, 0x6a4a80, 0xec8e6c, 0xe8907c, 0x5c5c90, 0xff9870, 0.36F, 0.42F, 1.06F, 0.35F},
    {0x070d26, 0x14244c, 0x30507e, 0x9ab4ec, 0x4c60a0, 0xc8d8ff, 0.34F, 0.34F, 0.28F, 1},
}};

}  // namespace

Light makeLight(const Scene& scene, Rng rng) {
    const Sky& sky = kSkies[static_cast<size_t>(scene.time)];
    const Weather& weather = scene.weather;
    Light light;
    light.top = hex(sky.top);
    light.mid = hex(sky.mid);
    light.low = hex(sky.low);
    light.key = hex(sky.key) * sky.keyLevel;
    light.ambient = hex(sky.ambient) * sky.ambientLevel;
    light.glow = hex(sky.glow);
    light.stars = sky.stars;
    // A little of chance, so that no two seeds share their sky.
    const Rgb drift{rng.in(0.95F, 1.05F), rng.in(0.96F, 1.04F), rng.in(0.95F, 1.05F)};
    light.top = light.top * drift;
    light.mid = light.mid * drift;

    const float grey =
        std::max({weather.storm, weather.rain * 0.75F, (weather.cloud - 0.55F) * 1.4F,
                  weather.fog * 0.6F, weather.snow * 0.45F, 0.0F});
    if (grey > 0) {
        const float level = luma(light.mid);
        const float dark = 1 - 0.42F * weather.storm;
        const Rgb cover = Rgb{0.84F, 0.9F, 0.98F} * (level * 0.86F * dark);
        light.top = mix(light.top, cover * 0.62F, grey * 0.85F);
        light.mid = mix(light.mid, cover, grey * 0.72F);
        light.low = mix(light.low, cover * 1.18F, grey * 0.5F);
        light.key = light.key * (1 - 0.55F * grey);
        light.ambient =
            mix(light.ambient, Rgb{0.9F, 0.97F, 1.05F} * luma(light.ambient), grey * 0.7F);
        light.glow = light.glow * (1 - 0.5F * grey);
        light.stars *= 1 - std::min(grey * 1.2F, 1.0F);
    }
    if (scene.gloom > 0) {
        const float k = 1 - 0.28F * scene.gloom;
        light.top = light.top * k;
        light.mid = light.mid * k;
        light.low = light.low * k;
        light.ambient = light.ambient * k;
    }
    light.haze = mix(light.low, light.mid, 0.45F);
    light.density = 0.85F + 3.2F * weather.fog + 0.8F * weather.rain + 1.1F * weather.snow;
    const bool open = grey < 0.55F;
    light.sun = open && scene.time != Time::night && scene.time != Time::dusk;
    light.moon = scene.time == Time::night && grey < 0.75F;
    light.lamps = scene.time == Time::night || scene.time == Time::dusk ||
                  scene.time == Time::sunset || weather.storm > 0.4F || weather.rain > 0.5F ||
                  scene.gloom > 0.6F;
    light.side = rng.chance(0.5F) ? 1.0F : -1.0F;
    light.sunX = scene.layout == Layout::thirds ? 0.5F + light.side * rng.in(0.14F, 0.28F) : 0.5F;
    light.sunY = sky.sunY * scene.horizon;
    return light;
}

Rgb Stage::shade(Rgb color, float depth, float lit) const {
    const Rgb seen = color * (light.ambient + light.key * lit) * 1.12F;
    return clamp01(mix(seen, light.haze, 1 - std::exp(-depth * light.density * 1.15F)));
}

float Stage::ground(float depth) const {
    const float near = h() * 0.965F;
    const float far = horizon();
    return far + (near - far) * std::pow(1 - std::clamp(depth, 0.0F, 1.0F), 1.7F);
}

float Stage::scale(float depth) const {
    return 0.13F + 0.87F * std::pow(1 - std::clamp(depth, 0.0F, 1.0F), 1.35F);
}

Rgb Stage::accent(size_t i, Rgb otherwise) const {
    if (scene.palette.empty() || scene.paletteStrength < 0.3F) return otherwise;
    return scene.palette[i % scene.palette.size()];
}

Pen::Pen(Stage& stage, float x, float y, float size, float depth, bool flip)
    : stage_(stage), x_(x), y_(y), sx_(flip ? -size : size), sy_(size), depth_(depth) {}

void Pen::fill(Path path, Rgb color, float volume) {
    float left = 1e9F;
    float right = -1e9F;
    path.transform([&](Point p) {
        const Point q = map(p.x, p.y);
        left = std::min(left, q.x);
        right = std::max(right, q.x);
        return q;
    });
    const float lit = 0.6F;
    const Rgb bright = stage_.shade(color, depth_, lit + volume * 0.8F);
    const Rgb dark = stage_.shade(color * (1 - volume * 0.45F), depth_, lit - volume * 1.1F);
    Paint paint;
    paint.from = stage_.light.side > 0 ? dark : bright;
    paint.to = stage_.light.side > 0 ? bright : dark;
    paint.a = {left, 0};
    paint.b = {right + 0.01F, 0};
    paint.alpha = alpha_;
    stage_.canvas.fill(path, paint);
}

void Pen::shine(Path path, Rgb color, float alpha) {
    path.transform([&](Point p) { return map(p.x, p.y); });
    const float fade = std::exp(-depth_ * stage_.light.density * 0.5F);
    stage_.canvas.fill(path, mix(stage_.light.haze, color, 0.3F + 0.7F * fade), alpha * alpha_);
}

void Pen::line(const std::vector<Point>& points, float from, float to, Rgb color) {
    const Rgb seen = stage_.shade(color, depth_);
    const size_t n = points.size();
    for (size_t i = 0; i + 1 < n; ++i) {
        const float a = static_cast<float>(i) / static_cast<float>(n - 1);
        const float b = static_cast<float>(i + 1) / static_cast<float>(n - 1);
        stage_.canvas.line(map(points[i].x, points[i].y), map(points[i + 1].x, points[i + 1].y),
                           mix(from, to, a) * size(), mix(from, to, b) * size(), seen, alpha_);
    }
}

void Pen::glow(float x, float y, float radius, Rgb color, float strength) {
    const Point p = map(x, y);
    stage_.canvas.glow(p.x, p.y, radius * size(), color, strength * alpha_);
}

void Pen::dot(float x, float y, float radius, Rgb color, float alpha, float softness) {
    const Point p = map(x, y);
    stage_.canvas.dot(p.x, p.y, radius * size(), color, alpha * alpha_, softness);
}

Pen Pen::mirrored() const {
    Pen pen = *this;
    pen.sy_ = -sy_ * 0.75F;
    pen.alpha_ = 0.32F * alpha_;
    return pen;
}

}  // namespace sketch
