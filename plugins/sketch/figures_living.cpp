#include <array>
#include <cmath>

#include "figures.hpp"

namespace sketch {
namespace {

void drawRobot(Pen& pen, const Subject& subject) {
    const Rgb body = subject.color.value_or(hex(0x9aa6b0));
    const Rgb dark = body * 0.55F;
    const Rgb eye = subject.palette.size() > 1 ? subject.palette[1] : hex(0x58e8ff);
    for (const float x : {-0.1F, 0.1F}) {
        pen.fill(Path().roundBox(x - 0.045F, -0.36F, 0.09F, 0.33F, 0.03F), dark);
        pen.fill(Path().roundBox(x - 0.075F, -0.06F, 0.15F, 0.07F, 0.03F), body);
    }
    for (const float x : {-0.25F, 0.25F}) {
        pen.fill(Path().roundBox(x - 0.045F, -0.68F, 0.09F, 0.34F, 0.04F), dark);
        pen.fill(Path().ellipse(x, -0.34F, 0.06F, 0.06F), body);
    }
    pen.fill(Path().roundBox(-0.2F, -0.72F, 0.4F, 0.39F, 0.07F), body);
    pen.fill(Path().roundBox(-0.11F, -0.62F, 0.22F, 0.14F, 0.03F), dark);
    pen.dot(-0.05F, -0.55F, 0.022F, eye);
    pen.dot(0.05F, -0.55F, 0.022F, hex(0xffa040));
    pen.fill(Path().box(-0.04F, -0.77F, 0.08F, 0.06F), dark);
    pen.fill(Path().roundBox(-0.15F, -0.97F, 0.3F, 0.21F, 0.07F), body);
    for (const float x : {-0.065F, 0.065F}) {
        pen.dot(x, -0.87F, 0.036F, dark);
        pen.dot(x, -0.87F, 0.026F, eye);
        pen.glow(x, -0.87F, 0.16F, eye, 0.7F);
    }
    pen.line({{0, -0.96F}, {0, -1.05F}}, 0.014F, 0.014F, dark);
    pen.dot(0, -1.06F, 0.024F, hex(0xff5040));
}

void drawCat(Pen& pen, const Subject& subject, Rng& rng) {
    const std::array<Rgb, 4> coats = {hex(0xd0803c), hex(0x3a3638), hex(0x9a958e), hex(0xe8ddc8)};
    const Rgb coat = subject.color.value_or(coats[static_cast<size_t>(rng.pick(4))]);
    const Rgb dark = coat * 0.72F;
    pen.fill(Path().band(smoothLine({{0.22F, -0.06F},
                                     {0.46F, -0.05F},
                                     {0.58F, -0.22F},
                                     {0.5F, -0.4F},
                                     {0.56F, -0.52F}}),
                         0.12F, 0.05F),
             dark);
    pen.fill(Path().blob({{-0.22F, 0},
                          {-0.24F, -0.25F},
                          {-0.16F, -0.52F},
                          {0.02F, -0.6F},
                          {0.2F, -0.45F},
                          {0.33F, -0.18F},
                          {0.28F, 0}}),
             coat);
    pen.fill(Path().ellipse(0.14F, -0.15F, 0.17F, 0.17F), dark);
    for (const float x : {-0.17F, -0.05F})
        pen.fill(Path().roundBox(x - 0.05F, -0.34F, 0.1F, 0.34F, 0.05F), coat * 1.05F);
    pen.fill(Path().move(-0.29F, -0.8F).line(-0.29F, -1.05F).line(-0.12F, -0.9F), coat);
    pen.fill(Path().move(0.0F, -0.9F).line(0.15F, -1.05F).line(0.16F, -0.79F), coat);
    pen.fill(Path().ellipse(-0.065F, -0.74F, 0.24F, 0.2F), coat);
    pen.fill(Path().ellipse(-0.09F, -0.66F, 0.11F, 0.075F), mix(coat, Rgb{1, 0.97F, 0.92F}, 0.45F),
             0.1F);
    const Rgb eye = subject.palette.size() > 1 ? subject.palette[1] : hex(0xc8d048);
    for (const float x : {-0.16F, 0.02F}) {
        pen.shine(Path().ellipse(x, -0.76F, 0.042F, 0.046F), eye);
        pen.shine(Path().ellipse(x, -0.76F, 0.014F, 0.04F), hex(0x101010));
    }
    pen.shine(Path().ellipse(-0.08F, -0.68F, 0.02F, 0.014F), hex(0x803c40));
}

void drawDog(Pen& pen, const Subject& subject, Rng& rng) {
    const std::array<Rgb, 3> coats = {hex(0xa8743c), hex(0x4a3a30), hex(0xd8c4a0)};
    const Rgb coat = subject.color.value_or(coats[static_cast<size_t>(rng.pick(3))]);
    pen.fill(
        Path().band(smoothLine({{0.42F, -0.55F}, {0.6F, -0.66F}, {0.68F, -0.86F}}), 0.1F, 0.05F),
        coat);
    for (const float x : {-0.2F, 0.26F})
        pen.fill(Path().roundBox(x, -0.45F, 0.09F, 0.45F, 0.04F), coat * 0.7F);
    pen.fill(Path().blob({{-0.4F, -0.42F},
                          {-0.36F, -0.66F},
                          {0.02F, -0.64F},
                          {0.36F, -0.66F},
                          {0.48F, -0.5F},
                          {0.36F, -0.3F},
                          {0, -0.34F},
                          {-0.26F, -0.27F}}),
             coat);
    for (const float x : {-0.31F, 0.36F})
        pen.fill(Path().roundBox(x, -0.45F, 0.1F, 0.46F, 0.04F), coat);
    pen.fill(Path().band({{-0.28F, -0.52F}, {-0.42F, -0.8F}}, 0.3F, 0.2F), coat);
    pen.fill(Path().blob({{-0.32F, -0.94F},
                          {-0.46F, -0.98F},
                          {-0.58F, -0.88F},
                          {-0.74F, -0.8F},
                          {-0.74F, -0.71F},
                          {-0.5F, -0.68F},
                          {-0.34F, -0.76F}}),
             coat);
    pen.fill(Path().blob({{-0.36F, -0.96F}, {-0.27F, -0.92F}, {-0.26F, -0.72F}, {-0.34F, -0.7F}}),
             coat * 0.6F);
    pen.shine(Path().ellipse(-0.74F, -0.79F, 0.035F, 0.03F), hex(0x181414));
    pen.shine(Path().ellipse(-0.54F, -0.87F, 0.02F, 0.022F), hex(0x181414));
}

void drawBird(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb coat =
        subject.color.value_or(pen.stage().light.lamps ? hex(0x24262c) : hex(0x34383e));
    const float beat = rng.in(-0.25F, 0.3F);
    pen.fill(Path()
                 .move(0, -0.4F)
                 .cubic(-0.2F, -0.85F - beat, -0.6F, -0.9F - beat, -0.98F, -0.62F)
                 .cubic(-0.6F, -0.66F, -0.3F, -0.5F, -0.08F, -0.24F),
             coat, 0.2F);
    pen.fill(Path()
                 .move(0, -0.4F)
                 .cubic(0.2F, -0.85F - beat, 0.55F, -0.95F - beat, 0.92F, -0.74F)
                 .cubic(0.55F, -0.68F, 0.3F, -0.5F, 0.1F, -0.24F),
             coat * 1.15F, 0.2F);
    pen.fill(Path().blob({{-0.36F, -0.34F},
                          {-0.2F, -0.42F},
                          {0.1F, -0.38F},
                          {0.42F, -0.2F},
                          {0.1F, -0.2F},
                          {-0.2F, -0.26F}}),
             coat, 0.2F);
}

/// Horse and deer share a body.
void drawHoofed(Pen& pen, const Subject& subject, Rng& rng, bool deer) {
    const std::array<Rgb, 3> coats = {hex(0x8a5430), hex(0x4c3426), hex(0xd8d0c4)};
    const Rgb coat =
        subject.color.value_or(deer ? hex(0x9a6a40) : coats[static_cast<size_t>(rng.pick(3))]);
    const Rgb dark = coat * 0.6F;
    const float leg = deer ? 0.042F : 0.055F;
    for (const float x : {-0.16F, 0.3F})
        pen.fill(Path().band({{x, -0.42F}, {x + 0.03F, -0.2F}, {x - 0.01F, 0}}, leg * 2, leg),
                 dark);
    if (!deer)
        pen.fill(
            Path().band(smoothLine({{0.4F, -0.62F}, {0.52F, -0.5F}, {0.5F, -0.25F}}), 0.1F, 0.04F),
            dark);
    pen.fill(Path().blob({{-0.32F, -0.5F},
                          {-0.28F, -0.66F},
                          {0, -0.62F},
                          {0.3F, -0.68F},
                          {0.44F, -0.55F},
                          {0.36F, -0.36F},
                          {0, -0.35F},
                          {-0.26F, -0.37F}}),
             coat);
    for (const float x : {-0.25F, 0.38F})
        pen.fill(Path().band({{x, -0.46F}, {x - 0.03F, -0.22F}, {x, 0}}, leg * 2.4F, leg * 1.1F),
                 coat);
    pen.fill(
        Path().band(smoothLine({{-0.22F, -0.52F}, {-0.34F, -0.72F}, {-0.4F, -0.9F}}), 0.27F, 0.13F),
        coat);
    pen.fill(Path().blob({{-0.34F, -0.97F},
                          {-0.44F, -0.95F},
                          {-0.6F, -0.78F},
                          {-0.6F, -0.71F},
                          {-0.5F, -0.7F},
                          {-0.36F, -0.82F}}),
             coat);
    pen.fill(Path().move(-0.37F, -0.92F).line(-0.34F, -1.05F).line(-0.29F, -0.93F), coat);
    if (deer) {
        for (const float side : {-1.0F, 1.0F}) {
            pen.line(
                {{-0.34F, -0.96F}, {-0.34F + side * 0.1F, -1.08F}, {-0.34F + side * 0.12F, -1.24F}},
                0.028F, 0.014F, hex(0x6a5038));
            pen.line({{-0.34F + side * 0.1F, -1.08F}, {-0.34F + side * 0.2F, -1.18F}}, 0.02F, 0.01F,
                     hex(0x6a5038));
        }
    } else {
        pen.fill(Path().band(smoothLine({{-0.34F, -1.0F}, {-0.25F, -0.86F}, {-0.12F, -0.6F}}),
                             0.08F, 0.12F),
                 dark);
    }
    pen.shine(Path().ellipse(-0.44F, -0.88F, 0.014F, 0.016F), hex(0x141010));
}

void drawFish(Pen& pen, const Subject& subject, Rng& rng) {
    const std::array<Rgb, 5> coats = {hex(0xf08a2c), hex(0xf0d040), hex(0x3c8ce0), hex(0xd84868),
                                      hex(0xb4c4d0)};
    const Rgb coat = subject.color.value_or(coats[static_cast<size_t>(rng.pick(5))]);
    pen.fill(Path()
                 .move(0.4F, -0.5F)
                 .quad(0.66F, -0.56F, 0.85F, -0.85F)
                 .quad(0.74F, -0.5F, 0.85F, -0.12F)
                 .quad(0.66F, -0.42F, 0.4F, -0.5F),
             coat * 0.8F);
    pen.fill(Path().move(-0.25F, -0.72F).quad(0.1F, -1.0F, 0.3F, -0.68F), coat * 0.75F);
    pen.fill(Path()
                 .move(-0.72F, -0.5F)
                 .cubic(-0.5F, -0.92F, 0.1F, -0.88F, 0.5F, -0.5F)
                 .cubic(0.1F, -0.12F, -0.5F, -0.1F, -0.72F, -0.5F),
             coat);
    pen.fill(Path()
                 .move(-0.2F, -0.76F)
                 .quad(-0.1F, -0.5F, -0.2F, -0.22F)
                 .line(-0.1F, -0.2F)
                 .quad(0.02F, -0.5F, -0.1F, -0.78F),
             mix(coat, Rgb{1, 1, 1}, 0.7F), 0.2F);
    pen.shine(Path().ellipse(-0.5F, -0.56F, 0.055F, 0.06F), hex(0xf8f8f0));
    pen.shine(Path().ellipse(-0.51F, -0.56F, 0.03F, 0.034F), hex(0x141414));
}

void drawWhale(Pen& pen, const Subject& subject) {
    const Rgb coat = subject.color.value_or(hex(0x3c4c60));
    pen.fill(Path()
                 .move(0.95F, -0.3F)
                 .quad(1.2F, -0.8F, 1.5F, -0.92F)
                 .quad(1.3F, -0.6F, 1.32F, -0.42F)
                 .quad(1.1F, -0.3F, 1.0F, -0.05F),
             coat);
    pen.fill(Path()
                 .move(-1.1F, 0.02F)
                 .cubic(-1.15F, -0.6F, -0.6F, -0.74F, -0.1F, -0.6F)
                 .cubic(0.4F, -0.5F, 0.8F, -0.2F, 1.08F, -0.34F)
                 .line(1.1F, 0.02F),
             coat);
    pen.fill(Path().move(-1.1F, 0.02F).cubic(-1.05F, -0.3F, -0.5F, -0.24F, -0.2F, 0.02F),
             mix(coat, Rgb{0.9F, 0.93F, 0.95F}, 0.6F), 0.2F);
    for (const float x : {-0.12F, 0.0F, 0.12F}) {
        pen.line({{-0.45F, -0.68F}, {-0.45F + x, -1.0F}, {-0.45F + x * 2.4F, -0.94F}}, 0.03F,
                 0.015F, hex(0xe8f0f4));
    }
    pen.shine(Path().ellipse(-0.82F, -0.26F, 0.025F, 0.025F), hex(0x101010));
}

}  // namespace

void drawPerson(Pen& pen, const Subject& subject, Rng& rng) {
    if (subject.kind == Kind::robot) {
        drawRobot(pen, subject);
        return;
    }
    const std::array<Rgb, 5> clothes = {hex(0x9a3c34), hex(0x34506c), hex(0x6c5c48), hex(0x3c5c4c),
                                        hex(0xb08440)};
    const std::array<Rgb, 4> skins = {hex(0xf0c8a4), hex(0xd8a478), hex(0xa87048), hex(0x784a30)};
    const Rgb coat = subject.color.value_or(clothes[static_cast<size_t>(rng.pick(5))]);
    const Rgb skin = skins[static_cast<size_t>(rng.pick(4))];
    const Rgb hair = subject.hair.value_or(rng.chance(0.5F) ? hex(0x2c2018) : hex(0x5c3c20));
    const Rgb legs = hex(0x2c2c34);
    const float stride = rng.in(0.02F, 0.05F);
    pen.fill(Path().band({{-0.05F, -0.42F}, {-0.05F - stride, -0.02F}}, 0.1F, 0.065F), legs);
    pen.fill(Path().band({{0.05F, -0.42F}, {0.05F + stride, -0.02F}}, 0.1F, 0.065F), legs);
    pen.fill(Path().roundBox(-0.12F - stride, -0.035F, 0.11F, 0.04F, 0.02F), legs * 0.7F);
    pen.fill(Path().roundBox(0.02F + stride, -0.035F, 0.11F, 0.04F, 0.02F), legs * 0.7F);
    const float hem = subject.female ? 0.19F : 0.145F;
    const float down = subject.female ? -0.24F : -0.32F;
    if (subject.female) {
        pen.fill(Path().blob({{-0.095F, -0.9F},
                              {0, -1.0F},
                              {0.095F, -0.9F},
                              {0.11F, -0.74F},
                              {0, -0.7F},
                              {-0.11F, -0.74F}}),
                 hair);
    }
    // Coat, with sleeves.
    pen.fill(Path()
                 .move(-0.12F, -0.78F)
                 .quad(0, -0.85F, 0.12F, -0.78F)
                 .quad(0.12F, -0.55F, hem, down)
                 .quad(0, down + 0.04F, -hem, down)
                 .quad(-0.12F, -0.55F, -0.12F, -0.78F),
             coat);
    pen.fill(Path().band(smoothLine({{-0.11F, -0.76F}, {-0.165F, -0.6F}, {-0.15F, -0.44F}}), 0.085F,
                         0.06F),
             coat * 0.85F);
    if (!subject.umbrella) {
        pen.fill(Path().band(smoothLine({{0.11F, -0.76F}, {0.165F, -0.6F}, {0.15F, -0.44F}}),
                             0.085F, 0.06F),
                 coat * 0.92F);
        pen.dot(0.15F, -0.42F, 0.028F, pen.stage().shade(skin, pen.depth()), 1, 0.2F);
    }
    pen.dot(-0.15F, -0.42F, 0.028F, pen.stage().shade(skin, pen.depth()), 1, 0.2F);
    pen.line({{0, -0.8F}, {0.005F, down + 0.03F}}, 0.008F, 0.008F, coat * 0.6F);
    pen.fill(Path().box(-0.03F, -0.86F, 0.06F, 0.07F), skin * 0.85F, 0.3F);
    pen.fill(Path().ellipse(0, -0.91F, 0.066F, 0.08F), skin);
    pen.fill(Path()
                 .move(-0.072F, -0.89F)
                 .quad(-0.085F, -1.01F, 0.01F, -1.0F)
                 .quad(0.09F, -1.0F, 0.072F, -0.9F)
                 .quad(0.05F, -0.95F, -0.02F, -0.955F)
                 .quad(-0.06F, -0.95F, -0.072F, -0.89F),
             hair);
    if (subject.hat) {
        pen.fill(Path().ellipse(0, -0.965F, 0.14F, 0.025F), coat * 0.6F);
        pen.fill(Path().roundBox(-0.075F, -1.06F, 0.15F, 0.1F, 0.04F), coat * 0.6F);
    }
    if (subject.umbrella) {
        const Rgb cloth = subject.palette.empty() ? (subject.color ? *subject.color : hex(0xc83c34))
                                                  : subject.palette.front();
        pen.fill(Path().band(smoothLine({{0.11F, -0.76F}, {0.19F, -0.66F}, {0.16F, -0.78F}}), 0.08F,
                             0.055F),
                 coat * 0.92F);
        pen.line({{0.16F, -0.72F}, {0.13F, -1.24F}}, 0.014F, 0.014F, hex(0x303030));
        pen.fill(Path()
                     .move(-0.27F, -1.06F)
                     .cubic(-0.2F, -1.42F, 0.42F, -1.42F, 0.52F, -1.04F)
                     .quad(0.43F, -1.1F, 0.33F, -1.05F)
                     .quad(0.22F, -1.11F, 0.12F, -1.06F)
                     .quad(0.02F, -1.12F, -0.08F, -1.06F)
                     .quad(-0.18F, -1.11F, -0.27F, -1.06F),
                 cloth);
    }
}

void drawAnimal(Pen& pen, const Subject& subject, Rng& rng) {
    switch (subject.kind) {
        case Kind::cat:
            drawCat(pen, subject, rng);
            break;
        case Kind::dog:
            drawDog(pen, subject, rng);
            break;
        case Kind::bird:
            drawBird(pen, subject, rng);
            break;
        case Kind::fish:
            drawFish(pen, subject, rng);
            break;
        case Kind::whale:
            drawWhale(pen, subject);
            break;
        default:
            drawHoofed(pen, subject, rng, subject.kind == Kind::deer);
            break;
    }
}

}  // namespace sketch
