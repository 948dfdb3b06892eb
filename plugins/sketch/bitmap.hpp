#pragma once
// A picture in memory: 8-bit RGB, rows from the top, no padding. Plain value.

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sketch {

struct Bitmap {
    int width = 0;
    int height = 0;
    std::vector<uint8_t> rgb;

    Bitmap() = default;
    Bitmap(int w, int h)
        : width(w), height(h), rgb(static_cast<size_t>(w) * static_cast<size_t>(h) * 3) {}

    uint8_t* at(int x, int y) {
        return &rgb[(static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) *
                    3];
    }
    const uint8_t* at(int x, int y) const {
        return &rgb[(static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) *
                    3];
    }
};

/// Fills the new size and cuts off what is over, from the middle; averages when it shrinks.
Bitmap cover(const Bitmap& from, int width, int height);
/// `over` where the mask is white, `under` where it is black, mixed by its brightness between. All
/// three have the same size.
Bitmap through(const Bitmap& mask, const Bitmap& under, const Bitmap& over);

}  // namespace sketch
