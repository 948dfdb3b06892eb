#pragma once
// The dictionary of the scene reader: text cut into lower-case words, and what each word means.
// Pure functions over static data.

#include <string>
#include <string_view>
#include <vector>

#include "scene.hpp"

namespace sketch {

enum class Sense {
    none,
    color,
    time,
    place,
    kind,
    season,
    style,
    tone,
    layout,
    cloud,
    rain,
    snow,
    fog,
    storm,
    clear,
    aurora,
    rainbow,
    left,
    right,
    centre,
    front,
    back,
    large,
    tiny,
    many,
    near_,
    far_,
    low,
    high,
    garment,
    hair,
    hat,
    umbrella,
    female,
    gloom,
    bright,
    negate,
    palette,
    ruins,
    people
};

struct Meaning {
    std::string_view word;
    Sense sense = Sense::none;
    int value = 0;  /// of the enum that the sense names, or hundredths
    Place hint = Place::abstract;
    float weight = 0;  /// how strongly the word speaks for `hint`
};

struct Word {
    std::string text;
    Meaning meaning;
    Rgb color;               /// with Sense::color
    bool clauseEnd = false;  /// a comma, a full stop or the like follows
};

/// Sense::none when the dictionary lacks the word.
Meaning meaningOf(std::string_view word);

/// At most 4,096 words; anything that is not a letter, a digit or # parts them; bytes above 127
/// count as letters.
std::vector<Word> cutWords(std::string_view text);

}  // namespace sketch
