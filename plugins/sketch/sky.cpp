#include <algorithm>
#include <array>
#include <cmath>

#include "noise.hpp"
#include "places.hpp"

namespace sketch {
namespace {

void drawStars(Stage& stage) {
    Rng rng = stage.rng.fork(11);
    const float limit = stage.horizon();
    const int count = static_cast<int>(420 * stage.light.stars);
    for (int i = 0; i < count; ++i) {
        const float x = rng.unit() * stage.w();
        const float y = rng.unit() * limit;
        const float size = std::pow(rng.unit(), 6.0F);
        const float fade = 1 - 0.75F * y / limit;
        const Rgb tint = mix(Rgb{0.75F, 0.85F, 1}, Rgb{1, 0.92F, 0.8F}, rng.unit());
        stage.canvas.dot(x, y, stage.unit() * (0.0007F + 0.0017F * size), tint,
                         fade * rng.in(0.35F, 0.95F), 0.8F);
        if (size > 0.75F) stage.canvas.glow(x, y, stage.unit() * 0.018F, tint, 0.5F);
    }
}

void drawSunOrMoon(Stage& stage) {
    Canvas& canvas = stage.canvas;
    const Light& light = stage.light;
    const float x = light.sunX * stage.w();
    const float y = light.sunY * stage.h();
    const float unit = stage.unit();
    if (light.moon) {
        const float r = unit * 0.043F;
        canvas.glow(x, y, unit * 0.42F, light.glow, 0.42F);
        canvas.glow(x, y, unit * 0.13F, light.glow, 0.5F);
        canvas.dot(x, y, r, hex(0xf4f2e2), 1, 0.04F);
        Rng rng = stage.rng.fork(12);
        for (int i = 0; i < 7; ++i) {
            const float a = rng.in(0, 6.28F);
            const float d = rng.in(0, 0.65F) * r;
            canvas.dot(x + d * std::cos(a), y + d * std::sin(a), r * rng.in(0.1F, 0.26F),
                       hex(0xd4d2c8), 0.55F, 0.7F);
        }
        return;
    }
    const bool low = stage.scene.time == Time::dawn || stage.scene.time == Time::sunset ||
                     stage.scene.time == Time::dusk;
    canvas.glow(x, y, unit * (low ? 1.05F : 0.75F), light.glow, low ? 0.75F : 0.5F);
    if (!light.sun) return;
    const float r = unit * (low ? 0.062F : 0.046F);
    canvas.glow(x, y, unit * 0.24F, light.glow, 0.8F);
    canvas.dot(x, y, r, low ? hex(0xfff0c0) : hex(0xfffdf0), 1, 0.06F);
}

void drawClouds(Stage& stage) {
    const Weather& weather = stage.scene.weather;
    const float amount = std::max({weather.cloud, weather.storm, weather.rain * 0.8F});
    if (amount < 0.03F) return;
    const Light& light = stage.light;
    const float horizon = stage.horizon();
    const float unit = stage.unit();
    const int cell = std::max(2, static_cast<int>(unit / 300));
    const auto seed = static_cast<uint32_t>(stage.rng.fork(13).next());
    const int rows = static_cast<int>(horizon) + 1;
    // The deck of clouds is a plane above the viewer: it shrinks towards the horizon.
    const auto density = [&](float x, float y) {
        const float d = horizon / (std::max(horizon * 1.12F - y, 1.0F));
        const float u = (x - stage.w() / 2) / unit * (0.75F + 0.42F * d) * 2.1F;
        return fbm(u + 40, d * 2.6F, 5, seed);
    };
    const float level = 0.70F - 0.42F * amount;
    const float soft = 0.13F + 0.12F * weather.storm;
    const Field body(stage.canvas.width(), rows, cell, density);
    const float toSun = light.side * unit * 0.012F;
    const bool low = light.sunY > 0.6F * stage.scene.horizon;
    const Field lit(stage.canvas.width(), rows, cell, [&](float x, float y) {
        return density(x, y) - density(x + toSun, y + (low ? 0.016F : -0.02F) * unit);
    });
    const float bright = luma(light.mid);
    Rgb top = mix(Rgb{1, 1, 1} * std::min(bright * 1.35F + 0.12F, 1.0F), light.glow, 0.4F);
    if (low) top = mix(light.glow, light.low, 0.35F);
    if (weather.storm > 0.3F) top = mix(top, light.mid * 1.25F, 0.75F);
    const Rgb under =
        mix(light.mid, light.top, 0.6F) * (1 - 0.34F * weather.storm - 0.08F * amount);
    for (int y = 0; y < rows && y < stage.canvas.height(); ++y) {
        const float fy = static_cast<float>(y);
        const float nearHorizon = smooth(1.0F, 0.72F, fy / horizon);
        const Rgb far = mix(light.low, light.mid, 0.5F);
        for (int x = 0; x < stage.canvas.width(); ++x) {
            const float fx = static_cast<float>(x);
            const float d = body.at(fx, fy);
            const float cover = smooth(level, level + soft, d);
            if (cover <= 0) continue;
            const float shine = clamp01(0.5F + lit.at(fx, fy) * 5.5F - smooth(level, 1, d) * 0.25F);
            const Rgb color = mix(far, mix(under, top, shine), 0.35F + 0.65F * nearHorizon);
            stage.canvas.blend(x, y, color, cover * (0.5F + 0.45F * nearHorizon));
        }
    }
}

void drawAurora(Stage& stage) {
    Rng rng = stage.rng.fork(14);
    const float horizon = stage.horizon();
    const auto seed = static_cast<uint32_t>(rng.next());
    for (int curtain = 0; curtain < 3; ++curtain) {
        const float base = horizon * rng.in(0.42F, 0.72F);
        const Rgb low =
            stage.accent(static_cast<size_t>(curtain), hex(curtain == 1 ? 0x40e0b0 : 0x58f090));
        const Rgb high = hex(0x8050d0);
        for (int x = 0; x < stage.canvas.width(); ++x) {
            const float u = static_cast<float>(x) / stage.unit();
            const float foot =
                base +
                (fbm(u * 1.4F, static_cast<float>(curtain) * 9, 3, seed) - 0.5F) * horizon * 0.6F;
            const float rays = noise(u * 36, 3, seed + 5) * 0.5F + noise(u * 9, 7, seed + 6) * 0.5F;
            const float tall = horizon * (0.18F + 0.38F * rays);
            const int y0 = static_cast<int>(std::max(foot - tall, 0.0F));
            const int y1 = static_cast<int>(std::min(foot + horizon * 0.03F, horizon));
            for (int y = y0; y < y1; ++y) {
                const float t = (foot - static_cast<float>(y)) / tall;
                const float k = t < 0 ? 1 + t / (horizon * 0.03F / tall) : (1 - t) * (1 - t);
                Rgb& p = stage.canvas.at(x, y);
                p = p + mix(low, high, clamp01(t)) * (clamp01(k) * (0.14F + 0.34F * rays));
            }
        }
    }
}

void drawRainbow(Stage& stage) {
    const float cx = stage.w() * (0.5F - stage.light.side * 0.12F);
    const float cy = stage.horizon() * 1.12F;
    const float radius = stage.unit() * 0.62F;
    const float width = stage.unit() * 0.052F;
    for (int y = 0; y < static_cast<int>(stage.horizon()); ++y) {
        for (int x = 0; x < stage.canvas.width(); ++x) {
            const float d =
                (std::hypot(static_cast<float>(x) - cx, static_cast<float>(y) - cy) - radius) /
                width;
            if (d < -1 || d > 1) continue;
            const float k = (1 - d * d) * 0.34F;
            stage.canvas.blend(x, y, hsv(0.38F - 0.38F * d, 0.75F, 1), k);
        }
    }
}

}  // namespace

void drawSky(Stage& stage) {
    const Light& light = stage.light;
    const float horizon = stage.horizon();
    stage.canvas.vertical(0, horizon * 0.55F, light.top, light.mid);
    stage.canvas.vertical(horizon * 0.55F, horizon, light.mid, light.low);
    stage.canvas.vertical(horizon, stage.h(), light.low, light.low * 0.8F);
    if (light.stars > 0.02F) drawStars(stage);
    if (stage.scene.weather.aurora) drawAurora(stage);
    drawSunOrMoon(stage);
    if (!stage.go()) return;
    drawClouds(stage);
    if (stage.scene.weather.rainbow) drawRainbow(stage);
}

void drawWater(Stage& stage, float top, float rough) {
    Canvas& canvas = stage.canvas;
    const Light& light = stage.light;
    const auto seed = static_cast<uint32_t>(stage.rng.fork(21).next());
    const int first = static_cast<int>(std::clamp(top, 0.0F, stage.h() - 1));
    const float span = std::max(stage.h() - top, 1.0F);
    const Rgb tint = stage.scene.palette.empty()
                         ? hex(0x1c5470)
                         : mix(hex(0x1c5470), stage.accent(1, hex(0x1c5470)), 0.5F);
    const Rgb deep = stage.shade(tint, 0, 0.2F) * (1 - 0.25F * stage.scene.weather.storm);
    const float unit = stage.unit();
    const float sunX = light.sunX * stage.w();
    const bool glitter = light.sun || light.moon;
    for (int y = first; y < canvas.height(); ++y) {
        if ((y & 127) == 0 && !stage.go()) return;
        const float t = (static_cast<float>(y) - top) / span;
        // Waves are flat bands, wider apart towards the viewer.
        const float d = 1 / (0.035F + t);
        const float sway = unit * (0.004F + 0.03F * t) * (0.5F + 1.8F * rough);
        const float lift = unit * (0.004F + 0.07F * t) * (0.12F + rough);
        const float fy = d * 11;
        for (int x = 0; x < canvas.width(); ++x) {
            const float u = (static_cast<float>(x) - stage.w() / 2) / unit * d;
            const float n = noise(u * 0.7F + 300, fy, seed) - 0.5F;
            const float m = noise(u * 2.3F + 100, fy * 2.4F, seed + 9) - 0.5F;
            const float wave = n + 0.6F * m;
            const float mirror = 2 * top - static_cast<float>(y) * 1.0F - lift * (wave + 0.4F);
            const int sx = std::clamp(x + static_cast<int>(sway * wave * 2), 0, canvas.width() - 1);
            const int sy = std::clamp(static_cast<int>(mirror), 0, std::max(first - 1, 0));
            const Rgb seen = canvas.at(sx, sy);
            Rgb color =
                mix(seen, deep,
                    (0.34F + 0.38F * t + 0.12F * rough) * (1 - 0.9F * luma(seen) * luma(seen)));
            color = color * (1 + wave * (0.22F + 0.6F * rough * t));
            if (glitter) {
                const float path =
                    std::fabs(static_cast<float>(x) - sunX) / (unit * (0.05F + 0.2F * t));
                const float spark =
                    smooth(0.12F, 0.42F, wave) * clamp01(1 - path) * (light.sun ? 0.85F : 0.6F);
                color = mix(color, light.glow, spark);
            }
            canvas.at(x, y) = clamp01(color);
        }
    }
    if (rough < 0.35F) return;
    // Crests with foam.
    Rng rng = stage.rng.fork(22);
    const int crests = static_cast<int>(150 * rough);
    for (int i = 0; i < crests; ++i) {
        const float t = std::pow(static_cast<float>(i) / static_cast<float>(crests), 1.6F);
        const float y = top + span * (0.03F + 0.97F * t);
        const float x = rng.in(-0.1F, 1.1F) * stage.w();
        const float wide = unit * (0.02F + 0.24F * t) * rng.in(0.5F, 1.2F);
        const float tall = wide * rng.in(0.12F, 0.26F) * rough;
        Path crest;
        crest.move(x - wide, y).quad(x - wide * 0.2F, y - tall * 1.1F, x + wide * 0.1F, y - tall);
        crest.quad(x + wide * 0.5F, y - tall * 0.3F, x + wide, y);
        crest.quad(x, y - tall * 0.05F, x - wide, y);
        Paint paint = Paint::vertical(mix(deep, light.mid, 0.55F), deep * 0.9F, y - tall, y, 0.55F);
        canvas.fill(crest, paint);
        if (!rng.chance(0.62F)) continue;
        const Rgb foam =
            mix(light.mid, Rgb{0.95F, 0.97F, 1}, 0.62F) * std::min(luma(light.mid) + 0.42F, 1.0F);
        for (int k = 0; k < 14; ++k) {
            const float s = rng.in(-0.55F, 0.5F);
            const float fy = y - tall * (1 - s * s * 1.6F) + rng.in(0, tall * 0.35F);
            canvas.dot(x + s * wide, fy, unit * (0.0012F + 0.006F * t) * rng.in(0.4F, 1.2F), foam,
                       rng.in(0.3F, 0.75F), 0.7F);
        }
    }
}

Path ridgePath(Stage& stage, const std::vector<float>& line, float base, float height,
               float bottom) {
    Path path;
    const float step = (stage.w() + 4) / static_cast<float>(line.size() - 1);
    path.move(-2, bottom);
    for (size_t i = 0; i < line.size(); ++i) {
        path.line(-2 + step * static_cast<float>(i), base - line[i] * height);
    }
    path.line(stage.w() + 2, bottom);
    return path;
}

void drawGrass(Stage& stage, float top, float bottom, Rgb color, int count) {
    Rng rng = stage.rng.fork(31);
    const float span = std::max(bottom - top, 1.0F);
    for (int i = 0; i < count; ++i) {
        if ((i & 255) == 0 && !stage.go()) return;
        const float t = std::pow(static_cast<float>(i) / static_cast<float>(count), 0.8F);
        const float x = rng.unit() * stage.w();
        const float y = top + span * t + rng.in(-2, 2);
        const float tall = stage.unit() * (0.006F + 0.05F * t * t) * rng.in(0.5F, 1.3F);
        const float lean = tall * rng.in(-0.5F, 0.5F);
        const Rgb shade =
            stage.shade(color * rng.in(0.7F, 1.25F), 0.5F * (1 - t), rng.in(0.3F, 0.95F));
        stage.canvas.line({x, y}, {x + lean, y - tall}, stage.unit() * (0.001F + 0.0035F * t), 0.4F,
                          shade, 0.85F);
    }
}

void drawFlowers(Stage& stage, float top, float bottom, int count) {
    Rng rng = stage.rng.fork(32);
    std::array<Rgb, 5> colors = {hex(0xe0342c), hex(0xf6d040), hex(0xf4f0f4), hex(0x8c5cd0),
                                 hex(0xf088b0)};
    size_t kinds = colors.size();
    if (stage.scene.bloom) {
        colors.fill(*stage.scene.bloom);
        colors[1] = mix(*stage.scene.bloom, Rgb{1, 1, 1}, 0.3F);
        colors[3] = *stage.scene.bloom * 0.8F;
    }
    if (stage.scene.palette.size() >= 2 && stage.scene.paletteStrength > 0.1F) {
        for (size_t i = 0; i < 3; ++i)
            colors[i] = stage.scene.palette[i % stage.scene.palette.size()];
        kinds = 4;
    }
    const auto patch = static_cast<uint32_t>(rng.next());
    for (int i = 0; i < count; ++i) {
        if ((i & 127) == 0 && !stage.go()) return;
        const float t = std::pow(static_cast<float>(i) / static_cast<float>(count), 0.75F);
        const float x = rng.unit() * stage.w();
        const float y = top + (bottom - top) * t;
        // Flowers of a kind stand together.
        const float group = noise(x / stage.unit() * 4, t * 4, patch);
        const auto kind =
            std::min(static_cast<size_t>(group * static_cast<float>(kinds)), kinds - 1);
        const Rgb color =
            colors[rng.chance(0.75F) ? kind
                                     : static_cast<size_t>(rng.pick(static_cast<int>(kinds)))];
        const float r = stage.unit() * (0.002F + 0.0125F * t * t) * rng.in(0.7F, 1.3F);
        if (t > 0.45F) {
            stage.canvas.line({x, y + r * 4}, {x, y}, r * 0.25F, r * 0.2F,
                              stage.shade(hex(0x3c6c2c), 0), 0.9F);
            const float turn = rng.in(0, 6.28F);
            for (int petal = 0; petal < 5; ++petal) {
                const float a = turn + static_cast<float>(petal) * 1.2566F;
                stage.canvas.dot(x + std::cos(a) * r * 0.62F, y + std::sin(a) * r * 0.5F, r * 0.56F,
                                 stage.shade(color * rng.in(0.85F, 1.1F), 0, 0.75F), 0.95F, 0.35F);
            }
            stage.canvas.dot(x, y, r * 0.34F, stage.shade(hex(0xf0c040), 0, 0.7F), 1, 0.4F);
        } else {
            stage.canvas.dot(x, y, r * 1.1F, stage.shade(color, 0.35F * (1 - t), 0.75F), 0.95F,
                             0.4F);
        }
    }
}

void drawWeather(Stage& stage) {
    const Weather& weather = stage.scene.weather;
    Canvas& canvas = stage.canvas;
    Rng rng = stage.rng.fork(41);
    const float unit = stage.unit();
    if (weather.fog > 0.05F) {
        const auto seed = static_cast<uint32_t>(rng.next());
        const Field banks(
            canvas.width(), canvas.height(), std::max(3, static_cast<int>(unit / 120)),
            [&](float x, float y) { return fbm(x / unit * 1.6F, y / unit * 5, 4, seed); });
        for (int y = 0; y < canvas.height(); ++y) {
            const float fy = static_cast<float>(y);
            const float height = 1 - std::fabs(fy - stage.horizon()) / (stage.h() * 0.5F);
            for (int x = 0; x < canvas.width(); ++x) {
                const float k = clamp01(height) *
                                smooth(0.25F, 0.75F, banks.at(static_cast<float>(x), fy)) *
                                weather.fog;
                canvas.blend(x, y, stage.light.haze, k * 0.75F);
            }
        }
    }
    if (!stage.go()) return;
    if (weather.rain > 0.05F || weather.storm > 0.6F) {
        const float amount = std::max(weather.rain, weather.storm * 0.45F);
        const float lean = rng.in(0.12F, 0.3F) * stage.light.side * (1 + weather.storm);
        const Rgb color = mix(stage.light.low, Rgb{0.9F, 0.94F, 1}, 0.5F);
        const int drops = static_cast<int>(1500 * amount);
        for (int i = 0; i < drops; ++i) {
            const float near = std::pow(rng.unit(), 2.5F);
            const float length = unit * (0.012F + 0.06F * near);
            const float x = rng.in(-0.1F, 1.1F) * stage.w();
            const float y = rng.in(-0.05F, 1) * stage.h();
            canvas.line({x, y}, {x - lean * length, y + length}, 0.5F,
                        unit * (0.0011F + 0.0024F * near), color, 0.16F + 0.3F * near);
        }
    }
    if (!stage.go()) return;
    if (weather.snow > 0.3F) {
        const int flakes = static_cast<int>(1300 * weather.snow);
        for (int i = 0; i < flakes; ++i) {
            const float near = std::pow(rng.unit(), 5.0F);
            const Rgb color = Rgb{1, 1, 1} * std::min(luma(stage.light.mid) + 0.55F, 1.0F);
            canvas.dot(rng.unit() * stage.w(), rng.unit() * stage.h(),
                       unit * (0.0011F + 0.0065F * near), color, 0.5F + 0.35F * (1 - near), 0.8F);
        }
    }
}

}  // namespace sketch
