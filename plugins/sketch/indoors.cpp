// Rooms and still lifes: pictures without a horizon of their own.
#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"
#include "places.hpp"

namespace sketch {
namespace {

/// The world outside, seen through a window: a small scene of its own.
void drawView(Stage& stage, float x, float y, float w, float h) {
    Scene outside;
    outside.place = stage.scene.weather.snow > 0.2F ? Place::mountains : Place::meadow;
    outside.time = stage.scene.time;
    outside.weather = stage.scene.weather;
    outside.season = stage.scene.season;
    outside.horizon = 0.6F;
    outside.hash = stage.scene.hash;
    Canvas small(std::max(static_cast<int>(w), 8), std::max(static_cast<int>(h), 8));
    Stage view{small, outside, makeLight(outside, stage.rng), stage.rng.fork(92), stage.go};
    view.light.sunX = 0.4F;
    compose(view);
    for (int py = 0; py < small.height(); ++py) {
        for (int px = 0; px < small.width(); ++px) {
            const int tx = static_cast<int>(x) + px;
            const int ty = static_cast<int>(y) + py;
            if (tx < 0 || ty < 0 || tx >= stage.canvas.width() || ty >= stage.canvas.height())
                continue;
            stage.canvas.at(tx, ty) = small.at(px, py);
        }
    }
}

}  // namespace

void drawRoom(Stage& stage) {
    Rng rng = stage.rng.fork(93);
    Canvas& canvas = stage.canvas;
    const float w = stage.w();
    const float h = stage.h();
    const float unit = stage.unit();
    const bool evening = stage.light.lamps;
    // Indoors the lamp or the window gives the light.
    const Light outdoors = stage.light;
    stage.light.density = 0.1F;
    stage.light.side = -1;
    if (evening) {
        stage.light.ambient = hex(0x7c6458) * 0.75F;
        stage.light.key = hex(0xffc080) * 0.62F;
    } else {
        stage.light.ambient = mix(outdoors.ambient, hex(0xb0a89c), 0.6F) * 0.86F;
    }
    const std::array<Rgb, 4> papers = {hex(0x8ca898), hex(0xd8b890), hex(0x8c98b4), hex(0xc89484)};
    const Rgb wall = stage.accent(0, papers[static_cast<size_t>(rng.pick(4))]);
    const float floor = h * 0.74F;
    const Rgb lit = stage.shade(wall, 0, 0.95F);
    canvas.vertical(0, floor, lit * 0.94F, lit);
    for (int y = 0; y < static_cast<int>(floor); ++y) {
        for (int x = 0; x < canvas.width(); ++x) {
            const float d =
                std::hypot(static_cast<float>(x) / w - 0.36F, static_cast<float>(y) / h - 0.4F);
            canvas.at(x, y) = canvas.at(x, y) * (1.06F - 0.62F * clamp01(d));
        }
    }
    if (!stage.go()) return;
    // Floorboards run towards the viewer.
    const Rgb wood = hex(0x94683f);
    canvas.fill(
        Path().box(-2, floor, w + 4, h - floor + 2),
        Paint::vertical(stage.shade(wood, 0, 0.4F), stage.shade(wood * 1.1F, 0, 0.75F), floor, h));
    for (int i = -12; i <= 12; ++i) {
        const float x = w / 2 + static_cast<float>(i) * unit * 0.11F;
        const float foot = w / 2 + static_cast<float>(i) * unit * 0.26F;
        canvas.line({x, floor}, {foot, h}, unit * 0.002F, unit * 0.005F,
                    stage.shade(wood * 0.55F, 0), 0.7F);
    }
    canvas.fill(Path().box(-2, floor - unit * 0.035F, w + 4, unit * 0.04F),
                stage.shade(hex(0xece4d4), 0, 0.6F));
    // The window.
    const float ww = unit * 0.52F;
    const float wh = unit * 0.58F;
    const float wx = std::min(w * 0.36F - ww / 2, w - ww * 1.3F);
    const float wy = std::max(floor - unit * 0.14F - wh, h * 0.06F);
    drawView(stage, wx, wy, ww, wh);
    if (!stage.go()) return;
    const Rgb frame = stage.shade(hex(0xf4eee2), 0, 0.6F);
    const float bar = unit * 0.014F;
    canvas.fill(Path().box(wx - bar * 1.6F, wy - bar * 1.6F, ww + bar * 3.2F, bar * 1.7F), frame);
    canvas.fill(Path().box(wx - bar * 1.6F, wy + wh, ww + bar * 3.2F, bar * 1.7F), frame * 0.92F);
    canvas.fill(Path().box(wx - bar * 1.6F, wy, bar * 1.7F, wh), frame);
    canvas.fill(Path().box(wx + ww, wy, bar * 1.7F, wh), frame);
    canvas.fill(Path().box(wx + ww / 2 - bar / 2, wy, bar, wh), frame);
    canvas.fill(Path().box(wx, wy + wh * 0.4F, ww, bar), frame);
    canvas.fill(Path().box(wx - bar * 4, wy + wh + bar * 1.5F, ww + bar * 8, bar * 1.6F),
                frame * 1.02F);
    // Curtains in folds.
    const Rgb cloth = stage.accent(1, hsv(rng.unit(), 0.42F, 0.72F));
    canvas.line({wx - unit * 0.13F, wy - unit * 0.035F},
                {wx + ww + unit * 0.13F, wy - unit * 0.035F}, unit * 0.012F, unit * 0.012F,
                stage.shade(hex(0x5c4430), 0));
    for (const float side : {-1.0F, 1.0F}) {
        const float edge = side < 0 ? wx - unit * 0.1F : wx + ww + unit * 0.1F;
        for (int i = 0; i < 6; ++i) {
            const float k = static_cast<float>(i) / 6;
            const float x = edge - side * k * unit * 0.17F;
            const float gather = edge - side * k * unit * 0.09F;
            const float wide = unit * 0.034F;
            Path fold;
            fold.move(x - wide / 2, wy - unit * 0.03F)
                .line(x + wide / 2, wy - unit * 0.03F)
                .quad(gather + wide * 0.6F, wy + wh * 0.5F, gather + wide * 0.5F,
                      floor - unit * 0.04F)
                .line(gather - wide * 0.5F, floor - unit * 0.04F)
                .quad(gather - wide * 0.4F, wy + wh * 0.5F, x - wide / 2, wy - unit * 0.03F);
            canvas.fill(
                fold, stage.shade(cloth * (i % 2 == 0 ? 1.0F : 0.8F), 0, i % 2 == 0 ? 0.8F : 0.35F),
                0.97F);
        }
    }
    // Daylight or moonlight falling on the floor.
    if (outdoors.sun || outdoors.moon) {
        canvas.fill(
            Path()
                .move(wx + ww * 0.3F, floor)
                .line(wx + ww * 1.15F, floor)
                .line(wx + ww * 1.7F, h)
                .line(wx + ww * 0.55F, h),
            Paint::vertical(outdoors.glow, outdoors.glow, floor, h, outdoors.sun ? 0.36F : 0.15F));
    }
    // A picture, an armchair, a lamp, a rug.
    const Rgb rug = stage.accent(2, hsv(rng.unit(), 0.5F, 0.55F));
    canvas.fill(Path().ellipse(w * 0.55F, mix(floor, h, 0.62F), unit * 0.5F, unit * 0.085F),
                stage.shade(rug, 0, 0.6F));
    canvas.fill(Path().ellipse(w * 0.55F, mix(floor, h, 0.62F), unit * 0.4F, unit * 0.06F),
                stage.shade(mix(rug, hex(0xf4e8d0), 0.45F), 0, 0.6F));
    const float px = std::min(w * 0.8F, w - unit * 0.22F);
    canvas.fill(Path().box(px - unit * 0.11F, wy + unit * 0.02F, unit * 0.22F, unit * 0.17F),
                stage.shade(hex(0x6c4c2c), 0, 0.6F));
    canvas.fill(Path().box(px - unit * 0.092F, wy + unit * 0.038F, unit * 0.184F, unit * 0.134F),
                Paint::vertical(hsv(rng.unit(), 0.35F, 0.75F), hsv(rng.unit(), 0.5F, 0.5F), wy,
                                wy + unit * 0.17F));
    const Rgb seat = stage.accent(3, hsv(rng.unit(), 0.5F, 0.6F));
    Pen chair(stage, px - unit * 0.04F, mix(floor, h, 0.3F), unit * 0.4F, 0);
    chair.fill(Path().roundBox(-0.42F, -0.98F, 0.84F, 0.7F, 0.22F), seat * 0.9F);
    chair.fill(Path().roundBox(-0.4F, -0.46F, 0.8F, 0.3F, 0.08F), seat * 1.1F);
    for (const float x : {-0.52F, 0.34F}) {
        chair.fill(Path().roundBox(x, -0.56F, 0.18F, 0.5F, 0.09F), seat);
        chair.fill(Path().box(x + 0.05F, -0.07F, 0.06F, 0.1F), hex(0x4c3424));
    }
    chair.fill(Path().roundBox(-0.2F, -0.64F, 0.36F, 0.26F, 0.08F), mix(seat, hex(0xf8e8c8), 0.6F));
    Pen lamp(stage, std::min(px + unit * 0.26F, w * 0.96F), mix(floor, h, 0.2F), unit * 0.66F, 0);
    lamp.line({{0, 0}, {0, -0.8F}}, 0.016F, 0.016F, hex(0x3c3028));
    lamp.fill(Path().ellipse(0, 0, 0.1F, 0.02F), hex(0x3c3028));
    const Path shadePath =
        Path().move(-0.07F, -1.0F).line(0.07F, -1.0F).line(0.14F, -0.76F).line(-0.14F, -0.76F);
    if (evening) {
        lamp.shine(shadePath, hex(0xffdc98));
        lamp.glow(0, -0.86F, 0.95F, hex(0xffb860), 0.85F);
    } else {
        lamp.fill(shadePath, hex(0xe8d8b8), 0.5F);
    }
    drawSubjects(stage, -1, 2);
}

void drawTable(Stage& stage) {
    Rng rng = stage.rng.fork(94);
    const float w = stage.w();
    const float h = stage.h();
    const float unit = stage.unit();
    const bool night = stage.scene.time == Time::night || stage.scene.gloom > 0.4F;
    stage.light.density = 0.05F;
    stage.light.ambient = (night ? hex(0x5c5048) : hex(0xa49c98)) * 0.55F;
    stage.light.key = hex(0xffe4bc) * 0.8F;
    const std::array<Rgb, 4> walls = {hex(0x5c6c60), hex(0x7c5c48), hex(0x50607c), hex(0x88705c)};
    const Rgb wall = stage.accent(1, walls[static_cast<size_t>(rng.pick(4))]);
    drawBackdrop(stage, stage.shade(mix(wall, hex(0xfff0d8), 0.25F), 0, 0.75F),
                 stage.shade(wall * 0.4F, 0, 0.2F));
    if (!stage.go()) return;
    const float edge = h * 0.66F;
    const Rgb cloth = stage.accent(2, rng.chance(0.5F) ? hex(0xe8e0d0) : hex(0x7c4c30));
    stage.canvas.fill(Path().box(-2, edge, w + 4, h),
                      Paint::vertical(stage.shade(cloth, 0, 0.85F),
                                      stage.shade(cloth * 0.62F, 0, 0.3F), edge, h));
    for (int i = 0; i < 9; ++i) {
        const float x = rng.unit() * w;
        stage.canvas.fill(Path().band(smoothLine({{x, edge + unit * 0.12F},
                                                  {x + rng.in(-0.1F, 0.1F) * unit, h * 0.86F},
                                                  {x + rng.in(-0.2F, 0.2F) * unit, h + 4}}),
                                      unit * 0.006F, unit * 0.05F),
                          stage.shade(cloth * 0.7F, 0, 0.25F), 0.3F);
    }
    const float mid =
        stage.scene.layout == Layout::thirds ? w * (0.5F - 0.06F * stage.light.side) : w * 0.5F;
    const float side = stage.light.side;
    const auto shadow = [&](float x, float y, float r) {
        stage.canvas.fill(Path().ellipse(x - side * r * 0.6F, y, r * 1.25F, r * 0.2F),
                          Rgb{0.08F, 0.05F, 0.06F}, 0.4F);
    };
    // Bottle or vase behind.
    const float vx = mid + side * unit * 0.3F;
    const Rgb glass = stage.accent(3, hsv(rng.in(0.25F, 0.6F), 0.5F, 0.5F));
    shadow(vx, edge + unit * 0.05F, unit * 0.1F);
    Pen vase(stage, vx, edge + unit * 0.055F, unit * 0.5F, 0);
    vase.fill(Path()
                  .move(-0.05F, -0.98F)
                  .line(0.05F, -0.98F)
                  .quad(0.04F, -0.7F, 0.12F, -0.55F)
                  .quad(0.24F, -0.3F, 0.12F, 0)
                  .line(-0.12F, 0)
                  .quad(-0.24F, -0.3F, -0.12F, -0.55F)
                  .quad(-0.04F, -0.7F, -0.05F, -0.98F),
              glass, 0.95F);
    vase.shine(
        Path().band(
            smoothLine({{side * 0.09F, -0.48F}, {side * 0.125F, -0.3F}, {side * 0.1F, -0.14F}}),
            0.012F, 0.028F),
        hex(0xffffff), 0.55F);
    bool flowers = false;
    for (const Subject& subject : stage.scene.subjects)
        flowers = flowers || subject.kind == Kind::flower;
    if (flowers || rng.chance(0.6F)) {
        Subject bloom;
        bloom.kind = Kind::flower;
        for (const Subject& subject : stage.scene.subjects) {
            if (subject.kind == Kind::flower) bloom.color = subject.color;
        }
        for (int i = 0; i < 7; ++i) {
            Pen pen(stage, vx + rng.in(-0.15F, 0.15F) * unit,
                    edge - unit * (0.28F + 0.02F * static_cast<float>(i % 3)),
                    unit * rng.in(0.18F, 0.27F), 0, rng.chance(0.5F));
            drawFigure(pen, bloom, rng.fork(static_cast<uint64_t>(i)));
        }
    }
    if (!stage.go()) return;
    // A bowl heaped with fruit, more of it before.
    const float bx = mid - side * unit * 0.1F;
    const float by = edge + unit * 0.13F;
    std::vector<Rgb> skins = {hex(0xc42c24), hex(0xf09020), hex(0xe8c830),
                              hex(0x84a838), hex(0xd86848), hex(0x6c2c54)};
    if (stage.scene.palette.size() >= 2 && stage.scene.paletteStrength > 0.3F)
        skins = stage.scene.palette;
    for (const Subject& subject : stage.scene.subjects) {
        if (subject.kind == Kind::fruit && subject.color)
            skins.insert(skins.end(), 6, *subject.color);
    }
    const auto fruit = [&](float x, float y, float r) {
        const Rgb skin = skins[static_cast<size_t>(rng.pick(static_cast<int>(skins.size())))];
        drawBall(stage, x, y, r, rng.in(0.9F, 1.0F), skin, 0.8F);
        stage.canvas.line({x, y - r * 0.86F}, {x + r * 0.16F, y - r * 1.2F}, r * 0.1F, r * 0.07F,
                          stage.shade(hex(0x4c3420), 0));
        if (rng.chance(0.4F)) {
            stage.canvas.fill(Path()
                                  .move(x + r * 0.1F, y - r * 1.05F)
                                  .quad(x + r * 0.5F, y - r * 1.4F, x + r * 0.85F, y - r * 1.05F)
                                  .quad(x + r * 0.5F, y - r * 0.95F, x + r * 0.1F, y - r * 1.05F),
                              stage.shade(hex(0x5c8c3c), 0, 0.7F));
        }
    };
    shadow(bx, by + unit * 0.02F, unit * 0.22F);
    for (int row = 2; row >= 0; --row) {
        const int count = 5 - row;
        for (int i = 0; i < count; ++i) {
            const float x =
                bx + (static_cast<float>(i) - static_cast<float>(count - 1) / 2) * unit * 0.088F;
            fruit(x + rng.in(-0.008F, 0.008F) * unit,
                  by - unit * (0.16F + 0.062F * static_cast<float>(row)),
                  unit * rng.in(0.052F, 0.064F));
        }
    }
    Pen bowl(stage, bx, by, unit * 0.3F, 0);
    bowl.fill(Path()
                  .move(-0.86F, -0.56F)
                  .quad(-0.74F, 0, -0.26F, 0)
                  .line(0.26F, 0)
                  .quad(0.74F, 0, 0.86F, -0.56F)
                  .quad(0, -0.34F, -0.86F, -0.56F),
              stage.accent(0, hex(0x54789c)), 0.9F);
    bowl.line(
        smoothLine(
            {{-0.86F, -0.56F}, {-0.4F, -0.45F}, {0, -0.42F}, {0.4F, -0.45F}, {0.86F, -0.56F}}),
        0.035F, 0.035F, hex(0xe8ecec));
    for (int i = 0; i < 5; ++i) {
        const float x =
            mid + (static_cast<float>(i) - 2.2F) * unit * 0.17F + rng.in(-0.03F, 0.03F) * unit;
        const float r = unit * rng.in(0.055F, 0.075F);
        const float y = h * rng.in(0.84F, 0.9F);
        shadow(x, y + r * 0.85F, r);
        fruit(x, y, r);
    }
    for (const Subject& subject : stage.scene.subjects) {
        if (subject.kind == Kind::fruit || subject.kind == Kind::flower ||
            subject.kind == Kind::none)
            continue;
        const float size =
            std::max(naturalSize(subject.kind), 0.26F) * unit * std::min(subject.size, 1.3F);
        shadow(subject.x * w, h * 0.8F, size * 0.3F);
        Pen pen(stage, subject.x * w, h * 0.8F, std::min(size, h * 0.6F), 0);
        drawFigure(pen, subject, rng.fork(static_cast<uint64_t>(subject.x * 999)));
    }
}

}  // namespace sketch
