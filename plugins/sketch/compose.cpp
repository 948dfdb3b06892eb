#include "figures.hpp"
#include "places.hpp"

namespace sketch {
namespace {

void lightning(Stage& stage) {
    Rng rng = stage.rng.fork(81);
    if (stage.scene.weather.storm < 0.8F) return;
    const float unit = stage.unit();
    Point at{stage.w() * (0.5F + stage.light.side * rng.in(0.05F, 0.3F)), stage.horizon() * 0.12F};
    const float foot = stage.horizon() * 0.98F;
    const Rgb bolt = hex(0xf0f0ff);
    stage.canvas.glow(at.x, foot * 0.4F, unit * 0.6F, hex(0xc0c8ff), 0.45F);
    for (int i = 0; i < 40 && at.y < foot; ++i) {
        const Point next{at.x + unit * rng.in(-0.035F, 0.035F),
                         at.y + unit * rng.in(0.015F, 0.05F)};
        stage.canvas.line(at, next, unit * 0.005F, unit * 0.004F, bolt, 0.95F);
        stage.canvas.glow(next.x, next.y, unit * 0.06F, hex(0xb0b8ff), 0.35F);
        if (rng.chance(0.28F)) {
            Point twig = next;
            const float way = rng.chance(0.5F) ? 1.0F : -1.0F;
            for (int k = 0; k < 5; ++k) {
                const Point end{twig.x + way * unit * rng.in(0.005F, 0.035F),
                                twig.y + unit * rng.in(0.008F, 0.03F)};
                stage.canvas.line(twig, end, unit * 0.0024F, unit * 0.0014F, bolt, 0.7F);
                twig = end;
            }
        }
        at = next;
    }
}

}  // namespace

void compose(Stage& stage) {
    switch (stage.scene.place) {
        case Place::room:
            drawRoom(stage);
            return;
        case Place::table:
            drawTable(stage);
            return;
        case Place::portrait:
            drawPortrait(stage);
            return;
        case Place::space:
            drawSpace(stage);
            return;
        case Place::underwater:
            drawUnderwater(stage);
            return;
        case Place::abstract:
            drawAbstract(stage);
            return;
        default:
            break;
    }
    drawSky(stage);
    if (!stage.go()) return;
    lightning(stage);
    switch (stage.scene.place) {
        case Place::desert:
            drawDesert(stage);
            break;
        case Place::forest:
            drawForest(stage);
            break;
        case Place::city:
            drawCity(stage);
            break;
        case Place::mountains:
            drawMountains(stage);
            break;
        case Place::meadow:
        case Place::village:
            drawMeadow(stage);
            break;
        default:
            drawShore(stage);
            break;
    }
    if (!stage.go()) return;
    drawWeather(stage);
}

}  // namespace sketch
