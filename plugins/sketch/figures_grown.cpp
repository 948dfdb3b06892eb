#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"

namespace sketch {
namespace {

Rgb leafColor(const Stage& stage, Rng& rng) {
    switch (stage.scene.season) {
        case Season::autumn:
            return mix(hex(0xd8642c), hex(0xe8b03c), rng.unit());
        case Season::winter:
            return mix(hex(0xdfe6ee), hex(0x8c98a4), rng.unit() * 0.5F);
        case Season::spring:
            return mix(hex(0x7cb04c), hex(0xf0b8cc), rng.unit() * 0.8F);
        default:
            return mix(hex(0x3f7434), hex(0x6f9440), rng.unit());
    }
}

void drawTree(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb bark = hex(0x54402e);
    const Rgb leaf = subject.color.value_or(leafColor(pen.stage(), rng));
    pen.fill(Path()
                 .move(-0.075F, 0.01F)
                 .quad(-0.03F, -0.15F, -0.035F, -0.5F)
                 .line(0.035F, -0.5F)
                 .quad(0.03F, -0.15F, 0.085F, 0.01F),
             bark);
    for (const float side : {-1.0F, 1.0F})
        pen.line({{0, -0.34F}, {side * 0.13F, -0.52F}, {side * 0.22F, -0.62F}}, 0.035F, 0.012F,
                 bark);
    // Leaves in clumps: dark ones behind and below, light ones on the lit side.
    for (int layer = 0; layer < 3; ++layer) {
        for (int i = 0; i < 16; ++i) {
            const float a = rng.in(0, 6.28F);
            const float d = std::sqrt(rng.unit()) * (0.31F - 0.05F * static_cast<float>(layer));
            const float x = std::cos(a) * d * 1.05F +
                            pen.stage().light.side * 0.045F * static_cast<float>(layer) *
                                (pen.map(1, 0).x < pen.map(0, 0).x ? -1.0F : 1.0F);
            const float y = -0.68F + std::sin(a) * d * 0.82F - 0.03F * static_cast<float>(layer);
            const float r = rng.in(0.06F, 0.12F);
            const float lit = 0.1F + 0.38F * static_cast<float>(layer) - (y + 0.68F) * 0.9F;
            pen.dot(x, y, r, pen.stage().shade(leaf * rng.in(0.84F, 1.12F), pen.depth(), lit),
                    0.94F, 0.3F);
        }
    }
}

void drawPine(Pen& pen, const Subject& subject, Rng& rng) {
    const bool snow = pen.stage().scene.season == Season::winter;
    const Rgb needle = subject.color.value_or(mix(hex(0x23482f), hex(0x3a5f38), rng.unit()));
    pen.fill(Path().box(-0.026F, -0.2F, 0.052F, 0.21F), hex(0x44342a));
    constexpr int kTiers = 11;
    for (int i = 0; i < kTiers; ++i) {
        const float t = static_cast<float>(i) / (kTiers - 1);
        const float y = -0.1F - 0.8F * t;
        const float half = (0.25F * std::pow(1 - t, 0.9F) + 0.025F) * rng.in(0.88F, 1.08F);
        const float top = y - 0.17F + 0.06F * t;
        const float l = half * rng.in(0.88F, 1.1F);
        const float r = half * rng.in(0.88F, 1.1F);
        Path tier;
        tier.move(0, top)
            .quad(-l * 0.35F, y - 0.06F, -l, y + 0.02F)
            .line(-l * 0.72F, y + 0.004F)
            .line(-l * 0.6F, y + 0.03F)
            .line(-l * 0.34F, y + 0.008F)
            .line(-l * 0.2F, y + 0.035F)
            .line(0, y + 0.01F)
            .line(r * 0.24F, y + 0.035F)
            .line(r * 0.4F, y + 0.008F)
            .line(r * 0.62F, y + 0.03F)
            .line(r * 0.75F, y + 0.004F)
            .line(r, y + 0.02F)
            .quad(r * 0.35F, y - 0.06F, 0, top);
        pen.fill(tier, needle * (0.8F + 0.35F * t), 0.7F);
        if (snow) {
            Path cap;
            cap.move(0, top)
                .quad(-l * 0.35F, y - 0.06F, -l * 0.95F, y + 0.014F)
                .quad(-l * 0.5F, y - 0.02F, -l * 0.3F, y - 0.026F)
                .quad(-l * 0.1F, y - 0.02F, 0, y - 0.05F)
                .quad(r * 0.3F, y - 0.02F, r * 0.6F, y - 0.012F)
                .quad(r * 0.3F, y - 0.06F, 0, top);
            pen.fill(cap, hex(0xf0f5fc), 0.5F);
        }
    }
}

void drawPalm(Pen& pen, Rng& rng) {
    const float lean = rng.in(0.08F, 0.22F);
    pen.fill(
        Path().band(
            smoothLine({{0, 0.01F}, {lean * 0.2F, -0.3F}, {lean * 0.6F, -0.6F}, {lean, -0.82F}}),
            0.07F, 0.038F),
        hex(0x7c6044), 0.8F);
    for (int i = 0; i < 11; ++i) {
        const float a = -0.35F + 3.85F * static_cast<float>(i) / 10;
        const float length = rng.in(0.26F, 0.36F);
        const Point tip{lean + std::cos(a) * length, -0.82F - std::sin(a) * length * 0.62F + 0.14F};
        const Point mid{lean + std::cos(a) * length * 0.55F,
                        -0.82F - std::sin(a) * length * 0.62F - 0.05F};
        Path leaf;
        leaf.move(lean, -0.83F)
            .quad(mid.x, mid.y - 0.035F, tip.x, tip.y)
            .quad(mid.x * 0.98F, mid.y + 0.045F, lean, -0.8F);
        pen.fill(leaf, mix(hex(0x2f6630), hex(0x78a040), rng.unit()), 0.5F);
    }
    for (const float x : {-0.03F, 0.025F})
        pen.dot(lean + x, -0.79F, 0.024F, pen.stage().shade(hex(0x6c4a28), pen.depth()), 1, 0.3F);
}

void drawFlower(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb petal =
        subject.color.value_or(hsv(rng.pick(3) == 0 ? 0.14F : rng.in(0.85F, 1.02F), 0.7F, 0.92F));
    pen.line(smoothLine({{0, 0}, {0.03F, -0.3F}, {0, -0.72F}}), 0.035F, 0.026F, hex(0x4a7c34));
    for (const float side : {-1.0F, 1.0F})
        pen.fill(Path()
                     .move(0.01F, -0.16F)
                     .quad(side * 0.2F, -0.46F, side * 0.3F, -0.42F)
                     .quad(side * 0.22F, -0.2F, 0.01F, -0.16F),
                 hex(0x548c3c));
    const float turn = rng.in(0, 1);
    for (int ring = 0; ring < 2; ++ring) {
        for (int i = 0; i < 8; ++i) {
            const float a =
                turn + (static_cast<float>(i) + 0.5F * static_cast<float>(ring)) * 0.7854F;
            const float d = 0.15F - 0.04F * static_cast<float>(ring);
            pen.fill(
                Path().ellipse(std::cos(a) * d, -0.78F + std::sin(a) * d * 0.9F, 0.105F, 0.062F, a),
                petal * (0.86F + 0.2F * static_cast<float>(ring)), 0.35F);
        }
    }
    pen.fill(Path().ellipse(0, -0.78F, 0.08F, 0.072F), hex(0x8a5420));
    pen.fill(Path().ellipse(0.01F, -0.79F, 0.055F, 0.048F), hex(0xd8a030));
}

void drawMushroom(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb cap = subject.color.value_or(hex(0xc4342c));
    pen.fill(Path()
                 .move(-0.14F, 0.01F)
                 .quad(-0.09F, -0.3F, -0.09F, -0.58F)
                 .line(0.09F, -0.58F)
                 .quad(0.09F, -0.3F, 0.15F, 0.01F),
             hex(0xf0e4d0));
    pen.fill(Path().ellipse(0, -0.54F, 0.38F, 0.08F), hex(0xd8c4a8), 0.3F);
    pen.fill(Path()
                 .move(-0.46F, -0.52F)
                 .cubic(-0.42F, -1.05F, 0.42F, -1.05F, 0.46F, -0.52F)
                 .quad(0, -0.62F, -0.46F, -0.52F),
             cap, 0.7F);
    for (int i = 0; i < 7; ++i) {
        const float x = rng.in(-0.32F, 0.32F);
        pen.fill(Path().ellipse(x, -0.74F + x * x * 1.1F + rng.in(-0.12F, 0.06F), 0.045F, 0.034F),
                 hex(0xf8f0e4), 0.1F);
    }
}

void drawCactus(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb green = subject.color.value_or(hex(0x4f7a46));
    const auto arm = [&](float side, float y, float up) {
        pen.fill(Path().band(smoothLine({{0, y},
                                         {side * 0.17F, y - 0.01F},
                                         {side * 0.22F, y - 0.08F},
                                         {side * 0.22F, up}}),
                             0.11F, 0.1F),
                 green * 0.92F, 0.7F);
        pen.dot(side * 0.22F, up, 0.052F, pen.stage().shade(green, pen.depth()), 1, 0.15F);
    };
    arm(-1, -0.36F, rng.in(-0.72F, -0.6F));
    arm(1, -0.48F, rng.in(-0.86F, -0.74F));
    pen.fill(Path().roundBox(-0.085F, -1.0F, 0.17F, 1.02F, 0.085F), green, 0.8F);
    for (const float x : {-0.04F, 0.0F, 0.04F})
        pen.line({{x, -0.02F}, {x, -0.95F}}, 0.008F, 0.008F, green * 0.65F);
}

}  // namespace

void drawPlant(Pen& pen, const Subject& subject, Rng& rng) {
    switch (subject.kind) {
        case Kind::pine:
            drawPine(pen, subject, rng);
            break;
        case Kind::palm:
            drawPalm(pen, rng);
            break;
        case Kind::flower:
            drawFlower(pen, subject, rng);
            break;
        case Kind::mushroom:
            drawMushroom(pen, subject, rng);
            break;
        case Kind::cactus:
            drawCactus(pen, subject, rng);
            break;
        default:
            drawTree(pen, subject, rng);
            break;
    }
}

void drawObject(Pen& pen, const Subject& subject, Rng& rng) {
    Stage& stage = pen.stage();
    const float r = pen.size();
    switch (subject.kind) {
        case Kind::fruit: {
            const std::array<Rgb, 4> skins = {hex(0xc8342c), hex(0xf09a28), hex(0xe8cc3c),
                                              hex(0x88a838)};
            const Rgb skin = subject.color.value_or(skins[static_cast<size_t>(rng.pick(4))]);
            const Point p = pen.map(0, -0.48F);
            drawBall(stage, p.x, p.y, r * 0.5F, 0.95F, skin, 0.7F);
            pen.line({{0, -0.9F}, {0.06F, -1.06F}}, 0.05F, 0.035F, hex(0x4c3420));
            pen.fill(Path()
                         .move(0.04F, -1.0F)
                         .quad(0.2F, -1.14F, 0.34F, -1.02F)
                         .quad(0.2F, -0.96F, 0.04F, -1.0F),
                     hex(0x5c8c3c));
            break;
        }
        case Kind::rock: {
            const Rgb stone = subject.color.value_or(hex(0x8a8680));
            pen.fill(Path().blob({{-0.5F, 0},
                                  {-0.52F, -0.3F},
                                  {-0.24F, -0.72F},
                                  {0.06F, -0.95F},
                                  {0.36F, -0.7F},
                                  {0.54F, -0.25F},
                                  {0.5F, 0.02F}}),
                     stone, 0.9F);
            pen.fill(Path()
                         .move(0.06F, -0.9F)
                         .line(0.18F, -0.5F)
                         .line(0.1F, -0.06F)
                         .line(0.44F, -0.06F)
                         .line(0.46F, -0.3F)
                         .line(0.3F, -0.7F),
                     stone * 0.75F, 0.3F);
            break;
        }
        case Kind::teapot: {
            const Rgb clay = subject.color.value_or(hex(0x4c7c8c));
            pen.fill(Path().band(
                         smoothLine(
                             {{0.36F, -0.66F}, {0.66F, -0.62F}, {0.64F, -0.32F}, {0.38F, -0.24F}}),
                         0.07F, 0.07F),
                     clay * 0.85F);
            pen.fill(Path()
                         .move(-0.36F, -0.3F)
                         .quad(-0.62F, -0.4F, -0.74F, -0.76F)
                         .line(-0.62F, -0.78F)
                         .quad(-0.5F, -0.56F, -0.3F, -0.58F),
                     clay);
            const Point p = pen.map(0, -0.4F);
            drawBall(stage, p.x, p.y, r * 0.43F, 0.92F, clay, 0.9F);
            pen.fill(Path().ellipse(0, -0.8F, 0.2F, 0.05F), clay * 0.7F);
            pen.fill(Path().ellipse(0, -0.88F, 0.06F, 0.06F), clay);
            break;
        }
        case Kind::book:
            for (int i = 0; i < 3; ++i) {
                const float y = -0.3F * static_cast<float>(i);
                const Rgb cover =
                    subject.color && i == 0 ? *subject.color : hsv(rng.unit(), 0.45F, 0.6F);
                const float shift = rng.in(-0.15F, 0.15F);
                pen.fill(Path().roundBox(-0.8F + shift, y - 0.28F, 1.6F, 0.28F, 0.03F), cover);
                pen.fill(Path().box(-0.72F + shift, y - 0.23F, 1.5F, 0.18F), hex(0xf0e8d8), 0.3F);
            }
            break;
        default: {
            // Something unknown: a calm polished stone that catches the light.
            const Rgb glow = subject.color.value_or(hsv(rng.unit(), 0.35F, 0.85F));
            pen.fill(Path()
                         .move(-0.26F, 0.02F)
                         .line(-0.2F, -0.12F)
                         .line(0.2F, -0.12F)
                         .line(0.26F, 0.02F),
                     hex(0x70665c));
            const Point p = pen.map(0, -0.52F);
            stage.canvas.glow(p.x, p.y, r * 1.1F, glow, 0.5F);
            drawBall(stage, p.x, p.y, r * 0.42F, 1, glow, 1);
            break;
        }
    }
}

void drawBall(Stage& stage, float x, float y, float radius, float squash, Rgb color, float gloss) {
    const float lx = stage.light.side * 0.5F;
    stage.canvas.each(Path().ellipse(x, y, radius, radius * squash), [&](int px, int py, float c) {
        const float nx = (static_cast<float>(px) - x) / radius;
        const float ny = (static_cast<float>(py) - y) / (radius * squash);
        const float nz = std::sqrt(std::max(0.0F, 1 - nx * nx - ny * ny));
        const float facing = nx * lx - ny * 0.6F + nz * 0.62F;
        Rgb seen = stage.shade(color, 0, clamp01(0.12F + 0.95F * facing)) *
                   (0.55F + 0.5F * clamp01(facing + 0.25F));
        const float spot = smooth(0.9F, 0.99F, facing) * gloss;
        seen = mix(seen, Rgb{1, 0.98F, 0.94F}, spot * 0.75F);
        // Light thrown back by what it stands on.
        seen = seen + color * (0.12F * clamp01(ny) * clamp01(-facing + 0.3F));
        stage.canvas.blend(px, py, clamp01(seen), c);
    });
}

void drawPlanet(Stage& stage, float x, float y, float radius, Rgb color, bool ring, Rng rng) {
    const auto seed = static_cast<uint32_t>(rng.next());
    const float tilt = rng.in(-0.4F, 0.4F);
    const float ct = std::cos(tilt);
    const float st = std::sin(tilt);
    const bool banded = rng.chance(0.55F) || ring;
    const Rgb second = mix(hsv(rng.unit(), 0.3F, 0.9F), color * 0.6F, 0.55F);
    const float lx = stage.light.side * 0.75F;
    const auto drawRing = [&](bool front) {
        for (int band = 0; band < 5; ++band) {
            const float size = radius * (1.38F + 0.17F * static_cast<float>(band));
            std::vector<Point> points;
            for (int i = 0; i <= 40; ++i) {
                const float a = 3.14159F * static_cast<float>(i) / 40 + (front ? 0 : 3.14159F);
                const float rx = size * std::cos(a);
                const float ry = size * 0.27F * std::sin(a);
                points.push_back({x + rx * ct - ry * st, y + rx * st + ry * ct});
            }
            stage.canvas.fill(
                Path().band(points, radius * 0.13F, radius * 0.13F),
                mix(color, hex(0xf0e4cc), 0.4F + 0.12F * static_cast<float>(band % 3)),
                0.5F - 0.06F * static_cast<float>(band));
        }
    };
    stage.canvas.glow(x, y, radius * 1.5F, mix(color, hex(0x80b0ff), 0.5F), 0.5F);
    if (ring) drawRing(false);
    stage.canvas.each(Path().ellipse(x, y, radius, radius), [&](int px, int py, float c) {
        const float nx = (static_cast<float>(px) - x) / radius;
        const float ny = (static_cast<float>(py) - y) / radius;
        const float nz = std::sqrt(std::max(0.0F, 1 - nx * nx - ny * ny));
        const float u = nx * ct + ny * st;
        const float v = ny * ct - nx * st;
        float n = 0;
        if (banded) {
            n = fbm(v * 6 + 0.5F * fbm(u * 3, v * 5, 3, seed), u * 0.6F + 4, 4, seed);
        } else {
            n = smooth(0.42F, 0.58F, fbm(u * 2.4F + nz * 1.5F + 5, v * 2.4F + 9, 5, seed));
        }
        const float day = smooth(-0.25F, 0.75F, nx * lx - ny * 0.45F + nz * 0.5F);
        const float rim = std::pow(1 - nz, 2.5F);
        Rgb seen = mix(color, second, n) * (0.05F + 1.05F * day);
        seen = mix(seen, mix(color, hex(0xa0d0ff), 0.6F), rim * (0.2F + 0.5F * day));
        stage.canvas.blend(px, py, clamp01(seen), c);
    });
    if (ring) drawRing(true);
}

}  // namespace sketch
