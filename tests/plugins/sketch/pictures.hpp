#pragma once
// What the painter's tests share: drawing with few words, and measuring pictures.

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "imaging/pixels.hpp"
#include "sketch/sketch.hpp"

namespace pictures {

inline const sketch::Hooks kNoHooks{[] { return true; },
                                    [](int, const sketch::Bitmap&) { return true; }};

inline sketch::Bitmap draw(const std::string& prompt, uint64_t seed = 1,
                           const std::string& negative = {}) {
    sketch::Order order;
    order.prompt = prompt;
    order.negative = negative;
    order.width = 432;
    order.height = 288;
    order.steps = 12;
    order.seed = seed;
    return *sketch::draw(order, kNoHooks);
}

/// What a PNG or JPEG of the painter shows; empty when it is broken.
inline sketch::Bitmap read(std::span<const uint8_t> bytes) {
    const auto pixels = host::imaging::decode(
        std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()), 0);
    EXPECT_TRUE(pixels) << pixels.error().message;
    sketch::Bitmap bitmap;
    if (!pixels) return bitmap;
    bitmap.width = static_cast<int>(pixels->width);
    bitmap.height = static_cast<int>(pixels->height);
    bitmap.rgb = pixels->rgb;
    return bitmap;
}

using Color = std::array<double, 3>;

/// Mean colour of the columns from `left` to `right` (parts of the width).
inline Color mean(const sketch::Bitmap& b, double left = 0, double right = 1) {
    Color sum{};
    double n = 0;
    for (int y = 0; y < b.height; ++y) {
        for (int x = static_cast<int>(left * b.width); x < static_cast<int>(right * b.width); ++x) {
            for (size_t c = 0; c < 3; ++c)
                sum[c] += b.at(x, y)[c];
            n += 1;
        }
    }
    for (double& v : sum)
        v /= n;
    return sum;
}

inline double light(const Color& c) {
    return 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
}

inline double distance(const Color& a, const Color& b) {
    return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Mean difference per channel, 0..255, between the columns from `left` to `right`.
inline double difference(const sketch::Bitmap& a, const sketch::Bitmap& b, double left = 0,
                         double right = 1) {
    double sum = 0;
    double n = 0;
    for (int y = 0; y < a.height; ++y) {
        for (int x = static_cast<int>(left * a.width); x < static_cast<int>(right * a.width); ++x) {
            for (int c = 0; c < 3; ++c)
                sum += std::abs(a.at(x, y)[c] - b.at(x, y)[c]);
            n += 3;
        }
    }
    return sum / n;
}

/// The share of pixels for which `f(r, g, b)` holds.
template <class F>
double share(const sketch::Bitmap& b, F f, double left = 0, double right = 1) {
    double hits = 0;
    double n = 0;
    for (int y = 0; y < b.height; ++y) {
        for (int x = static_cast<int>(left * b.width); x < static_cast<int>(right * b.width); ++x) {
            const uint8_t* p = b.at(x, y);
            hits += f(p[0], p[1], p[2]) ? 1 : 0;
            n += 1;
        }
    }
    return hits / n;
}

}  // namespace pictures
