// What the tests of pixels share: the small pictures of tests/data/pictures, and looking at them.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "imaging/pixels.hpp"

namespace pictures {

using host::imaging::Pixels;
using Color = std::array<int, 3>;

inline constexpr std::uint32_t kWidth = 48;
inline constexpr std::uint32_t kHeight = 32;
// See tests/data/pictures/make.py.
inline constexpr Color kRed{220, 30, 30};
inline constexpr Color kGreen{30, 200, 40};
inline constexpr Color kBlue{30, 50, 220};
inline constexpr Color kYellow{230, 220, 40};
inline constexpr Color kWhite{255, 255, 255};

inline std::string file(const std::string& name) {
    std::ifstream in(IPL_TEST_DATA "/pictures/" + name, std::ios::binary);
    EXPECT_TRUE(in) << name;
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
}

// The colour at a place given in parts of the sides.
inline Color colorAt(const Pixels& pixels, double x, double y) {
    const auto column = static_cast<std::size_t>(x * pixels.width);
    const auto row = static_cast<std::size_t>(y * pixels.height);
    const std::uint8_t* p = &pixels.rgb.at((row * pixels.width + column) * 3);
    return {p[0], p[1], p[2]};
}

inline bool isNear(const Color& a, const Color& b, int tolerance) {
    for (std::size_t c = 0; c < 3; ++c) {
        if (std::abs(a[c] - b[c]) > tolerance) return false;
    }
    return true;
}

// From the left to the right, from the top to the bottom.
inline void expectQuarters(const Pixels& pixels, const std::array<Color, 4>& quarters,
                           int tolerance = 20) {
    ASSERT_EQ(pixels.rgb.size(), std::size_t{3} * pixels.width * pixels.height);
    const std::array<std::array<double, 2>, 4> places{
        {{0.25, 0.25}, {0.75, 0.25}, {0.25, 0.75}, {0.75, 0.75}}};
    for (std::size_t i = 0; i < 4; ++i) {
        const Color color = colorAt(pixels, places[i][0], places[i][1]);
        EXPECT_TRUE(isNear(color, quarters[i], tolerance))
            << "quarter " << i << " is " << color[0] << "," << color[1] << "," << color[2];
    }
}

inline constexpr std::array<Color, 4> kQuarters{kRed, kGreen, kBlue, kYellow};

// A picture whose pixels all differ a little, so that it does not compress to nothing.
inline Pixels grain(std::uint32_t width, std::uint32_t height) {
    Pixels pixels{width, height, std::vector<std::uint8_t>(std::size_t{3} * width * height)};
    std::uint32_t state = 12345;
    for (std::uint8_t& value : pixels.rgb) {
        state = state * 1664525 + 1013904223;
        value = static_cast<std::uint8_t>(96 + (state >> 26));
    }
    return pixels;
}

inline std::string big32(std::uint32_t value) {
    return {static_cast<char>(value >> 24), static_cast<char>(value >> 16),
            static_cast<char>(value >> 8), static_cast<char>(value)};
}

inline std::string little32(std::uint32_t value) {
    const std::string big = big32(value);
    return {big.rbegin(), big.rend()};
}

}  // namespace pictures
