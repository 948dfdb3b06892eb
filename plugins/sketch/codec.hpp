#pragma once
// Pictures to files: PNG for what is drawn, JPEG for previews. Pure functions, any thread.

#include <cstdint>
#include <functional>
#include <vector>

#include "bitmap.hpp"

namespace sketch {

/// Fast rather than small. Empty when `go` ended it or memory ran out.
std::vector<uint8_t> encodePng(const Bitmap& bitmap, const std::function<bool()>& go);
/// A small JPEG of the picture, at most `side` pixels on its longer side.
std::vector<uint8_t> encodePreview(const Bitmap& bitmap, int side);

}  // namespace sketch
