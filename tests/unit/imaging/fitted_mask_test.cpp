// A mask fits the picture that it belongs to, whatever its own size.
#include "imaging/fitted_mask.hpp"

#include "pixels_fixture.hpp"

namespace host::imaging {
namespace {

using namespace pictures;

// White on the left, black on the right.
std::string halves(std::uint32_t width, std::uint32_t height) {
    Pixels pixels{width, height, {}};
    for (std::uint32_t i = 0; i < width * height; ++i)
        pixels.rgb.insert(pixels.rgb.end(), 3, i % width < width / 2 ? 255 : 0);
    return *encodePng(pixels);
}

TEST(FittedMask, KeepsItsHalvesWhereverItGrowsOrShrinks) {
    for (const Size size : {Size{8, 8}, Size{64, 48}, Size{10, 100}, Size{100, 10}, Size{40, 20}}) {
        const auto made = fittedMask(halves(40, 20), size, false);
        ASSERT_TRUE(made.ok());
        const auto pixels = decode(*made, 0);
        ASSERT_TRUE(pixels.ok());
        EXPECT_EQ(pixels->width, size.width);
        EXPECT_EQ(pixels->height, size.height);
        EXPECT_EQ(colorAt(*pixels, 0.1, 0.5), (Color{255, 255, 255}));
        EXPECT_EQ(colorAt(*pixels, 0.9, 0.5), (Color{0, 0, 0}));
    }
}

TEST(FittedMask, ASizeWithoutPixelsIsRefused) {
    for (const Size size : {Size{0, 0}, Size{8, 0}, Size{0, 8}}) {
        for (const bool inverted : {false, true}) {
            const auto made = fittedMask(halves(4, 2), size, inverted);
            ASSERT_FALSE(made.ok());
            EXPECT_EQ(made.error().code, ErrorCode::InvalidImageFormat);
        }
    }
}

TEST(FittedMask, OnePixelFillsAWholePicture) {
    const auto made = fittedMask(*encodePng({1, 1, {7, 8, 9}}), {30, 20}, true);
    ASSERT_TRUE(made.ok());
    const auto pixels = decode(*made, 0);
    ASSERT_TRUE(pixels.ok());
    EXPECT_EQ(colorAt(*pixels, 0.0, 0.0), (Color{248, 247, 246}));
    EXPECT_EQ(colorAt(*pixels, 0.99, 0.99), (Color{248, 247, 246}));
}

TEST(FittedMask, WhatIsNoPictureIsRefused) {
    EXPECT_EQ(fittedMask("no picture", {8, 8}, false).error().code, ErrorCode::InvalidImageFormat);
}

}  // namespace
}  // namespace host::imaging
