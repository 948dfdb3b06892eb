// Open country: deserts, mountains and meadows.
#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"
#include "places.hpp"

namespace sketch {

void drawRange(Stage& stage, Rng rng, float base, float height, float depth, Rgb rock,
               float snowLine) {
    const auto line = ridge(160, 0.54F, rng);
    const float bottom = stage.h() * 0.99F;
    const auto seed = static_cast<uint32_t>(rng.next());
    const float unit = stage.unit();
    const float side = stage.light.side;
    const Rgb lit = stage.shade(rock * 1.1F, depth, 0.95F);
    const Rgb dark = stage.shade(rock * 0.8F, depth, 0.12F);
    const Rgb snowLit = stage.shade(hex(0xfafcff), depth, 1.0F);
    const Rgb snowDark = stage.shade(hex(0xc4d4ec), depth, 0.3F);
    const float last = static_cast<float>(line.size() - 1);
    const auto crest = [&](float x) {
        const float at = std::clamp(x / stage.w(), 0.0F, 1.0F) * last;
        const auto i = std::min(static_cast<size_t>(at), line.size() - 2);
        return mix(line[i], line[i + 1], at - static_cast<float>(i));
    };
    const float step = unit * 0.02F;
    // Spurs run down from the crest, bent this way and that.
    const Field rough(stage.canvas.width(), stage.canvas.height(),
                      std::max(2, static_cast<int>(unit / 330)), [&](float x, float y) {
                          const float u = x / unit;
                          const float v = y / unit;
                          if (y < base - height * 1.1F || y > base + height * 1.2F) return 0.0F;
                          const float bend = fbm(u * 5, v * 5, 2, seed + 40) * 2.4F;
                          return 2 * std::fabs(fbm(u * 13 + bend, v * 5 + bend, 3, seed) - 0.5F) +
                                 noise(u * 40, v * 40, seed + 9) * 0.3F - 0.4F;
                      });
    std::vector<float> slopes(static_cast<size_t>(stage.canvas.width()));
    std::vector<float> crests(slopes.size());
    for (size_t x = 0; x < slopes.size(); ++x) {
        const auto fx = static_cast<float>(x);
        crests[x] = crest(fx);
        slopes[x] = (crest(fx + step) - crest(fx - step)) * height / (2 * step);
    }
    stage.canvas.each(ridgePath(stage, line, base, height, bottom), [&](int x, int y, float c) {
        const float fx = static_cast<float>(x);
        const float fy = static_cast<float>(y);
        const float below = (fy - (base - crests[static_cast<size_t>(x)] * height)) / height;
        const float n = rough.at(fx, fy);
        const float face =
            side * slopes[static_cast<size_t>(x)] * -1.3F * smooth(0.9F, 0.1F, below) + n * 1.9F;
        const float light = smooth(-0.3F, 0.34F, face);
        const float high = (base - fy) / height + n * 0.36F;
        const float snow = smooth(snowLine, snowLine + 0.12F, high);
        Rgb color = mix(mix(dark, lit, light), mix(snowDark, snowLit, light), snow);
        color = mix(color, stage.light.haze, clamp01(below * 0.55F) * (0.35F + 0.5F * depth));
        stage.canvas.blend(x, y, color, c);
    });
}

void drawTrees(Stage& stage, Rng rng, float top, float bottom, int count, float size, Kind kind) {
    Subject tree;
    tree.kind = kind;
    for (int i = 0; i < count; ++i) {
        if (!stage.go()) return;
        const float t = static_cast<float>(i) / static_cast<float>(count);
        const float y = mix(top, bottom, t);
        const float tall = size * mix(0.55F, 1.0F, t) * rng.in(0.7F, 1.2F);
        Pen pen(stage, rng.in(-0.02F, 1.02F) * stage.w(), y, tall,
                (size < stage.unit() * 0.16F ? 0.45F : 0.12F) * (1 - t) + 0.1F, rng.chance(0.5F));
        drawFigure(pen, tree, rng.fork(static_cast<uint64_t>(i)));
    }
}

Rgb turf(const Stage& stage) {
    switch (stage.scene.season) {
        case Season::winter:
            return hex(0xe4ecf6);
        case Season::autumn:
            return hex(0xa88c44);
        case Season::spring:
            return hex(0x78a848);
        default:
            return hex(0x6a9440);
    }
}

namespace {

void drawHills(Stage& stage, int rows) {
    Rng rng = stage.rng.fork(61);
    const Rgb green = turf(stage);
    const float horizon = stage.horizon();
    for (int i = 0; i < rows; ++i) {
        const float t = static_cast<float>(i) / static_cast<float>(rows);
        const auto line = ridge(48, 0.3F, rng);
        const float base = mix(horizon + stage.h() * 0.03F, stage.h() * 0.84F, t * t);
        const float height = stage.unit() * mix(0.1F, 0.13F, t);
        const float depth = 0.75F * (1 - t);
        Paint paint = Paint::vertical(stage.shade(green * rng.in(0.95F, 1.18F), depth, 0.9F),
                                      stage.shade(green * 0.72F, depth * 0.8F, 0.35F),
                                      base - height, base + stage.h() * 0.2F);
        paint.grain = 0.14F;
        stage.canvas.fill(ridgePath(stage, line, base, height, stage.h() + 2), paint);
        if (stage.scene.season != Season::winter || i + 1 < rows) {
            // Hedges and groves.
            for (int k = 0; k < 9; ++k) {
                const float x = rng.unit();
                const size_t at = std::min(static_cast<size_t>(x * 47), line.size() - 1);
                const float y = base - line[at] * height + stage.unit() * 0.012F;
                const float r = stage.unit() * mix(0.008F, 0.028F, t);
                const Rgb leaf =
                    stage.scene.season == Season::autumn
                        ? hex(0xb0602c)
                        : (stage.scene.season == Season::winter ? hex(0x6c7880) : hex(0x38602e));
                for (int blob = 0; blob < 5; ++blob) {
                    stage.canvas.dot(
                        x * stage.w() + rng.in(-2, 2) * r, y - rng.in(0, 1) * r,
                        r * rng.in(0.6F, 1.1F),
                        stage.shade(leaf * rng.in(0.8F, 1.2F), depth, rng.in(0.2F, 0.9F)), 0.95F,
                        0.3F);
                }
            }
        }
        if (!stage.go()) return;
    }
}

}  // namespace

void drawDesert(Stage& stage) {
    Rng rng = stage.rng.fork(65);
    const float horizon = stage.horizon();
    const float unit = stage.unit();
    const Rgb sand = mix(hex(0xe0a860), hex(0xd8894c), rng.unit());
    // Table mountains.
    for (int i = 0; i < 4; ++i) {
        const float x = rng.in(0, 1) * stage.w();
        const float wide = unit * rng.in(0.08F, 0.2F);
        const float tall = unit * rng.in(0.06F, 0.15F);
        const Rgb stone = hex(0xb0603c) * rng.in(0.9F, 1.1F);
        Pen pen(stage, x, horizon + unit * 0.015F, 1, 0.55F + 0.08F * static_cast<float>(i % 3));
        pen.fill(Path()
                     .move(-wide * 1.25F, 0)
                     .line(-wide * 0.95F, -tall * 0.5F)
                     .line(-wide * 0.8F, -tall)
                     .line(-wide * 0.3F, -tall * 1.03F)
                     .line(wide * 0.7F, -tall)
                     .line(wide * 0.86F, -tall * 0.55F)
                     .line(wide * 1.3F, 0),
                 stone, 0.7F);
        for (int k = 0; k < 4; ++k)
            pen.line({{-wide * 0.8F + wide * 0.4F * static_cast<float>(k), -tall * 0.95F},
                      {-wide * 0.86F + wide * 0.42F * static_cast<float>(k), -tall * 0.4F}},
                     unit * 0.004F, unit * 0.002F, stone * 0.7F);
    }
    drawSubjects(stage, 0.75F, 2);
    constexpr int kDunes = 6;
    for (int i = 0; i < kDunes; ++i) {
        if (!stage.go()) return;
        const float t = static_cast<float>(i) / (kDunes - 1);
        const float base = mix(horizon + unit * 0.03F, stage.h() * 0.92F, std::pow(t, 1.35F));
        const float height = unit * mix(0.05F, 0.17F, t);
        const float depth = 0.8F * (1 - t);
        // A long swell with one sharp crest, its lee side in shade.
        const float peak = rng.in(0.15F, 0.85F) * stage.w();
        const float side = stage.light.side;
        const float left = rng.in(0.5F, 0.9F) * stage.w();
        const auto crest = [&](float x) {
            const float d = (x - peak) / left;
            const float fall = d * side > 0 ? 1.15F : 2.1F;
            return base - height * std::exp(-d * d * 2.2F * fall) -
                   height * 0.12F * std::sin(x / unit * 5 + t * 9);
        };
        Path dune;
        dune.move(-2, stage.h() + 2);
        for (int k = 0; k <= 64; ++k) {
            const float x = -2 + (stage.w() + 4) * static_cast<float>(k) / 64;
            dune.line(x, crest(x));
        }
        dune.line(stage.w() + 2, stage.h() + 2);
        const Rgb lit = stage.shade(sand * 1.1F, depth, 0.95F);
        const Rgb low = stage.shade(sand * 0.86F, depth, 0.5F);
        const Rgb lee = stage.shade(sand * 0.66F, depth, 0.16F);
        const auto seed = static_cast<uint32_t>(rng.next());
        stage.canvas.each(dune, [&](int x, int y, float c) {
            const float fx = static_cast<float>(x);
            const float fy = static_cast<float>(y);
            const float below = (fy - base + height) / (height * 2.6F);
            // The edge of the shade winds down from the peak.
            const float edge =
                peak + (-side * 0.22F * left * below + std::sin(below * 5 + t * 3) * 0.05F * left);
            const float shade =
                smooth(-0.012F, 0.02F, (edge - fx) * side / unit) * smooth(1.15F, 0.5F, below);
            const float ripple = std::sin((fy * 2.4F + std::sin(fx / unit * 14) * unit * 0.006F +
                                           fx * 0.22F * side) /
                                          unit * 210 / (1 + 2.2F * t)) *
                                 0.02F * (0.3F + t);
            Rgb color = mix(mix(lit, low, clamp01(below)), lee, shade * 0.9F);
            color =
                color * (1 + ripple + 0.05F * (noise(fx / unit * 60, fy / unit * 60, seed) - 0.5F));
            stage.canvas.blend(x, y, color, c);
        });
        if (i == 2) drawSubjects(stage, 0.45F, 0.75F);
        if (i == 4) {
            drawSubjects(stage, 0.24F, 0.45F);
            Subject cactus;
            cactus.kind = Kind::cactus;
            for (int k = 0; k < 3; ++k) {
                const float x = rng.unit();
                Pen pen(stage, x * stage.w(), crest(x * stage.w()) + unit * 0.03F,
                        unit * rng.in(0.12F, 0.2F), 0.2F, rng.chance(0.5F));
                drawFigure(pen, cactus, rng.fork(static_cast<uint64_t>(k)));
            }
        }
    }
    Rng tufts = stage.rng.fork(66);
    for (int i = 0; i < 14; ++i) {
        const float x = tufts.unit() * stage.w();
        const float y = stage.h() * tufts.in(0.86F, 1.0F);
        for (int k = 0; k < 9; ++k) {
            stage.canvas.line(
                {x, y}, {x + unit * tufts.in(-0.02F, 0.02F), y - unit * tufts.in(0.012F, 0.036F)},
                unit * 0.003F, 0.4F, stage.shade(hex(0x7c7040), 0, 0.5F), 0.9F);
        }
    }
    drawSubjects(stage, -1, 0.24F);
}

void drawMountains(Stage& stage) {
    Rng rng = stage.rng.fork(67);
    const float horizon = stage.horizon();
    const float unit = stage.unit();
    const bool winter = stage.scene.season == Season::winter;
    const std::array<float, 3> heights = {0.34F, 0.44F, 0.3F};
    for (int i = 0; i < 3; ++i) {
        const float t = static_cast<float>(i) / 2;
        drawRange(stage, rng.fork(static_cast<uint64_t>(i) + 5),
                  horizon + unit * (0.02F + 0.1F * t), unit * heights[static_cast<size_t>(i)],
                  0.95F - 0.5F * t, mix(hex(0x6c7894), hex(0x6a6460), t),
                  winter ? 0.05F : 0.5F + 0.22F * t);
        if (!stage.go()) return;
        if (i == 1) drawSubjects(stage, 0.75F, 2);
    }
    const bool tarn = rng.chance(0.5F);
    const float foot = horizon + unit * 0.12F;
    if (tarn) {
        drawWater(stage, foot, 0.03F);
    }
    if (tarn) drawSubjects(stage, 0.4F, 0.75F);
    for (int i = 0; i < 3; ++i) {
        if (!stage.go()) return;
        const float t = static_cast<float>(i) / 2;
        const float base =
            mix(foot + unit * 0.05F, stage.h() * 0.95F, t) + (tarn && i < 2 ? unit * 0.14F : 0);
        const Rgb ground = turf(stage) * mix(0.7F, 0.55F, t);
        if (tarn && i == 0) continue;  // the water is there
        stage.canvas.fill(ridgePath(stage, ridge(50, 0.36F, rng), base, unit * 0.1F, stage.h() + 2),
                          Paint::vertical(stage.shade(ground, 0.4F * (1 - t), 0.7F),
                                          stage.shade(ground * 0.6F, 0.3F * (1 - t), 0.3F),
                                          base - unit * 0.1F, base + unit * 0.2F));
        drawTrees(stage, rng.fork(static_cast<uint64_t>(i) + 30), base - unit * 0.02F,
                  base + unit * 0.05F, i == 2 ? 12 : 34, unit * mix(0.1F, 0.3F, t));
        if (i == 0 && !tarn) drawSubjects(stage, 0.4F, 0.75F);
        if (i == 1) drawSubjects(stage, 0.2F, 0.4F);
    }
    if (!winter) drawGrass(stage, stage.h() * 0.93F, stage.h(), turf(stage) * 0.6F, 500);
    drawSubjects(stage, -1, 0.2F);
}

void drawMeadow(Stage& stage) {
    Rng rng = stage.rng.fork(68);
    const Scene& scene = stage.scene;
    const bool village = scene.place == Place::village;
    if (rng.chance(0.6F)) {
        drawRange(stage, rng.fork(1), stage.horizon() + stage.unit() * 0.04F, stage.unit() * 0.2F,
                  0.95F, hex(0x6c7c94), 0.8F);
    }
    drawSubjects(stage, 0.7F, 2);
    drawHills(stage, 5);
    if (!stage.go()) return;
    if (village) {
        Subject house;
        for (int i = 0; i < 9; ++i) {
            const float depth = 0.66F - 0.045F * static_cast<float>(i);
            house.kind = i == 2 ? Kind::tower : Kind::house;
            const float size = naturalSize(house.kind) * stage.unit() * stage.scale(depth) * 0.8F;
            Pen pen(stage, rng.in(0.08F, 0.92F) * stage.w(), stage.ground(depth), size,
                    depth * 0.7F, rng.chance(0.5F));
            drawFigure(pen, house, rng.fork(static_cast<uint64_t>(i) + 9));
            Subject tree;
            tree.kind = scene.season == Season::winter ? Kind::pine : Kind::tree;
            Pen beside(stage, rng.in(0.03F, 0.97F) * stage.w(), stage.ground(depth - 0.02F),
                       stage.unit() * 0.42F * stage.scale(depth), depth * 0.7F);
            drawFigure(beside, tree, rng.fork(static_cast<uint64_t>(i) + 90));
        }
    }
    drawSubjects(stage, 0.3F, 0.7F);
    if (scene.season != Season::winter) {
        drawGrass(stage, stage.h() * 0.72F, stage.h(), turf(stage), 2600);
        if (!stage.go()) return;
        drawFlowers(stage, stage.h() * 0.68F, stage.h() * 1.0F, village ? 260 : 950);
    }
    drawSubjects(stage, -1, 0.3F);
}

}  // namespace sketch
