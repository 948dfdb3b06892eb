#pragma once
// Pictures from and to files: PNG, JPEG, WebP and GIF are read, PNG and JPEG written. Pure
// functions, any thread. Dimensions are checked before memory is taken for them.

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "bitmap.hpp"

namespace sketch {

inline constexpr uint64_t kMaxInputPixels = 64ULL * 1000 * 1000;

enum class Fault { none, broken, tooLarge };

struct Decoded {
    Bitmap bitmap;
    Fault fault = Fault::none;
    std::string message;
};

/// The first frame, on white where it is transparent. Large pictures may come back smaller, but
/// never below `wantWidth` x `wantHeight`.
Decoded decodePicture(std::span<const uint8_t> bytes, int wantWidth, int wantHeight);

/// Fast rather than small. Empty when `go` ended it or memory ran out.
std::vector<uint8_t> encodePng(const Bitmap& bitmap, const std::function<bool()>& go);
/// A small JPEG of the picture, at most `side` pixels on its longer side.
std::vector<uint8_t> encodePreview(const Bitmap& bitmap, int side);

}  // namespace sketch
