// Water and what lies along it: open sea, harbours, beaches and lakes.
#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"
#include "places.hpp"

namespace sketch {
namespace {

void drawQuay(Stage& stage) {
    const float top = stage.h() * 0.9F;
    Paint stone = Paint::vertical(stage.shade(hex(0x8c8278), 0, 0.6F),
                                  stage.shade(hex(0x4c443e), 0, 0.3F), top, stage.h());
    stone.grain = 0.3F;
    stage.canvas.fill(Path().box(-2, top, stage.w() + 4, stage.h()), stone);
    Rng rng = stage.rng.fork(62);
    const float unit = stage.unit();
    for (int row = 0; row < 4; ++row) {
        const float y = top + (stage.h() - top) * (0.12F + 0.26F * static_cast<float>(row));
        stage.canvas.line({0, y}, {stage.w(), y}, unit * 0.003F, unit * 0.003F,
                          stage.shade(hex(0x3c3632), 0), 0.6F);
        for (float x = rng.in(0, 0.08F) * unit; x < stage.w(); x += unit * rng.in(0.08F, 0.16F)) {
            stage.canvas.line({x, y}, {x, y + unit * 0.03F}, unit * 0.002F, unit * 0.002F,
                              stage.shade(hex(0x3c3632), 0), 0.5F);
        }
    }
    for (int i = 0; i < 4; ++i) {
        Pen pen(stage, stage.w() * (0.1F + 0.27F * static_cast<float>(i)), top + unit * 0.012F,
                unit * 0.07F, 0);
        pen.fill(Path().roundBox(-0.2F, -0.7F, 0.4F, 0.7F, 0.12F), hex(0x34302e), 0.8F);
        pen.fill(Path().ellipse(0, -0.7F, 0.3F, 0.13F), hex(0x4c4844), 0.8F);
    }
    for (const float x : {0.06F, 0.94F}) {
        Subject lamp;
        lamp.kind = Kind::lamp;
        Pen pen(stage, x * stage.w(), top + unit * 0.02F, unit * 0.4F, 0);
        drawFigure(pen, lamp, rng);
    }
}

/// A row of waterside houses on one side, and masts.
void drawHarbourTown(Stage& stage) {
    Rng rng = stage.rng.fork(63);
    const float horizon = stage.horizon();
    const float unit = stage.unit();
    const float side = stage.light.side;
    const auto hills = ridge(60, 0.42F, rng);
    stage.canvas.fill(ridgePath(stage, hills, horizon + 2, unit * 0.15F, horizon + 3),
                      stage.shade(hex(0x50604e), 0.62F));
    Subject house;
    house.kind = Kind::house;
    for (int row = 0; row < 2; ++row) {
        for (int i = 0; i < 9; ++i) {
            const float k = static_cast<float>(i) / 9;
            const float x = 0.5F - side * (0.5F - 0.56F * k);
            const bool church = i == 3 && row == 0;
            house.kind = church ? Kind::tower : Kind::house;
            const float size =
                church ? unit * 0.3F : unit * rng.in(0.1F, 0.15F) * (1.15F - 0.45F * k);
            const float foot = horizon + unit * (row == 0 && !church ? -0.035F : 0.004F);
            Pen pen(stage, (x + rng.in(-0.02F, 0.02F)) * stage.w(), foot, size, 0.34F + 0.1F * k,
                    rng.chance(0.5F));
            drawFigure(pen, house,
                       rng.fork(static_cast<uint64_t>(i) + static_cast<uint64_t>(row) * 20));
        }
    }
}

}  // namespace

void drawShore(Stage& stage) {
    const Scene& scene = stage.scene;
    Rng rng = stage.rng.fork(64);
    const float horizon = stage.horizon();
    const float unit = stage.unit();
    if (scene.place == Place::lake) {
        drawRange(stage, rng.fork(1), horizon + unit * 0.01F, unit * 0.34F, 0.75F, hex(0x6c7484),
                  scene.season == Season::winter ? 0.2F : 0.74F);
        stage.canvas.fill(ridgePath(stage, ridge(90, 0.42F, rng), horizon + unit * 0.01F,
                                    unit * 0.12F, horizon + unit * 0.02F),
                          stage.shade(turf(stage) * 0.7F, 0.5F));
        drawTrees(stage, rng.fork(2), horizon, horizon + unit * 0.008F, 46, unit * 0.1F);
    } else if (scene.place == Place::harbour) {
        drawHarbourTown(stage);
    } else if (scene.place == Place::beach || rng.chance(0.6F)) {
        // A headland far off.
        std::vector<float> line = ridge(60, 0.45F, rng);
        for (size_t i = 0; i < line.size(); ++i) {
            const float x = static_cast<float>(i) / static_cast<float>(line.size() - 1);
            const float k = stage.light.side > 0 ? 1 - x : x;
            line[i] = std::max(0.0F, (line[i] * 0.5F + 0.6F) * smooth(0.45F, 0.95F, k));
        }
        stage.canvas.fill(ridgePath(stage, line, horizon + 2, unit * 0.16F, horizon + 2),
                          stage.shade(hex(0x5c6858), 0.7F));
    }
    if (!stage.go()) return;
    drawSubjects(stage, 0.97F, 2);
    const float rough = scene.place == Place::lake      ? 0.04F + 0.3F * scene.weather.storm
                        : scene.place == Place::harbour ? 0.1F + 0.75F * scene.weather.storm
                                                        : 0.2F + 0.85F * scene.weather.storm;
    drawWater(stage, horizon, std::min(rough, 1.0F));
    if (!stage.go()) return;
    if (scene.place == Place::harbour) {
        Subject boat;
        boat.kind = Kind::boat;
        for (int i = 0; i < 5; ++i) {
            const float depth = 0.8F - 0.1F * static_cast<float>(i);
            const float x = 0.5F - stage.light.side * rng.in(0.02F, 0.46F);
            Pen pen(stage, x * stage.w(), stage.ground(depth), unit * 0.34F * stage.scale(depth),
                    depth * 0.7F, rng.chance(0.5F));
            Pen mirror = pen.mirrored();
            drawFigure(mirror, boat, rng.fork(static_cast<uint64_t>(i)));
            drawFigure(pen, boat, rng.fork(static_cast<uint64_t>(i)));
        }
    }
    drawSubjects(stage, 0.26F, 0.97F);
    if (!stage.go()) return;
    if (scene.place == Place::beach) {
        const float top = stage.h() * 0.76F;
        std::vector<float> line = ridge(40, 0.34F, rng);
        for (float& v : line)
            v = v * 0.6F + 0.4F;
        const float swell = unit * 0.07F;
        stage.canvas.fill(ridgePath(stage, line, top + swell * 0.72F, swell, stage.h() + 2),
                          mix(stage.light.low, Rgb{1, 1, 1}, 0.5F), 0.75F);
        Paint sand = Paint::vertical(stage.shade(hex(0xc8a878), 0, 0.7F),
                                     stage.shade(hex(0xecd4a4), 0, 0.75F), top, stage.h());
        sand.grain = 0.12F;
        stage.canvas.fill(ridgePath(stage, line, top + swell, swell, stage.h() + 2), sand);
        Subject palm;
        palm.kind = Kind::palm;
        const float side = stage.light.side;
        for (int i = 0; i < 3; ++i) {
            Pen pen(stage, stage.w() * (0.5F - side * (0.42F - 0.11F * static_cast<float>(i))),
                    stage.h() * (0.9F - 0.03F * static_cast<float>(i)),
                    unit * (0.72F - 0.14F * static_cast<float>(i)), 0.05F, side < 0);
            drawFigure(pen, palm, rng.fork(static_cast<uint64_t>(i) + 70));
        }
    } else if (scene.place == Place::harbour) {
        drawQuay(stage);
    } else if (scene.place == Place::lake) {
        const float top = stage.h() * 0.93F;
        Paint bank = Paint::vertical(stage.shade(turf(stage), 0, 0.6F),
                                     stage.shade(turf(stage) * 0.5F, 0, 0.3F), top, stage.h());
        stage.canvas.fill(ridgePath(stage, ridge(30, 0.35F, rng), top + unit * 0.05F, unit * 0.09F,
                                    stage.h() + 2),
                          bank);
        if (scene.season != Season::winter)
            drawGrass(stage, top, stage.h(), turf(stage) * 0.8F, 700);
    }
    drawSubjects(stage, -1, 0.26F);
}

}  // namespace sketch
