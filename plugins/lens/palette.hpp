#pragma once
// The few colours that make up a picture. Pure function, deterministic.

#include <span>
#include <string>
#include <vector>

#include "measure.hpp"

namespace lens {

inline constexpr size_t kMinPalette = 3;
inline constexpr size_t kMaxPalette = 5;

struct Swatch {
    Lab color;
    float share = 0;   /// of the pixels
    std::string name;  /// no two are alike where the colours differ at all
};

/// At most `size` of them, most area first; fewer when the picture has no more. Small areas count
/// when they stand out.
std::vector<Swatch> paletteOf(std::span<const Shade> shades, size_t size);

/// As many texts as a scene wants (3 to 5): names, then their #rrggbb when there are too few.
std::vector<std::string> paletteNames(std::span<const Swatch> swatches);

}  // namespace lens
