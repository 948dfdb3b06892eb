#include "figures.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace sketch {
namespace {

constexpr size_t kMaxFigures = 40;

float likedDepth(Kind kind, Place place, Rng& rng) {
    switch (kind) {
        case Kind::castle:
            return 0.62F;
        case Kind::lighthouse:
            return place == Place::sea || place == Place::harbour ? 0.5F : 0.42F;
        case Kind::ship:
            return 0.5F;
        case Kind::house:
        case Kind::tower:
            return 0.45F;
        case Kind::tree:
        case Kind::pine:
        case Kind::palm:
        case Kind::bridge:
            return 0.36F;
        case Kind::boat:
        case Kind::whale:
            return 0.36F;
        case Kind::bird:
            return 0.45F;
        case Kind::balloon:
        case Kind::rocket:
        case Kind::planet:
            return 0.3F;
        case Kind::flower:
        case Kind::mushroom:
        case Kind::fruit:
        case Kind::cat:
            return 0.12F;
        default:
            return rng.in(0.2F, 0.3F);
    }
}

bool wet(Place place) {
    return place == Place::sea || place == Place::lake || place == Place::harbour ||
           place == Place::beach;
}

/// Ground for what cannot swim.
void drawIslet(Stage& stage, float x, float y, float size, float depth) {
    Rng rng = stage.rng.fork(static_cast<uint64_t>(x * 7) + 51);
    const bool green = stage.scene.place == Place::lake;
    Pen pen(stage, x, y, size, depth);
    std::vector<Point> points = {{-0.95F, 0.1F}, {-0.7F, -0.02F}, {-0.36F, -0.1F}, {0, -0.1F},
                                 {0.4F, -0.08F}, {0.66F, 0.0F},   {0.95F, 0.1F},   {0, 0.15F}};
    for (Point& p : points)
        p.x *= rng.in(0.9F, 1.15F);
    pen.fill(Path().blob(points), green ? hex(0x55693c) : hex(0x54504e), 0.7F);
    for (int i = 0; i < 7; ++i) {
        const float rx = rng.in(-0.75F, 0.75F);
        const float r = rng.in(0.06F, 0.16F);
        pen.fill(Path().blob({{rx - r, 0.12F},
                              {rx - r * 0.6F, 0.1F - r * 0.7F},
                              {rx + r * 0.3F, 0.08F - r * 0.8F},
                              {rx + r, 0.12F}}),
                 hex(0x4a4644) * rng.in(0.8F, 1.3F), 0.7F);
    }
}

}  // namespace

float naturalSize(Kind kind) {
    switch (kind) {
        case Kind::person:
            return 0.44F;
        case Kind::boat:
            return 0.4F;
        case Kind::ship:
            return 0.56F;
        case Kind::house:
            return 0.42F;
        case Kind::tree:
            return 0.66F;
        case Kind::pine:
            return 0.7F;
        case Kind::palm:
            return 0.72F;
        case Kind::cat:
            return 0.24F;
        case Kind::dog:
            return 0.27F;
        case Kind::bird:
            return 0.13F;
        case Kind::car:
            return 0.23F;
        case Kind::lighthouse:
            return 0.82F;
        case Kind::flower:
            return 0.26F;
        case Kind::fruit:
            return 0.13F;
        case Kind::robot:
            return 0.46F;
        case Kind::castle:
            return 0.95F;
        case Kind::horse:
            return 0.4F;
        case Kind::deer:
            return 0.4F;
        case Kind::fish:
            return 0.14F;
        case Kind::whale:
            return 0.26F;
        case Kind::balloon:
            return 0.36F;
        case Kind::bridge:
            return 0.3F;
        case Kind::lamp:
            return 0.5F;
        case Kind::rocket:
            return 0.42F;
        case Kind::mushroom:
            return 0.2F;
        case Kind::planet:
            return 0.34F;
        case Kind::cactus:
            return 0.44F;
        case Kind::rock:
            return 0.24F;
        case Kind::tower:
            return 0.72F;
        case Kind::teapot:
            return 0.26F;
        case Kind::book:
            return 0.12F;
        default:
            return 0.26F;
    }
}

bool flies(Kind kind) {
    return kind == Kind::bird || kind == Kind::balloon || kind == Kind::rocket ||
           kind == Kind::planet;
}

bool floats(Kind kind) {
    return kind == Kind::boat || kind == Kind::ship || kind == Kind::whale || kind == Kind::fish ||
           kind == Kind::bridge;
}

