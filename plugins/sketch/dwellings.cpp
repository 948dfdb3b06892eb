// Forests and cities: many upright things in rows, the nearer the larger.
#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"
#include "places.hpp"

namespace sketch {
namespace {

const Rgb kWindow = hex(0xffd080);

void drawTower(Stage& stage, Rng& rng, float x, float width, float top, float foot, float depth,
               Rgb wall) {
    Canvas& canvas = stage.canvas;
    const float unit = stage.unit();
    Pen pen(stage, 0, 0, 1, depth);
    pen.fill(Path().box(x, top, width, foot - top), wall, 0.5F);
    const int crown = rng.pick(4);
    if (crown == 0) {
        pen.fill(Path().box(x + width * 0.2F, top - width * 0.2F, width * 0.6F, width * 0.22F),
                 wall * 0.9F, 0.5F);
        pen.line({{x + width / 2, top - width * 0.18F}, {x + width / 2, top - width * 0.75F}},
                 unit * 0.004F, unit * 0.001F, wall * 0.6F);
    } else if (crown == 1) {
        pen.fill(Path()
                     .move(x, top + 1)
                     .line(x + width * 0.5F, top - width * 0.4F)
                     .line(x + width, top + 1),
                 wall, 0.5F);
    } else if (crown == 2) {
        pen.fill(Path().box(x + width * 0.1F, top - unit * 0.012F, width * 0.24F, unit * 0.014F),
                 wall * 0.7F, 0.2F);
    }
    const float cell = std::max(unit * mix(0.022F, 0.011F, depth), 3.0F);
    const bool lit = stage.light.lamps;
    const float share = lit ? 0.42F : 0.0F;
    const Rgb pane = stage.shade(hex(0x3c4c60), depth, 0.4F);
    for (float wy = top + cell; wy < foot - cell * 0.5F; wy += cell * 1.45F) {
        for (float wx = x + cell * 0.5F; wx < x + width - cell * 0.7F; wx += cell * 1.1F) {
            const bool on = rng.chance(share);
            Rgb color = pane;
            if (on) {
                color = mix(kWindow, rng.chance(0.2F) ? hex(0x90c8f0) : hex(0xffb468), rng.unit());
                color = mix(color, stage.light.haze, depth * 0.45F);
            }
            canvas.fill(Path().box(wx, wy, cell * 0.6F, cell * 0.85F), color, on ? 0.95F : 0.55F);
        }
    }
}

}  // namespace

void drawCity(Stage& stage) {
    Rng rng = stage.rng.fork(71);
    const float unit = stage.unit();
    const float horizon = stage.horizon();
    const float street = std::max(horizon + unit * 0.14F, stage.h() * 0.74F);
    const bool middle = stage.scene.layout != Layout::thirds;
    const float vanish = stage.w() * (middle ? 0.5F : 0.5F + 0.08F * stage.light.side);
    const std::array<Rgb, 5> walls = {hex(0x7c8494), hex(0x8c7468), hex(0x687480), hex(0xa08c7c),
                                      hex(0x5c6070)};
    for (int row = 0; row < 4; ++row) {
        if (!stage.go()) return;
        const float t = static_cast<float>(row) / 3;
        const float depth = 0.9F - 0.75F * t;
        for (float x = -unit * 0.1F; x < stage.w();) {
            const float width = unit * mix(0.07F, 0.17F, t) * rng.in(0.7F, 1.35F);
            const float off = std::fabs(x + width / 2 - vanish) / stage.w();
            // The street opens a canyon in the middle: near rows leave it free.
            const float tall = unit * mix(0.5F, 0.62F, t) * rng.in(0.5F, 1.15F) *
                               (row == 0 ? 1.0F : 0.45F + 1.5F * off);
            if (row < 2 || off > 0.1F + 0.11F * t) {
                const float top = std::max(street - tall - unit * 0.1F, stage.h() * 0.02F);
                drawTower(stage, rng, x, width, top, street + 2, depth,
                          walls[static_cast<size_t>(rng.pick(5))] * rng.in(0.75F, 1.1F));
            }
            x += width * (row == 0 ? 0.9F : 1.02F);
        }
        if (stage.light.lamps && row < 3) {
            stage.canvas.glow(vanish, street, unit * 0.55F, hex(0xffb870), 0.16F);
        }
        if (row == 1) drawSubjects(stage, 0.7F, 2);
    }
    // The street: wet, it mirrors the lights above it.
    const bool wet = stage.scene.weather.rain > 0.1F;
    if (wet) {
        drawWater(stage, street, 0.02F);
        stage.canvas.vertical(street, stage.h(), stage.shade(hex(0x3c4048), 0.2F),
                              stage.shade(hex(0x26282e), 0), 0.5F);
    } else {
        Paint asphalt = Paint::vertical(stage.shade(hex(0x6c6a6c), 0.3F),
                                        stage.shade(hex(0x48484c), 0), street, stage.h());
        asphalt.grain = 0.16F;
        stage.canvas.fill(Path().box(-2, street, stage.w() + 4, stage.h()), asphalt);
        for (int i = 0; i < 7; ++i) {
            const float a = std::pow(static_cast<float>(i) / 7, 1.7F);
            const float b = std::pow((static_cast<float>(i) + 0.5F) / 7, 1.7F);
            const float ya = mix(street, stage.h() * 1.02F, a);
            const float yb = mix(street, stage.h() * 1.02F, b);
            stage.canvas.fill(Path()
                                  .move(vanish - unit * 0.02F * a, ya)
                                  .line(vanish + unit * 0.02F * a, ya)
                                  .line(vanish + unit * 0.02F * b, yb)
                                  .line(vanish - unit * 0.02F * b, yb),
                              stage.shade(hex(0xe8e0c8), 0.1F), 0.8F);
        }
    }
    for (const float side : {-1.0F, 1.0F}) {
        stage.canvas.fill(
            Path()
                .move(vanish + side * unit * 0.2F, street)
                .line(vanish + side * unit * 2, street)
                .line(vanish + side * unit * 2, stage.h())
                .line(vanish + side * unit * 0.86F, stage.h()),
            Paint::vertical(stage.shade(hex(0x8c8682), 0.2F), stage.shade(hex(0x6c6664), 0), street,
                            stage.h(), wet ? 0.4F : 0.9F));
    }
    Subject lamp;
    lamp.kind = Kind::lamp;
    for (int i = 0; i < 4; ++i) {
        for (const float side : {-1.0F, 1.0F}) {
            const float t = static_cast<float>(i) / 3;
            const float y = mix(street + unit * 0.01F, stage.h() * 0.93F, t * t);
            Pen pen(stage, vanish + side * unit * mix(0.2F, 0.62F, t * t), y,
                    unit * mix(0.12F, 0.44F, t * t), 0.4F * (1 - t));
            drawFigure(pen, lamp, rng);
            if (stage.light.lamps && wet) {
                const float x = vanish + side * unit * mix(0.2F, 0.62F, t * t);
                stage.canvas.line({x, y}, {x, y + unit * 0.26F}, unit * 0.03F, unit * 0.01F,
                                  hex(0xffc878), 0.16F);
            }
        }
    }
    bool hasPeople = false;
    for (const Subject& subject : stage.scene.subjects)
        hasPeople = hasPeople || subject.kind == Kind::person;
    if (stage.scene.crowd && !hasPeople) {
        Subject walker;
        walker.kind = Kind::person;
        for (int i = 0; i < 5; ++i) {
            const float t = rng.in(0.05F, 0.4F);
            walker.umbrella = wet && rng.chance(0.75F);
            walker.color = hsv(rng.unit(), 0.4F, 0.4F);
            walker.palette = {hsv(rng.unit(), wet ? 0.65F : 0.3F, 0.7F)};
            Pen pen(stage, vanish + rng.in(-0.3F, 0.3F) * unit * (1 + t),
                    mix(street, stage.h() * 0.97F, t), unit * mix(0.07F, 0.26F, t), 0.35F * (1 - t),
                    rng.chance(0.5F));
            drawFigure(pen, walker, rng.fork(static_cast<uint64_t>(i)));
        }
    }
    drawSubjects(stage, -1, 0.7F);
}

void drawForest(Stage& stage) {
    Rng rng = stage.rng.fork(72);
    const Scene& scene = stage.scene;
    const float unit = stage.unit();
    const float horizon = stage.horizon();
    const bool winter = scene.season == Season::winter;
    bool pines = winter || rng.chance(0.5F);
    for (const Subject& subject : scene.subjects) {
        pines = (pines || subject.kind == Kind::pine) && subject.kind != Kind::tree;
    }
    const Rgb floor =
        winter ? hex(0xe6eef8) : (scene.season == Season::autumn ? hex(0x9c6c34) : hex(0x5c6c34));
    Subject tree;
    tree.kind = pines ? Kind::pine : Kind::tree;
    constexpr int kRows = 6;
    const float path = 0.5F + 0.1F * stage.light.side;
    stage.canvas.fill(
        Path().box(-2, horizon, stage.w() + 4, stage.h()),
        Paint::vertical(stage.shade(floor, 0.9F), stage.shade(floor, 0.3F), horizon, stage.h()));
    for (int row = 0; row < kRows; ++row) {
        const float t = static_cast<float>(row) / (kRows - 1);
        const float depth = 0.95F * (1 - t) * (1 - t) + 0.02F;
        const float y = mix(horizon + unit * 0.01F, stage.h() * 0.96F, std::pow(t, 1.5F));
        const Rgb soil = floor * (winter ? 1.0F : 0.9F);
        Paint ground = Paint::vertical(stage.shade(soil, depth, 0.75F),
                                       stage.shade(soil * 0.72F, depth * 0.7F, 0.35F),
                                       y - unit * 0.03F, y + unit * 0.22F);
        ground.grain = winter ? 0.05F : 0.25F;
        stage.canvas.fill(
            ridgePath(stage, ridge(40, 0.4F, rng), y, unit * mix(0.02F, 0.05F, t), stage.h() + 2),
            ground);
        const int count =
            std::max(4, static_cast<int>(mix(44, 5, std::sqrt(t)) * stage.w() / stage.h() / 1.3F));
        for (int i = 0; i < count; ++i) {
            if (!stage.go()) return;
            const float x =
                (static_cast<float>(i) + rng.in(0.1F, 0.9F)) / static_cast<float>(count);
            // A clearing leads the eye in.
            if (std::fabs(x - path) < 0.03F + 0.2F * t) continue;
            const float tall = unit * mix(0.3F, 0.98F, t) * rng.in(0.8F, 1.15F);
            Pen pen(stage, x * stage.w(), y + unit * rng.in(-0.005F, 0.02F), tall, depth * 0.85F,
                    rng.chance(0.5F));
            drawFigure(pen, tree,
                       rng.fork(static_cast<uint64_t>(i) + static_cast<uint64_t>(row) * 100));
        }
        if (row == 1) drawSubjects(stage, 0.6F, 2);
        if (row == 3) drawSubjects(stage, 0.24F, 0.6F);
        if (row == 2 && !stage.light.lamps && scene.weather.fog < 0.6F && !winter) {
            // Shafts of light.
            for (int i = 0; i < 6; ++i) {
                const float x = rng.in(0.1F, 0.9F) * stage.w();
                const float lean = -stage.light.side * unit * 0.3F;
                const float wide = unit * rng.in(0.03F, 0.09F);
                stage.canvas.fill(
                    Path()
                        .move(x, 0)
                        .line(x + wide * 0.5F, 0)
                        .line(x + lean + wide * 1.6F, stage.h() * 0.85F)
                        .line(x + lean, stage.h() * 0.85F),
                    Paint::vertical(stage.light.glow, mix(stage.light.glow, stage.light.haze, 0.6F),
                                    0, stage.h(), 0.1F));
            }
        }
    }
    if (!winter) {
        drawGrass(stage, stage.h() * 0.85F, stage.h(), floor, 900);
        Rng small = stage.rng.fork(73);
        Subject mushroom;
        mushroom.kind = Kind::mushroom;
        for (int i = 0; i < 4; ++i) {
            Pen pen(stage, small.unit() * stage.w(), stage.h() * small.in(0.93F, 0.99F),
                    unit * small.in(0.025F, 0.05F), 0);
            drawFigure(pen, mushroom, small.fork(static_cast<uint64_t>(i)));
        }
    }
    drawSubjects(stage, -1, 0.24F);
}

}  // namespace sketch
