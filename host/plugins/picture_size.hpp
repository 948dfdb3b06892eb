// A picture's size in pixels, and which of two sizes is nearer to a third. Pure, thread-safe.
#pragma once

#include <cstdint>

namespace host::plugins {

struct PictureSize {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    bool operator==(const PictureSize&) const = default;
};

// Both of more than 0 pixels; 0 when they are the same. A factor in the ratio of the sides counts
// eight times one in the number of pixels: who asks for a landscape rather takes one that is four
// times as large than a square.
double distance(PictureSize a, PictureSize b);

}  // namespace host::plugins
