#include <array>
#include <cmath>

#include "figures.hpp"

namespace sketch {
namespace {

const Rgb kLamp = hex(0xffd890);

void drawBoat(Pen& pen, const Subject& subject, Rng& rng) {
    const std::array<Rgb, 4> hulls = {hex(0xa83c30), hex(0x2c4c70), hex(0xe4dccc), hex(0x6c4a30)};
    const Rgb hull = subject.color.value_or(hulls[static_cast<size_t>(rng.pick(4))]);
    const Rgb sail = subject.palette.size() > 1 ? subject.palette[1] : hex(0xf4ecdc);
    pen.line({{0.02F, -0.12F}, {0.02F, -1.0F}}, 0.024F, 0.014F, hex(0x4c3828));
    pen.fill(Path()
                 .move(0.05F, -0.97F)
                 .cubic(0.24F, -0.7F, 0.4F, -0.4F, 0.44F, -0.21F)
                 .quad(0.24F, -0.17F, 0.05F, -0.2F),
             sail, 0.3F);
    pen.fill(Path()
                 .move(-0.01F, -0.9F)
                 .cubic(-0.1F, -0.6F, -0.24F, -0.35F, -0.4F, -0.22F)
                 .quad(-0.2F, -0.18F, -0.01F, -0.22F),
             sail * 0.92F, 0.3F);
    pen.fill(Path()
                 .move(-0.5F, -0.18F)
                 .quad(0, -0.1F, 0.5F, -0.18F)
                 .quad(0.44F, 0.0F, 0.34F, 0.04F)
                 .line(-0.32F, 0.04F)
                 .quad(-0.44F, 0, -0.5F, -0.18F),
             hull);
    pen.line({{-0.49F, -0.165F}, {0, -0.115F}, {0.49F, -0.165F}}, 0.022F, 0.022F,
             mix(hull, Rgb{1, 1, 1}, 0.55F));
    if (pen.stage().light.lamps) {
        pen.shine(Path().ellipse(-0.42F, -0.24F, 0.02F, 0.025F), kLamp);
        pen.glow(-0.42F, -0.24F, 0.3F, kLamp, 0.7F);
    }
}

void drawShip(Pen& pen, const Subject& subject) {
    const Rgb hull = subject.color.value_or(hex(0x4a3424));
    const Rgb sail = hex(0xe8dcc4);
    for (const float x : {-0.34F, 0.02F, 0.36F}) {
        const float top = x == 0.02F ? -1.0F : -0.86F;
        pen.line({{x, -0.2F}, {x, top}}, 0.022F, 0.012F, hex(0x3c2c20));
        for (int i = 0; i < 3; ++i) {
            const float y = top + 0.05F + static_cast<float>(i) * 0.2F;
            const float half = 0.1F + 0.03F * static_cast<float>(i);
            pen.fill(Path()
                         .move(x - half, y)
                         .line(x + half, y)
                         .quad(x + half * 1.35F, y + 0.1F, x + half * 1.05F, y + 0.17F)
                         .quad(x, y + 0.14F, x - half * 0.95F, y + 0.17F)
                         .quad(x - half * 0.75F, y + 0.1F, x - half, y),
                     sail, 0.35F);
        }
    }
    pen.line({{-0.52F, -0.22F}, {-0.8F, -0.4F}}, 0.02F, 0.01F, hex(0x3c2c20));
    pen.fill(Path()
                 .move(-0.62F, -0.24F)
                 .quad(0, -0.14F, 0.52F, -0.2F)
                 .line(0.62F, -0.34F)
                 .quad(0.62F, -0.1F, 0.5F, 0.05F)
                 .line(-0.4F, 0.05F)
                 .quad(-0.56F, -0.05F, -0.62F, -0.24F),
             hull);
    pen.line({{-0.58F, -0.16F}, {0, -0.08F}, {0.58F, -0.14F}}, 0.02F, 0.02F, hex(0xc8a050));
}

void drawCar(Pen& pen, const Subject& subject, Rng& rng) {
    const std::array<Rgb, 4> paints = {hex(0xb8342c), hex(0x2c6c8c), hex(0xd8b040), hex(0x485058)};
    const Rgb paint = subject.color.value_or(paints[static_cast<size_t>(rng.pick(4))]);
    pen.fill(Path()
                 .move(-0.6F, -0.5F)
                 .cubic(-0.45F, -0.98F, -0.3F, -1.0F, 0, -1.0F)
                 .cubic(0.38F, -1.0F, 0.5F, -0.85F, 0.66F, -0.52F),
             paint);
    pen.fill(Path()
                 .move(-0.5F, -0.54F)
                 .cubic(-0.4F, -0.86F, -0.3F, -0.9F, -0.05F, -0.9F)
                 .line(-0.05F, -0.54F),
             hex(0x9cb8c8));
    pen.fill(Path()
                 .move(0.02F, -0.54F)
                 .line(0.02F, -0.9F)
                 .cubic(0.3F, -0.9F, 0.4F, -0.8F, 0.54F, -0.54F),
             hex(0x86a4b8));
    pen.fill(Path()
                 .move(-1.05F, -0.14F)
                 .quad(-1.1F, -0.46F, -0.84F, -0.5F)
                 .line(0.7F, -0.56F)
                 .quad(1.06F, -0.52F, 1.06F, -0.3F)
                 .line(1.04F, -0.12F),
             paint);
    pen.line({{-1.02F, -0.28F}, {1.03F, -0.3F}}, 0.025F, 0.025F, mix(paint, Rgb{1, 1, 1}, 0.5F));
    for (const float x : {-0.62F, 0.64F}) {
        pen.fill(Path().ellipse(x, -0.14F, 0.2F, 0.2F), hex(0x1c1c20));
        pen.fill(Path().ellipse(x, -0.14F, 0.1F, 0.1F), hex(0xb0b4b8));
    }
    pen.shine(Path().ellipse(-1.02F, -0.36F, 0.06F, 0.06F), hex(0xfff4d0));
    if (pen.stage().light.lamps) {
        pen.glow(-1.04F, -0.36F, 0.9F, kLamp, 0.8F);
        pen.glow(1.05F, -0.36F, 0.4F, hex(0xff3020), 0.8F);
    }
}

void drawBalloon(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb first = subject.color.value_or(hsv(rng.unit(), 0.7F, 0.88F));
    const Rgb second =
        subject.palette.size() > 1 ? subject.palette[1] : mix(first, hex(0xfff0d0), 0.75F);
    for (const float x : {-0.09F, 0.09F})
        pen.line({{x * 1.5F, -0.36F}, {x * 0.8F, -0.12F}}, 0.008F, 0.008F, hex(0x4c3c2c));
    const auto gore = [](float k) {
        return Path()
            .move(0, -1.0F)
            .cubic(-0.5F * k, -1.0F, -0.5F * k, -0.62F, -0.12F * k, -0.33F)
            .line(0.12F * k, -0.33F)
            .cubic(0.5F * k, -0.62F, 0.5F * k, -1.0F, 0, -1.0F);
    };
    pen.fill(gore(1), first);
    pen.fill(gore(0.72F), second);
    pen.fill(gore(0.42F), first);
    pen.fill(gore(0.14F), second);
    pen.fill(Path().roundBox(-0.085F, -0.13F, 0.17F, 0.13F, 0.03F), hex(0x7c5630));
    if (pen.stage().light.lamps) pen.glow(0, -0.45F, 0.6F, hex(0xffb050), 0.8F);
}

void drawRocket(Pen& pen, const Subject& subject) {
    const Rgb body = subject.color.value_or(hex(0xe4e6ea));
    const Rgb fin = subject.palette.size() > 1 ? subject.palette[1] : hex(0xd0402c);
    pen.glow(0, 0.02F, 0.6F, hex(0xff9030), 1);
    pen.shine(
        Path().move(-0.09F, -0.16F).quad(-0.1F, 0.06F, 0, 0.3F).quad(0.1F, 0.06F, 0.09F, -0.16F),
        hex(0xff9c30));
    pen.shine(Path().move(-0.05F, -0.16F).quad(-0.05F, 0, 0, 0.16F).quad(0.05F, 0, 0.05F, -0.16F),
              hex(0xfff0b0));
    pen.fill(Path().move(-0.12F, -0.45F).quad(-0.3F, -0.3F, -0.28F, -0.08F).line(-0.1F, -0.2F),
             fin);
    pen.fill(Path().move(0.12F, -0.45F).quad(0.3F, -0.3F, 0.28F, -0.08F).line(0.1F, -0.2F), fin);
    pen.fill(Path()
                 .move(0, -1.0F)
                 .cubic(0.17F, -0.8F, 0.2F, -0.4F, 0.11F, -0.15F)
                 .line(-0.11F, -0.15F)
                 .cubic(-0.2F, -0.4F, -0.17F, -0.8F, 0, -1.0F),
             body, 0.7F);
    pen.fill(Path()
                 .move(0, -1.0F)
                 .quad(0.09F, -0.9F, 0.125F, -0.76F)
                 .quad(0, -0.72F, -0.125F, -0.76F)
                 .quad(-0.09F, -0.9F, 0, -1.0F),
             fin, 0.6F);
    pen.fill(Path().ellipse(0, -0.56F, 0.075F, 0.075F), hex(0x707880));
    pen.shine(Path().ellipse(0, -0.56F, 0.055F, 0.055F), hex(0x80d0f0));
}

void drawHouse(Pen& pen, const Subject& subject, Rng& rng) {
    const std::array<Rgb, 5> walls = {hex(0xe8dcc4), hex(0xd8b48c), hex(0xb8624c), hex(0xc8ccc8),
                                      hex(0x8c6444)};
    const Rgb wall = subject.color.value_or(walls[static_cast<size_t>(rng.pick(5))]);
    const bool snow = pen.stage().scene.season == Season::winter;
    const Rgb roof = snow ? hex(0xeef2f8) : mix(hex(0x8a4434), hex(0x4c4a50), rng.unit());
    const bool lit = pen.stage().light.lamps;
    pen.fill(Path().box(0.22F, -0.98F, 0.1F, 0.3F), hex(0x7c5044));
    pen.fill(Path().box(-0.5F, -0.52F, 1.0F, 0.53F), wall);
    pen.fill(
        Path().move(-0.62F, -0.47F).line(-0.4F, -0.88F).line(0.42F, -0.88F).line(0.62F, -0.47F),
        roof, 0.6F);
    pen.fill(Path().box(-0.09F, -0.34F, 0.18F, 0.35F), hex(0x5c3c28));
    for (const float x : {-0.36F, 0.2F}) {
        const Path window = Path().box(x, -0.38F, 0.17F, 0.19F);
        pen.fill(Path().box(x - 0.02F, -0.4F, 0.21F, 0.23F), hex(0xf0ece0), 0.2F);
        if (lit) {
            pen.shine(window, kLamp);
            pen.glow(x + 0.085F, -0.28F, 0.45F, hex(0xffb860), 0.55F);
        } else {
            pen.fill(window, hex(0x54708c));
        }
        pen.line({{x + 0.085F, -0.38F}, {x + 0.085F, -0.19F}}, 0.014F, 0.014F, hex(0xe8e0d0));
    }
}

void drawLighthouse(Pen& pen, const Subject& subject) {
    const Rgb band = subject.color.value_or(hex(0xc03a30));
    const Rgb white = hex(0xf2eee4);
    const bool lit = pen.stage().light.lamps || pen.stage().scene.weather.fog > 0.3F;
    pen.fill(Path().box(0.06F, -0.17F, 0.24F, 0.17F), white);
    pen.fill(Path().move(0.04F, -0.16F).line(0.18F, -0.26F).line(0.33F, -0.16F), band * 0.8F);
    const auto half = [](float y) { return 0.062F + 0.055F * (1 + y / 0.8F); };
    constexpr int kBands = 5;
    for (int i = 0; i < kBands; ++i) {
        const float y0 = -0.8F + 0.8F * static_cast<float>(i) / kBands;
        const float y1 = -0.8F + 0.8F * static_cast<float>(i + 1) / kBands;
        pen.fill(Path()
                     .move(-half(y0), y0)
                     .line(half(y0), y0)
                     .line(half(y1), y1 + 0.004F)
                     .line(-half(y1), y1 + 0.004F),
                 i % 2 == 0 ? band : white, 0.8F);
    }
    pen.fill(Path().box(-0.095F, -0.825F, 0.19F, 0.028F), hex(0x34343a));
    pen.fill(Path().box(-0.05F, -0.92F, 0.1F, 0.1F), hex(0xb8c4cc), 0.3F);
    if (lit) {
        const Point lamp = pen.map(0, -0.87F);
        Canvas& canvas = pen.stage().canvas;
        const float reach = pen.stage().w() * 0.6F;
        for (const float way : {-1.0F, 1.0F}) {
            // The beam: fans of light that fade with their length.
            for (int i = 1; i <= 10; ++i) {
                const float length = reach * static_cast<float>(i) / 10;
                const float open = length * 0.07F;
                canvas.fill(Path()
                                .move(lamp.x, lamp.y)
                                .line(lamp.x + way * length, lamp.y - open - length * 0.06F)
                                .line(lamp.x + way * length, lamp.y + open - length * 0.06F),
                            hex(0xfff0c0), 0.035F);
            }
        }
        pen.shine(Path().ellipse(0, -0.87F, 0.04F, 0.045F), hex(0xfff8dc));
        pen.glow(0, -0.87F, 0.5F, hex(0xfff0c0), 1.2F);
    }
    pen.fill(Path().move(-0.075F, -0.915F).quad(0, -1.0F, 0.075F, -0.915F), band);
    pen.line({{0, -0.95F}, {0, -1.02F}}, 0.012F, 0.006F, hex(0x34343a));
}

void drawCastle(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb stone = subject.color.value_or(hex(0xa89c8c));
    const Rgb roof = subject.palette.size() > 1 ? subject.palette[1] : hex(0x4c5c80);
    const bool lit = pen.stage().light.lamps;
    const auto tower = [&](float x, float half, float top, bool cone) {
        pen.fill(Path().box(x - half, top, half * 2, -top), stone, 0.7F);
        if (cone && !pen.stage().scene.ruins) {
            pen.fill(Path()
                         .move(x - half * 1.3F, top + 0.01F)
                         .line(x, top - half * 3.2F)
                         .line(x + half * 1.3F, top + 0.01F),
                     roof, 0.7F);
            pen.line({{x, top - half * 3.1F}, {x, top - half * 3.9F}}, 0.008F, 0.006F,
                     hex(0x303030));
        } else {
            for (int i = -1; i <= 1; ++i)
                pen.fill(Path().box(x + static_cast<float>(i) * half * 0.75F - half * 0.2F,
                                    top - 0.03F, half * 0.4F, 0.035F),
                         stone);
        }
        for (int i = 0; i < 2; ++i) {
            const Path slit = Path().roundBox(
                x - 0.014F, top + 0.06F + 0.12F * static_cast<float>(i), 0.028F, 0.06F, 0.014F);
            if (lit && rng.chance(0.7F)) {
                pen.shine(slit, kLamp);
            } else {
                pen.fill(slit, hex(0x3c3840), 0);
            }
        }
    };
    tower(-0.12F, 0.085F, -0.7F, true);
    tower(0.2F, 0.065F, -0.58F, true);
    pen.fill(Path().box(-0.42F, -0.3F, 0.84F, 0.31F), stone * 0.95F, 0.6F);
    for (int i = 0; i < 9; ++i)
        pen.fill(Path().box(-0.42F + 0.097F * static_cast<float>(i), -0.335F, 0.055F, 0.04F),
                 stone);
    tower(-0.42F, 0.085F, -0.47F, true);
    tower(0.44F, 0.085F, -0.43F, rng.chance(0.6F));
    pen.fill(Path()
                 .move(-0.075F, 0.01F)
                 .line(-0.075F, -0.13F)
                 .quad(0, -0.24F, 0.075F, -0.13F)
                 .line(0.075F, 0.01F),
             hex(0x382c24), 0.1F);
}

void drawTower(Pen& pen, const Subject& subject, Rng& rng) {
    const Rgb wall = subject.color.value_or(hex(0xe0d4c0));
    const Rgb roof = hex(0x5c4448);
    pen.fill(Path().box(0.08F, -0.34F, 0.42F, 0.35F), wall, 0.5F);
    pen.fill(Path().move(0.05F, -0.32F).line(0.14F, -0.5F).line(0.46F, -0.5F).line(0.54F, -0.32F),
             roof);
    pen.fill(Path().box(-0.12F, -0.62F, 0.24F, 0.63F), wall, 0.7F);
    pen.fill(Path().move(-0.15F, -0.6F).line(0, -1.0F).line(0.15F, -0.6F), roof, 0.7F);
    for (const float y : {-0.52F, -0.32F}) {
        const Path window = Path().roundBox(-0.03F, y, 0.06F, 0.1F, 0.03F);
        if (pen.stage().light.lamps && rng.chance(0.8F)) {
            pen.shine(window, kLamp);
            pen.glow(0, y, 0.22F, kLamp, 0.5F);
        } else {
            pen.fill(window, hex(0x40444c), 0);
        }
    }
}

void drawBridge(Pen& pen, const Subject& subject) {
    const Rgb stone = subject.color.value_or(hex(0x988c80));
    pen.fill(Path()
                 .move(-1.5F, -0.36F)
                 .quad(0, -0.86F, 1.5F, -0.36F)
                 .line(1.5F, 0)
                 .line(1.2F, 0)
                 .quad(1.15F, -0.3F, 0.9F, -0.3F)
                 .quad(0.62F, -0.3F, 0.55F, 0)
                 .line(0.42F, 0)
                 .quad(0.36F, -0.46F, 0, -0.46F)
                 .quad(-0.36F, -0.46F, -0.42F, 0)
                 .line(-0.55F, 0)
                 .quad(-0.62F, -0.3F, -0.9F, -0.3F)
                 .quad(-1.15F, -0.3F, -1.2F, 0)
                 .line(-1.5F, 0),
             stone, 0.5F);
    pen.line(
        smoothLine({{-1.5F, -0.42F}, {-0.75F, -0.6F}, {0, -0.67F}, {0.75F, -0.6F}, {1.5F, -0.42F}}),
        0.05F, 0.05F, stone * 0.75F);
}

void drawLamp(Pen& pen) {
    pen.line({{0, 0}, {0, -0.84F}}, 0.034F, 0.022F, hex(0x24262a));
    pen.fill(Path().move(-0.05F, 0).line(0, -0.12F).line(0.05F, 0), hex(0x24262a));
    pen.shine(
        Path().move(-0.04F, -0.84F).line(0.04F, -0.84F).line(0.06F, -0.97F).line(-0.06F, -0.97F),
        pen.stage().light.lamps ? hex(0xfff0c0) : hex(0xb8c0c4));
    pen.fill(Path().move(-0.075F, -0.96F).line(0, -1.03F).line(0.075F, -0.96F), hex(0x24262a));
    if (pen.stage().light.lamps) pen.glow(0, -0.9F, 0.55F, hex(0xffcc78), 1);
}

}  // namespace

void drawVehicle(Pen& pen, const Subject& subject, Rng& rng) {
    switch (subject.kind) {
        case Kind::ship:
            drawShip(pen, subject);
            break;
        case Kind::car:
            drawCar(pen, subject, rng);
            break;
        case Kind::balloon:
            drawBalloon(pen, subject, rng);
            break;
        case Kind::rocket:
            drawRocket(pen, subject);
            break;
        default:
            drawBoat(pen, subject, rng);
            break;
    }
}

void drawBuilding(Pen& pen, const Subject& subject, Rng& rng) {
    switch (subject.kind) {
        case Kind::lighthouse:
            drawLighthouse(pen, subject);
            break;
        case Kind::castle:
            drawCastle(pen, subject, rng);
            break;
        case Kind::tower:
            drawTower(pen, subject, rng);
            break;
        case Kind::bridge:
            drawBridge(pen, subject);
            break;
        case Kind::lamp:
            drawLamp(pen);
            break;
        default:
            drawHouse(pen, subject, rng);
            break;
    }
}

}  // namespace sketch