void arrange(Scene& scene, Rng rng) {
    std::vector<Subject> all;
    const bool middle = scene.layout != Layout::thirds;
    float side = rng.chance(0.5F) ? 0.36F : 0.65F;
    float crowdedness = 0;
    for (const Subject& subject : scene.subjects) {
        Subject one = subject;
        // A meadow is full of flowers anyway; its own colour is taken from the subject there.
        const bool field = scene.place == Place::meadow || scene.place == Place::village;
        if (one.kind == Kind::flower && field && one.x < 0 && one.depth < 0) {
            scene.bloom = one.color;
            continue;
        }
        if (one.x < 0) {
            one.x = middle && crowdedness == 0 ? 0.5F : side + rng.in(-0.04F, 0.04F);
            side = 1.01F - side;
            if (crowdedness >= 2) one.x = rng.in(0.15F, 0.85F);
        }
        if (one.depth < 0) one.depth = likedDepth(one.kind, scene.place, rng);
        // Things that cannot swim stay on the bank.
        if (scene.place == Place::harbour && !floats(one.kind) && !flies(one.kind)) {
            one.depth = one.kind == Kind::lighthouse || one.kind == Kind::castle
                            ? 0.55F
                            : std::min(one.depth, 0.06F);
        }
        if (scene.place == Place::beach && !floats(one.kind))
            one.depth = std::min(one.depth, 0.24F);
        if (scene.place == Place::lake && !floats(one.kind) && naturalSize(one.kind) < 0.5F &&
            one.kind != Kind::house) {
            one.depth = std::min(one.depth, 0.07F);
        }
        if (scene.place == Place::beach && floats(one.kind)) one.depth = std::max(one.depth, 0.5F);
        if ((scene.place == Place::harbour || scene.place == Place::lake) && floats(one.kind))
            one.depth = std::max(one.depth, 0.24F);
        if (one.kind == Kind::castle) one.depth = std::min(one.depth, 0.64F);
        one.size *= scene.zoom;
        crowdedness += 1;
        const int count = std::clamp(one.count, 1, 12);
        const float x = one.x;
        const float depth = one.depth;
        for (int i = 0; i < count && all.size() < kMaxFigures; ++i) {
            if (i > 0) {
                const float spread = 0.11F + 0.05F * static_cast<float>(count);
                one.x = std::clamp(x + rng.in(-spread, spread), 0.06F, 0.94F);
                one.depth = std::clamp(depth + rng.in(-0.05F, 0.28F), 0.03F, 0.9F);
                one.size = subject.size * scene.zoom * rng.in(0.8F, 1.05F);
                one.umbrella = subject.umbrella && rng.chance(0.7F);
            }
            all.push_back(one);
        }
    }
    scene.subjects = std::move(all);
}

void drawSubjects(Stage& stage, float near, float far) {
    std::vector<const Subject*> list;
    for (const Subject& subject : stage.scene.subjects) {
        if (subject.depth >= near && subject.depth < far && subject.kind != Kind::none)
            list.push_back(&subject);
    }
    std::stable_sort(list.begin(), list.end(),
                     [](const Subject* a, const Subject* b) { return a->depth > b->depth; });
    for (const Subject* subject : list) {
        if (!stage.go()) return;
        const auto name = static_cast<uint64_t>(subject->x * 1000 + subject->depth * 77777);
        Rng rng = stage.rng.fork(600 + name);
        const float x = subject->x * stage.w();
        float size =
            naturalSize(subject->kind) * stage.unit() * stage.scale(subject->depth) * subject->size;
        float y = stage.ground(subject->depth);
        size = std::min(size, stage.h() * 0.9F);
        if (flies(subject->kind)) {
            y = stage.horizon() * rng.in(0.36F, 0.72F);
            if (subject->kind == Kind::planet) {
                drawPlanet(stage, x, y * 0.7F, size / 2,
                           subject->color.value_or(hsv(rng.unit(), 0.45F, 0.85F)), rng.chance(0.5F),
                           rng);
                continue;
            }
            if (subject->kind == Kind::balloon || subject->kind == Kind::rocket)
                y = std::max(y, size * 1.08F);
        }
        const bool islet =
            (wet(stage.scene.place) ||
             (subject->kind == Kind::castle && stage.scene.place == Place::mountains)) &&
            !floats(subject->kind) && !flies(subject->kind) && subject->depth > 0.26F;
        if (islet)
            drawIslet(stage, x, y + size * 0.03F, std::max(size * 0.6F, stage.unit() * 0.1F),
                      subject->depth);
        Pen pen(stage, x, y, size, subject->depth * 0.8F, subject->x > 0.5F);
        if (floats(subject->kind) && wet(stage.scene.place)) {
            Pen mirror = pen.mirrored();
            drawFigure(mirror, *subject, rng);
        } else if (!islet && !flies(subject->kind)) {
            // A soft shadow ties things to the ground.
            const float lean = -stage.light.side * 0.16F;
            Path shadow = Path().ellipse(x + lean * size, y, size * 0.34F, size * 0.045F);
            stage.canvas.fill(shadow, stage.light.ambient * 0.25F, 0.38F);
        }
        drawFigure(pen, *subject, rng);
    }
}

void drawFigure(Pen& pen, const Subject& subject, Rng rng) {
    switch (subject.kind) {
        case Kind::person:
        case Kind::robot:
            drawPerson(pen, subject, rng);
            break;
        case Kind::cat:
        case Kind::dog:
        case Kind::bird:
        case Kind::horse:
        case Kind::deer:
        case Kind::fish:
        case Kind::whale:
            drawAnimal(pen, subject, rng);
            break;
        case Kind::boat:
        case Kind::ship:
        case Kind::car:
        case Kind::balloon:
        case Kind::rocket:
            drawVehicle(pen, subject, rng);
            break;
        case Kind::house:
        case Kind::lighthouse:
        case Kind::castle:
        case Kind::bridge:
        case Kind::lamp:
        case Kind::tower:
            drawBuilding(pen, subject, rng);
            break;
        case Kind::tree:
        case Kind::pine:
        case Kind::palm:
        case Kind::flower:
        case Kind::mushroom:
        case Kind::cactus:
            drawPlant(pen, subject, rng);
            break;
        default:
            drawObject(pen, subject, rng);
            break;
    }
}

}  // namespace sketch
