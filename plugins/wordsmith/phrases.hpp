#pragma once
// The phrase book of the prompt writer. Static data; every phrase fits its slot of every sentence.

#include <span>
#include <string_view>

namespace wordsmith {

using Phrases = std::span<const std::string_view>;

/// What a concept is about, and what is then said of it. The first word of `cues` that the concept
/// holds decides; a theme without cues is the one for everything else.
struct Theme {
    Phrases cues;
    Phrases details;   /// "..., with <detail>"
    Phrases settings;  /// "<setting>." a full sentence without its stop
    Phrases colors;    /// "deep teal"
    Phrases concepts;  /// for an empty concept
};

struct PhraseBook {
    std::span<const Theme> themes;
    std::span<const Theme> hours;  /// of day and weather: cues and settings alone
    Phrases openings;              /// before the concept
    Phrases textures;
    Phrases lights;
    Phrases shades;  /// where light leaves off
    Phrases compositions;
    Phrases lenses;
    Phrases depths;
    Phrases moods;
    Phrases feelings;
    Phrases styles;
    Phrases manners;
    Phrases finishes;
    Phrases extras;  /// full sentences that fit everywhere
    Phrases contrasts;
};

const PhraseBook& phraseBook();

}  // namespace wordsmith
