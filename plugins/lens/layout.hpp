#pragma once
// Where in the frame things are: light, detail, lines, emptiness. Pure functions of the cells.

#include <optional>
#include <string>

#include "measure.hpp"

namespace lens {

/// Lightness from one side of the frame to the other: positive is brighter to the right, and to
/// the bottom.
struct Slope {
    float across = 0;
    float down = 0;
};

Slope slopeOf(const Grid& grid);
/// "the upper left", "the right", ...; empty when no side is clearly the brighter one.
std::string brighterSide(const Slope& slope);

struct Layout {
    // Parts of all detail, left to right and top to bottom; a third each when it is even.
    float left = 0;
    float right = 0;
    float upper = 0;
    float lower = 0;
    float middle = 0;  /// in the central ninth
    float empty = 0;   /// part of the frame without detail
    float emptyUpper = 0;
    float emptyLeft = 0;        /// of the empty part, what lies in that half
    bool detailed = false;      /// there is any
    bool mirrored = false;      /// left and right are alike, and not just all the same
    bool reflected = false;     /// top and bottom are
    std::optional<float> edge;  /// height, 0..1 from the top, of a line across the whole width
};

Layout layoutOf(const Grid& grid);
std::string describeLayout(const Layout& layout);

/// The mean of the cells at a side of the frame, or of those in the middle.
enum class Region { top, bottom, left, right, border, centre };
Cell meanOf(const Grid& grid, Region region);

}  // namespace lens
