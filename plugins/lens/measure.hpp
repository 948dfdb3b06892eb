#pragma once
// The figures of a picture: everything that is said about it is made from these alone.
//
// Pure functions, any thread. Time and memory grow with the pixels; `go` is asked about every 64 Ki
// of them, and nothing comes back once it says no.

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "oklab.hpp"

namespace lens {

/// 8-bit sRGB, rows from the top, no padding; at least one pixel.
struct View {
    int width = 0;
    int height = 0;
    std::span<const uint8_t> rgb;
};

using Go = std::function<bool()>;

struct Cell {
    Lab color;         /// the mean of its light
    float detail = 0;  /// mean step from a pixel to its neighbours, 0..255
};

/// The picture in at most 48 x 48 cells.
struct Grid {
    int columns = 0;
    int rows = 0;
    std::vector<Cell> cells;
    const Cell& at(int column, int row) const {
        return cells[static_cast<size_t>(row) * static_cast<size_t>(columns) +
                     static_cast<size_t>(column)];
    }
};

/// Pixels of nearly one colour.
struct Shade {
    Lab color;
    uint32_t count = 0;
};

struct Figures {
    // Lightness (CIE L*, 0..1) that this part of the pixels lies below.
    float p1 = 0;
    float p5 = 0;
    float p50 = 0;
    float p95 = 0;
    float p99 = 0;
    float mean = 0;
    float contrast = 0;       /// p95 - p5
    float saturation = 0;     /// mean chroma; 1 = that of the strongest sRGB colours
    float maxChroma = 0;      /// of any shade that more than one pixel in a thousand has
    float colourfulness = 0;  /// Hasler and Suesstrunk: 15 slight, 45 average, 80 high
    float sharpness = 0;      /// the steepest hundredth of the steps between neighbours, 0..1
    float flatShare = 0;      /// pixels equal to both neighbours
    float hardShare = 0;      /// of the pixels that do differ: those by a big step
    float uniqueShare = 0;    /// distinct colours per pixel
    float fewShare = 0;       /// pixels in the eight most frequent shades
    Lab cast;                 /// the mean colour
};

struct Measured {
    Figures figures;
    Grid grid;
    std::vector<Shade> shades;  /// most frequent first
};

std::optional<Measured> measure(const View& view, const Go& go);

}  // namespace lens
