#pragma once
// The embedded painter: text or scene JSON in, a picture out. draw is re-entrant: any number of
// threads, each its own picture. Memory is bounded by about 22 bytes for each pixel of the picture.

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

#include "bitmap.hpp"

namespace sketch {

inline constexpr int kMinSide = 16;
inline constexpr int kMaxSide = 8192;
inline constexpr int64_t kMaxPixels = 16LL * 1024 * 1024;

struct Order {
    std::string_view prompt;  /// may be scene JSON
    std::string_view negative;
    int width = 1216;  /// kMinSide .. kMaxSide, at most kMaxPixels together
    int height = 832;
    int steps = 25;  /// at least 1
    uint64_t seed = 0;
    double guidance = 3.5;
    double strength = 0.75;         /// 0..1; with `input`
    const Bitmap* input = nullptr;  /// already width x height
};

struct Hooks {
    std::function<bool()> go;                         /// false stops the drawing; asked often
    std::function<bool(int, const Bitmap&)> painted;  /// after step n (from 1); false stops
};

/// The same order gives the same bytes. Nothing when a hook stopped it.
std::optional<Bitmap> draw(const Order& order, const Hooks& hooks);

}  // namespace sketch
