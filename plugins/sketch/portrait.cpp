// Portraits, and the backdrop that studio pictures share.
#include <algorithm>
#include <array>
#include <cmath>

#include "figures.hpp"
#include "noise.hpp"
#include "places.hpp"

namespace sketch {

void drawBackdrop(Stage& stage, Rgb light, Rgb dark) {
    const auto seed = static_cast<uint32_t>(stage.rng.fork(91).next());
    const float unit = stage.unit();
    const Field mottle(stage.canvas.width(), stage.canvas.height(),
                       std::max(2, static_cast<int>(unit / 160)),
                       [&](float x, float y) { return fbm(x / unit * 3, y / unit * 3, 4, seed); });
    const float cx = stage.w() * (0.5F + 0.22F * stage.light.side);
    const float cy = stage.h() * 0.34F;
    for (int y = 0; y < stage.canvas.height(); ++y) {
        for (int x = 0; x < stage.canvas.width(); ++x) {
            const float fx = static_cast<float>(x);
            const float fy = static_cast<float>(y);
            const float d = std::hypot((fx - cx) / stage.w(), (fy - cy) / stage.h()) * 1.35F;
            stage.canvas.at(x, y) =
                mix(light, dark, clamp01(d + (mottle.at(fx, fy) - 0.5F) * 0.7F));
        }
    }
}

void drawPortrait(Stage& stage) {
    Rng rng = stage.rng.fork(95);
    const float w = stage.w();
    const float h = stage.h();
    const float unit = stage.unit();
    Canvas& canvas = stage.canvas;
    const bool night = stage.light.lamps;
    stage.light.density = 0.04F;
    stage.light.ambient = (night ? hex(0x706888) : hex(0xaca4a0)) * 0.6F;
    stage.light.key = mix(stage.light.glow, hex(0xfff0dc), 0.6F) * 0.6F;
    Subject person;
    person.kind = Kind::person;
    const Subject* given = nullptr;
    for (const Subject& subject : stage.scene.subjects) {
        if (given == nullptr || (subject.kind == Kind::person && given->kind != Kind::person))
            given = &subject;
    }
    if (given != nullptr) person = *given;
    const Rgb coat = person.color.value_or(stage.accent(0, hsv(rng.unit(), 0.5F, 0.5F)));
    const Rgb back = stage.accent(
        1, mix(hsv(rng.unit(), 0.25F, 0.55F), Rgb{0.5F, 0.56F, 0.58F} - coat * 0.3F, 0.5F));
    drawBackdrop(stage, mix(back, stage.light.mid, 0.4F) * (night ? 0.7F : 1.05F),
                 back * (night ? 0.26F : 0.45F));
    for (int i = 0; i < 26; ++i) {
        // Lights out of focus.
        const Rgb spot = mix(hsv(rng.unit(), 0.3F, 1), stage.light.glow, 0.6F);
        canvas.dot(rng.unit() * w, rng.unit() * h * 0.8F, unit * rng.in(0.015F, 0.06F), spot,
                   night ? 0.2F : 0.1F, 0.2F);
    }
    if (!stage.go()) return;
    const float x = stage.scene.layout == Layout::thirds && given != nullptr
                        ? mix(0.5F, given->x, 0.4F) * w
                        : w * 0.5F;
    if (person.kind != Kind::person) {
        const float size = std::min(unit * 0.8F, h * 0.85F);
        Pen pen(stage, x, h * 0.95F, size, 0);
        drawFigure(pen, person, rng);
        return;
    }
    const std::array<Rgb, 4> skins = {hex(0xf2c8a6), hex(0xdca67c), hex(0xae764e), hex(0x805034)};
    const std::array<Rgb, 4> hairs = {hex(0x2c2018), hex(0x6c4424), hex(0xb8843c), hex(0x8c3c1c)};
    const Rgb skin = skins[static_cast<size_t>(rng.pick(4))];
    const Rgb hair = person.hair.value_or(hairs[static_cast<size_t>(rng.pick(4))]);
    const float side = stage.light.side;
    Pen pen(stage, x, h * 1.04F, std::min(w * 1.02F, h * 1.02F), 0);
    const bool longHair = person.female || rng.chance(0.2F);
    if (longHair) {
        pen.fill(Path().blob({{0, -0.98F},
                              {-0.17F, -0.9F},
                              {-0.215F, -0.7F},
                              {-0.2F, -0.48F},
                              {-0.24F, -0.34F},
                              {-0.1F, -0.36F},
                              {0.1F, -0.36F},
                              {0.24F, -0.34F},
                              {0.2F, -0.48F},
                              {0.215F, -0.7F},
                              {0.17F, -0.9F}}),
                 hair * 0.8F);
    }
    // Shoulders and coat.
    pen.fill(Path()
                 .move(-0.44F, 0.05F)
                 .cubic(-0.43F, -0.2F, -0.38F, -0.31F, -0.12F, -0.43F)
                 .line(0.12F, -0.43F)
                 .cubic(0.38F, -0.31F, 0.43F, -0.2F, 0.44F, 0.05F),
             coat, 0.7F);
    pen.fill(Path()
                 .move(-0.085F, -0.55F)
                 .line(0.085F, -0.55F)
                 .quad(0.085F, -0.4F, 0.13F, -0.38F)
                 .quad(0, -0.24F, -0.13F, -0.38F)
                 .quad(-0.085F, -0.4F, -0.085F, -0.55F),
             skin * 0.8F, 0.6F);
    pen.fill(Path()
                 .move(-0.14F, -0.43F)
                 .quad(-0.2F, -0.36F, -0.18F, -0.26F)
                 .line(0, -0.1F)
                 .line(-0.03F, -0.24F)
                 .quad(-0.11F, -0.32F, -0.14F, -0.43F),
             coat * 1.18F, 0.3F);
    pen.fill(Path()
                 .move(0.14F, -0.43F)
                 .quad(0.2F, -0.36F, 0.18F, -0.26F)
                 .line(0, -0.1F)
                 .line(0.03F, -0.24F)
                 .quad(0.11F, -0.32F, 0.14F, -0.43F),
             coat * 0.9F, 0.3F);
    pen.line({{0, -0.1F}, {0, 0.04F}}, 0.006F, 0.006F, coat * 0.5F);
    for (const float arm : {-1.0F, 1.0F})
        pen.line(smoothLine({{arm * 0.27F, 0.0F}, {arm * 0.29F, -0.1F}, {arm * 0.27F, -0.19F}}),
                 0.012F, 0.003F, coat * 0.6F);
    pen.dot(0.03F, -0.05F, 0.014F, stage.shade(hex(0xd8b860), 0));
    // Head.
    pen.fill(Path()
                 .move(-0.145F, -0.76F)
                 .cubic(-0.15F, -0.95F, 0.15F, -0.95F, 0.145F, -0.76F)
                 .cubic(0.145F, -0.6F, 0.075F, -0.49F, 0, -0.485F)
                 .cubic(-0.075F, -0.49F, -0.145F, -0.6F, -0.145F, -0.76F),
             skin, 0.75F);
    const auto soft = [&](float px, float py, float r, Rgb c, float alpha) {
        pen.dot(px, py, r, c, alpha, 1);
    };
    const Rgb blush = stage.shade(mix(skin, hex(0xe06050), 0.4F), 0, 0.7F);
    soft(-0.085F, -0.645F, 0.055F, blush, 0.5F);
    soft(0.085F, -0.645F, 0.055F, blush, 0.5F);
    const Rgb dark = stage.shade(skin * 0.55F, 0, 0.3F);
    for (const float eye : {-1.0F, 1.0F}) {
        soft(eye * 0.062F, -0.735F, 0.046F, dark, 0.35F);
        const Path white = Path()
                               .move(eye * 0.028F, -0.728F)
                               .quad(eye * 0.06F, -0.758F, eye * 0.098F, -0.73F)
                               .quad(eye * 0.062F, -0.708F, eye * 0.028F, -0.728F);
        pen.shine(white, stage.shade(hex(0xf4f0ea), 0, 0.7F));
        pen.shine(Path().ellipse(eye * 0.062F + side * 0.004F, -0.732F, 0.0175F, 0.0185F),
                  person.palette.size() > 1 ? person.palette[1] * 0.7F : hex(0x4a5c54));
        pen.shine(Path().ellipse(eye * 0.062F + side * 0.004F, -0.732F, 0.009F, 0.0095F),
                  hex(0x0c0c10));
        pen.shine(Path().ellipse(eye * 0.062F + side * 0.01F, -0.739F, 0.005F, 0.005F),
                  hex(0xffffff));
        pen.line(
            smoothLine({{eye * 0.026F, -0.73F}, {eye * 0.06F, -0.757F}, {eye * 0.1F, -0.733F}}),
            0.007F, 0.01F, hair * 0.5F);
        pen.line(
            smoothLine({{eye * 0.026F, -0.782F}, {eye * 0.066F, -0.8F}, {eye * 0.11F, -0.782F}}),
            0.013F, 0.006F, hair * 0.75F);
    }
    soft(-side * 0.022F, -0.66F, 0.03F, dark, 0.4F);
    pen.line(smoothLine({{side * -0.012F, -0.73F},
                         {side * -0.02F, -0.67F},
                         {side * -0.024F, -0.636F},
                         {0.008F, -0.628F}}),
             0.005F, 0.008F, skin * 0.6F);
    const Rgb lip = mix(skin, person.female ? hex(0xb02c34) : hex(0xa05048), 0.65F);
    pen.fill(Path()
                 .move(-0.05F, -0.573F)
                 .quad(-0.02F, -0.59F, 0, -0.58F)
                 .quad(0.02F, -0.59F, 0.05F, -0.573F)
                 .quad(0, -0.54F, -0.05F, -0.573F),
             lip, 0.4F);
    pen.line(smoothLine({{-0.05F, -0.573F}, {0, -0.569F}, {0.05F, -0.573F}}), 0.004F, 0.004F,
             lip * 0.55F);
    // Hair over the brow.
    pen.fill(Path()
                 .move(-0.155F, -0.7F)
                 .cubic(-0.2F, -0.98F, -0.06F, -1.02F, 0.02F, -0.99F)
                 .cubic(0.15F, -1.0F, 0.2F, -0.88F, 0.155F, -0.7F)
                 .cubic(0.15F, -0.8F, 0.11F, -0.85F, 0.05F, -0.87F)
                 .cubic(-0.02F, -0.85F, -0.13F, -0.86F, -0.155F, -0.7F),
             hair, 0.8F);
    for (int i = 0; i < 16; ++i) {
        const float k = static_cast<float>(i) / 15 * 2 - 1;
        // Strands from the parting, as far as the hair reaches.
        pen.line(smoothLine({{k * 0.02F, -0.984F},
                             {k * 0.1F, -0.955F + std::fabs(k) * 0.01F},
                             {k * 0.155F, -0.88F + std::fabs(k) * 0.02F}}),
                 0.003F, 0.0015F, hair * rng.in(0.8F, 1.5F));
        if (!longHair) continue;
        const float x0 = (k < 0 ? -1.0F : 1.0F) * (0.158F + 0.028F * std::fabs(k));
        pen.line(smoothLine({{x0, -0.76F}, {x0 * 1.04F, -0.6F}, {x0 * 1.03F, -0.42F}}), 0.005F,
                 0.002F, hair * rng.in(0.75F, 1.45F));
    }
    if (person.hat) {
        pen.fill(Path().ellipse(0, -0.9F, 0.33F, 0.05F, side * 0.06F), coat * 0.6F);
        pen.fill(Path().move(-0.17F, -0.91F).cubic(-0.17F, -1.12F, 0.17F, -1.12F, 0.17F, -0.91F),
                 coat * 0.66F);
    }
}

}  // namespace sketch
