#pragma once
// What a prompt asks to see, as far as this painter understands it. readScene never fails: text
// without a known word, in any script, and no text at all give a scene of their own, drawn from a
// hash. A Scene is a plain value.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "color.hpp"

namespace sketch {

enum class Time { dawn, morning, noon, afternoon, sunset, dusk, night };

enum class Place {
    sea,
    harbour,
    beach,
    lake,
    desert,
    forest,
    city,
    mountains,
    meadow,
    village,
    room,
    space,
    underwater,
    table,
    portrait,
    abstract
};
inline constexpr int kPlaces = 16;

enum class Kind {
    none,
    person,
    boat,
    ship,
    house,
    tree,
    pine,
    palm,
    cat,
    dog,
    bird,
    car,
    lighthouse,
    flower,
    fruit,
    robot,
    castle,
    horse,
    deer,
    fish,
    whale,
    balloon,
    bridge,
    lamp,
    rocket,
    mushroom,
    planet,
    cactus,
    rock,
    tower,
    teapot,
    book,
    orb
};

enum class Style { painting, watercolour, ink, photo, flat, mosaic };
enum class Tone { plain, monochrome, sepia, noir, warm, cool, faded };
enum class Layout { thirds, centred, symmetrical };
enum class Season { summer, spring, autumn, winter };

struct Weather {
    float cloud = 0.35F;  /// all 0..1
    float rain = 0;
    float snow = 0;
    float fog = 0;
    float storm = 0;
    bool aurora = false;
    bool rainbow = false;
};

struct Subject {
    Kind kind = Kind::none;
    float x = -1;      /// 0 left .. 1 right; below 0 = where the composition wants it
    float depth = -1;  /// 0 foreground .. 1 background; below 0 = as the kind likes
    float size = 1;
    int count = 1;
    std::optional<Rgb> color;
    std::vector<Rgb> palette;
    bool female = false;
    bool umbrella = false;
    bool hat = false;
    std::optional<Rgb> hair;
};

struct Scene {
    Place place = Place::abstract;
    Time time = Time::afternoon;
    Weather weather;
    Season season = Season::summer;
    Style style = Style::painting;
    Tone tone = Tone::plain;
    Layout layout = Layout::thirds;
    std::vector<Subject> subjects;
    std::vector<Rgb> palette;
    float paletteStrength = 0;  /// 0..1: how far the whole picture follows the palette
    float horizon = 0.58F;      /// part of the height that is sky
    float zoom = 1;             /// of the subjects: near cameras make them larger
    float aspect = 0;           /// width / height that the framing should have; 0 = the picture's
    float gloom = 0;            /// mood: 0 light .. 1 dark
    bool crowd = true;          /// may small figures be added to enliven the scene?
    bool ruins = false;
    std::optional<Rgb> bloom;  /// what flowers in the fields are coloured
    uint64_t hash = 0;
};

/// `prompt` may be scene JSON. Only the first 64 KiB of each are looked at.
Scene readScene(std::string_view prompt, std::string_view negative);

}  // namespace sketch
