// Places without ground: space, the deep sea, and pure shapes.
#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"
#include "places.hpp"

namespace sketch {

void drawSpace(Stage& stage) {
    Rng rng = stage.rng.fork(101);
    Canvas& canvas = stage.canvas;
    const float unit = stage.unit();
    const float w = stage.w();
    const float h = stage.h();
    const auto seed = static_cast<uint32_t>(rng.next());
    const float hue = rng.unit();
    const Rgb first = stage.accent(0, hsv(hue, 0.7F, 0.75F));
    const Rgb second = stage.accent(1, hsv(hue + rng.in(0.12F, 0.4F), 0.75F, 0.85F));
    const int cell = std::max(2, static_cast<int>(unit / 320));
    const Field gas(canvas.width(), canvas.height(), cell, [&](float x, float y) {
        const float u = x / unit * 1.7F;
        const float v = y / unit * 1.7F;
        const float warp = fbm(u + 9, v + 2, 3, seed + 3) * 1.6F;
        return fbm(u + warp, v - warp * 0.7F, 5, seed);
    });
    const Field tone(canvas.width(), canvas.height(), cell * 2, [&](float x, float y) {
        return fbm(x / unit * 1.1F + 30, y / unit * 1.1F, 3, seed + 7);
    });
    const float lean = rng.in(-0.5F, 0.5F);
    for (int y = 0; y < canvas.height(); ++y) {
        if ((y & 127) == 0 && !stage.go()) return;
        for (int x = 0; x < canvas.width(); ++x) {
            const float fx = static_cast<float>(x);
            const float fy = static_cast<float>(y);
            // The gas gathers in a band across the picture.
            const float off = std::fabs((fy - h * 0.5F) / h - lean * (fx - w / 2) / w) * 1.5F;
            const float g = gas.at(fx, fy);
            const float density = smooth(0.36F, 0.85F, g * (1.25F - 0.6F * off));
            Rgb color = mix(hex(0x05060f), hex(0x0e1230), clamp01(1 - off));
            color = color +
                    mix(first, second, smooth(0.35F, 0.65F, tone.at(fx, fy))) * (density * 0.62F);
            color = color + Rgb{1, 0.9F, 0.85F} * (density * density * density * 0.22F);
            color = color * (1 - 0.55F * smooth(0.52F, 0.66F, tone.at(w - fx, fy)) * density);
            canvas.at(x, y) = clamp01(color);
        }
    }
    for (int i = 0; i < 900; ++i) {
        const float size = std::pow(rng.unit(), 14.0F);
        const float x = rng.unit() * w;
        const float y = rng.unit() * h;
        const Rgb tint = mix(hex(0xbcd4ff), hex(0xffe0b8), rng.unit());
        canvas.dot(x, y, unit * (0.0006F + 0.003F * size), tint, rng.in(0.3F, 1), 0.8F);
        if (size > 0.5F) {
            canvas.glow(x, y, unit * 0.022F * size, tint, 0.45F);
            for (const float a : {0.0F, 1.5708F}) {
                const float r = unit * 0.024F * size;
                canvas.line({x - std::cos(a) * r, y - std::sin(a) * r},
                            {x + std::cos(a) * r, y + std::sin(a) * r}, 0.7F, 0.7F, tint, 0.5F);
            }
        }
    }
    if (!stage.go()) return;
    stage.light.density = 0.02F;
    stage.light.ambient = hex(0x40486c) * 0.6F;
    stage.light.key = hex(0xfff4e4) * 0.85F;
    const Subject* given = nullptr;
    for (const Subject& subject : stage.scene.subjects) {
        if (subject.kind == Kind::planet && given == nullptr) given = &subject;
    }
    const float px = given != nullptr ? given->x : 0.5F - stage.light.side * 0.16F;
    const Rgb color = given != nullptr && given->color
                          ? *given->color
                          : stage.accent(2, hsv(hue + rng.in(0.3F, 0.7F), 0.5F, 0.85F));
    const float radius =
        unit * rng.in(0.22F, 0.29F) * (given != nullptr ? std::min(given->size, 1.5F) : 1.0F);
    drawPlanet(stage, w * px, h * rng.in(0.48F, 0.58F), radius, color, rng.chance(0.55F),
               rng.fork(2));
    if (!stage.go()) return;
    for (int i = 0; i < 2; ++i) {
        drawPlanet(stage, w * (0.5F + stage.light.side * rng.in(0.12F, 0.4F)),
                   h * rng.in(0.12F, 0.8F), unit * rng.in(0.03F, 0.075F),
                   hsv(rng.unit(), 0.3F, 0.75F), false, rng.fork(static_cast<uint64_t>(i) + 3));
    }
    for (const Subject& subject : stage.scene.subjects) {
        if (&subject == given || subject.kind == Kind::none) continue;
        const float size =
            std::max(naturalSize(subject.kind), 0.3F) * unit * std::min(subject.size, 1.6F) * 0.9F;
        Pen pen(stage, subject.x * w, h * 0.62F + size * 0.4F, size, 0.05F, subject.x > 0.5F);
        if (subject.kind == Kind::planet) {
            drawPlanet(stage, subject.x * w, h * rng.in(0.2F, 0.8F), size * 0.25F,
                       hsv(rng.unit(), 0.5F, 0.8F), rng.chance(0.3F), rng.fork(9));
        } else {
            drawFigure(pen, subject, rng.fork(11));
        }
    }
}

void drawUnderwater(Stage& stage) {
    Rng rng = stage.rng.fork(102);
    Canvas& canvas = stage.canvas;
    const float unit = stage.unit();
    const float w = stage.w();
    const float h = stage.h();
    const bool night = stage.scene.time == Time::night;
    const float level = night ? 0.4F : 1.0F;
    const Rgb top = stage.accent(0, hex(0x64d4dc)) * level;
    const Rgb mid = mix(stage.accent(0, hex(0x1c88b4)), hex(0x1878a8), 0.5F) * level;
    const Rgb deep = hex(0x0a2c58) * level;
    canvas.vertical(0, h * 0.45F, top, mid);
    canvas.vertical(h * 0.45F, h, mid, deep);
    stage.light.haze = mix(mid, deep, 0.35F);
    stage.light.density = 1.5F;
    stage.light.ambient = hex(0x78b0cc) * (0.66F * level);
    stage.light.key = hex(0xe8ffff) * (0.5F * level);
    stage.light.lamps = night;
    // Light falling in from above.
    for (int i = 0; i < 12; ++i) {
        const float x = rng.in(0, 1) * w;
        const float wide = unit * rng.in(0.02F, 0.09F);
        const float lean = (x - w / 2) * 0.5F;
        const float foot = h * rng.in(0.55F, 0.95F);
        for (int k = 1; k <= 4; ++k) {
            const float y = foot * static_cast<float>(k) / 4;
            const float s = static_cast<float>(k) / 4;
            canvas.fill(Path()
                            .move(x, 0)
                            .line(x + wide * 0.5F, 0)
                            .line(x + lean * s + wide * (0.5F + s), y)
                            .line(x + lean * s - wide * 0.5F * s, y),
                        Rgb{0.85F, 1, 1}, 0.032F * level);
        }
    }
    if (!stage.go()) return;
    const std::array<Rgb, 6> corals = {hex(0xf0604c), hex(0xf49a3c), hex(0xe4508c),
                                       hex(0xa860c8), hex(0xf4d05c), hex(0x54c898)};
    for (int row = 0; row < 4; ++row) {
        const float t = static_cast<float>(row) / 3;
        const float depth = 0.75F * (1 - t);
        const float base = mix(h * 0.7F, h * 0.95F, t);
        const Rgb sand = mix(hex(0x8c8468), hex(0xd0b888), t);
        canvas.fill(
            ridgePath(stage, ridge(44, 0.42F, rng), base, unit * mix(0.2F, 0.06F, t), h + 2),
            Paint::vertical(stage.shade(sand, depth, 0.8F), stage.shade(sand * 0.55F, depth, 0.2F),
                            base - unit * 0.12F, base + unit * 0.2F));
        const int count = 9 + row;
        for (int i = 0; i < count; ++i) {
            if (!stage.go()) return;
            const float x = (static_cast<float>(i) + rng.in(0, 1)) / static_cast<float>(count) * w;
            const float size = unit * mix(0.09F, 0.25F, t) * rng.in(0.6F, 1.25F);
            const Rgb color = stage.scene.paletteStrength > 0.3F && rng.chance(0.6F)
                                  ? stage.accent(static_cast<size_t>(rng.pick(5)), hex(0xf0604c))
                                  : corals[static_cast<size_t>(rng.pick(6))];
            Pen pen(stage, x, base + unit * 0.02F, size, depth);
            const int form = rng.pick(4);
            if (form == 0) {
                // Branching coral.
                for (int k = 0; k < 7; ++k) {
                    const float a = -1.15F + 2.3F * static_cast<float>(k) / 6;
                    const Point elbow{std::sin(a) * 0.3F, -0.4F};
                    const Point tip{std::sin(a) * 0.62F, -0.62F - 0.34F * std::cos(a)};
                    pen.line(smoothLine({{0, 0}, elbow, tip}, 4), 0.13F, 0.06F,
                             color * rng.in(0.85F, 1.1F));
                    pen.line({elbow, {elbow.x + rng.in(-0.16F, 0.16F), elbow.y - 0.26F}}, 0.07F,
                             0.045F, color);
                }
            } else if (form == 1) {
                for (int k = 0; k < 9; ++k) {
                    pen.dot(rng.in(-0.4F, 0.4F), rng.in(-0.42F, 0), rng.in(0.12F, 0.24F),
                            stage.shade(color * rng.in(0.75F, 1.15F), depth, rng.in(0.2F, 0.9F)), 1,
                            0.25F);
                }
            } else if (form == 2) {
                // Weed, swaying.
                for (int k = 0; k < 6; ++k) {
                    const float x0 = rng.in(-0.25F, 0.25F);
                    const float sway = rng.in(0.08F, 0.18F);
                    const float tall = rng.in(0.8F, 1.6F);
                    pen.fill(Path().band(smoothLine({{x0, 0},
                                                     {x0 + sway, -tall * 0.33F},
                                                     {x0 - sway, -tall * 0.66F},
                                                     {x0 + sway * 0.5F, -tall}}),
                                         0.09F, 0.015F),
                             mix(hex(0x2f8c5c), hex(0x88a83c), rng.unit()), 0.4F);
                }
            } else {
                // A fan.
                for (int k = 0; k < 15; ++k) {
                    const float a = -1.0F + 2.0F * static_cast<float>(k) / 14;
                    pen.line({{0, 0}, {std::sin(a) * 0.55F, -std::cos(a) * 0.8F}}, 0.035F, 0.03F,
                             color);
                }
                for (const float r : {0.3F, 0.5F, 0.7F}) {
                    std::vector<Point> arc;
                    for (int k = 0; k <= 10; ++k) {
                        const float a = -0.95F + 1.9F * static_cast<float>(k) / 10;
                        arc.push_back(
                            {std::sin(a) * 0.55F * r * 1.2F, -std::cos(a) * 0.8F * r * 1.2F});
                    }
                    pen.line(arc, 0.03F, 0.03F, color * 0.9F);
                }
            }
        }
        // A shoal between the reefs.
        Subject fish;
        fish.kind = Kind::fish;
        const std::array<Rgb, 4> coats = {hex(0xf0902c), hex(0xf0d848), hex(0x58a8f0),
                                          hex(0xd0e0e8)};
        fish.color = stage.accent(static_cast<size_t>(row) + 1, coats[static_cast<size_t>(row)]);
        const float cx = rng.in(0.2F, 0.8F);
        const float cy = rng.in(0.2F, 0.58F);
        const bool flip = rng.chance(0.5F);
        for (int i = 0; i < 12 - 2 * row; ++i) {
            Pen pen(stage, (cx + rng.in(-0.17F, 0.17F)) * w, (cy + rng.in(-0.11F, 0.11F)) * h,
                    unit * mix(0.022F, 0.06F, t) * rng.in(0.8F, 1.2F), depth, flip);
            drawFigure(pen, fish, rng.fork(static_cast<uint64_t>(i)));
        }
        if (row == 1) {
            for (const Subject& subject : stage.scene.subjects) {
                if (subject.kind == Kind::none) continue;
                const bool swims = subject.kind == Kind::fish || subject.kind == Kind::whale;
                const float size =
                    naturalSize(subject.kind) * unit * std::min(subject.size, 1.5F) * 0.9F;
                Pen pen(stage, subject.x * w, (swims ? rng.in(0.3F, 0.55F) : 0.8F) * h, size, 0.12F,
                        subject.x > 0.5F);
                drawFigure(pen, subject, rng.fork(static_cast<uint64_t>(subject.x * 999)));
            }
        }
    }
    for (int i = 0; i < 60; ++i) {
        const float r = unit * rng.in(0.002F, 0.011F);
        const float x = rng.unit() * w;
        const float y = rng.unit() * h;
        canvas.dot(x, y, r, Rgb{0.8F, 0.97F, 1}, 0.28F, 0.3F);
        canvas.dot(x - r * 0.3F, y - r * 0.35F, r * 0.3F, Rgb{1, 1, 1}, 0.75F, 0.5F);
    }
}

void drawAbstract(Stage& stage) {
    Rng rng = stage.rng.fork(103);
    Canvas& canvas = stage.canvas;
    const float unit = stage.unit();
    const float w = stage.w();
    const float h = stage.h();
    const float hue = rng.unit();
    std::array<Rgb, 5> colors = {hsv(hue, 0.62F, 0.82F), hsv(hue + 0.08F, 0.55F, 0.92F),
                                 hsv(hue + 0.45F, 0.6F, 0.6F), hsv(hue + 0.55F, 0.5F, 0.35F),
                                 hsv(hue + 0.12F, 0.18F, 0.97F)};
    for (size_t i = 0; i < colors.size(); ++i)
        colors[i] = stage.accent(i, colors[i]);
    const auto seed = static_cast<uint32_t>(rng.next());
    const Field flow(
        canvas.width(), canvas.height(), std::max(3, static_cast<int>(unit / 150)),
        [&](float x, float y) { return fbm(x / unit * 1.3F + 5, y / unit * 1.3F, 3, seed); });
    for (int y = 0; y < canvas.height(); ++y) {
        for (int x = 0; x < canvas.width(); ++x) {
            const float t = flow.at(static_cast<float>(x), static_cast<float>(y));
            const float v = static_cast<float>(y) / h;
            canvas.at(x, y) = mix(mix(colors[4], colors[0], smooth(0.25F, 0.75F, t)), colors[3],
                                  0.75F * smooth(0.2F, 1.15F, v + t * 0.5F));
        }
    }
    if (!stage.go()) return;
    const float sx = w * (0.5F + 0.2F * stage.light.side);
    const float sy = h * rng.in(0.3F, 0.42F);
    const float r = unit * rng.in(0.15F, 0.22F);
    canvas.glow(sx, sy, r * 3, colors[1], 0.7F);
    canvas.fill(Path().ellipse(sx, sy, r, r),
                Paint::vertical(mix(colors[1], Rgb{1, 1, 1}, 0.4F), colors[1], sy - r, sy + r));
    // Ribbons that follow the flow, dark ones below.
    for (int i = 0; i < 26; ++i) {
        if (!stage.go()) return;
        const float t = static_cast<float>(i) / 25;
        Point at{-unit * 0.1F, h * (0.32F + 0.72F * t) + rng.in(-0.04F, 0.04F) * h};
        std::vector<Point> points;
        for (int k = 0; k < 70 && at.x < w + unit * 0.15F; ++k) {
            points.push_back(at);
            const float a = (flow.at(at.x, at.y) - 0.5F) * 3.4F;
            at = {at.x + std::max(std::cos(a), 0.25F) * unit * 0.04F,
                  at.y + std::sin(a) * unit * 0.04F};
        }
        const Rgb color = mix(colors[static_cast<size_t>(rng.pick(3))], colors[3], 0.65F * t);
        canvas.fill(
            Path().band(points, unit * rng.in(0.008F, 0.075F), unit * rng.in(0.008F, 0.075F)),
            color, rng.in(0.45F, 0.9F));
        if (rng.chance(0.5F))
            canvas.fill(Path().band(points, unit * 0.003F, unit * 0.002F),
                        mix(color, Rgb{1, 1, 1}, 0.6F), 0.7F);
    }
    for (int i = 0; i < 90; ++i) {
        const float size = std::pow(rng.unit(), 4.0F);
        canvas.dot(rng.unit() * w, rng.unit() * h, unit * (0.002F + 0.03F * size),
                   colors[static_cast<size_t>(rng.pick(5))], rng.in(0.25F, 0.8F), 0.25F);
    }
    for (const Subject& subject : stage.scene.subjects) {
        if (subject.kind == Kind::none) continue;
        const float size = std::max(naturalSize(subject.kind), 0.3F) * unit * subject.size;
        stage.light.density = 0;
        Pen pen(stage, subject.x * w, h * 0.9F, std::min(size, h * 0.8F), 0);
        drawFigure(pen, subject, rng.fork(static_cast<uint64_t>(subject.x * 999)));
    }
}

}  // namespace sketch
