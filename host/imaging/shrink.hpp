// Makes a picture smaller while its rows come in, so that the large one is never in memory whole.
// Every new pixel is the average of the area that it stands for. One thread each.
#pragma once

#include <cstdint>
#include <vector>

#include "imaging/pixels.hpp"

namespace host::imaging {

struct Size {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
};

// The same shape with no side longer than maxSide (0 = any) and none shorter than a pixel.
Size fitted(Size size, std::uint32_t maxSide);

class Shrinker {
  public:
    // `to` is no larger than `from` in either direction; equal sizes copy.
    Shrinker(Size from, Size to);
    // The next row from the top, `from.width` pixels of RGB; after the last one no more are taken.
    void push(const std::uint8_t* rgb);
    // Once, after all rows.
    Pixels take();

  private:
    void reduce(const std::uint8_t* rgb);
    void add(float share);
    void finishRow();

    const Size from_;
    Pixels pixels_;
    std::vector<std::uint32_t> edges_;  // edge i of the new columns: its column in `from`...
    std::vector<float> parts_;          // ...and how much of that column lies before it
    std::vector<float> row_;            // the last row, reduced to the new width
    std::vector<float> sums_;           // of the new row that is being made
    std::uint32_t pushed_ = 0;
    std::uint32_t made_ = 0;
};

}  // namespace host::imaging
