// What becomes of a picture that is repainted, and the previews that go out.
#include <gtest/gtest.h>

#include "pictures.hpp"
#include "sketch/codec.hpp"

namespace {

using sketch::Bitmap;

/// Left half orange, right half blue, with some structure.
Bitmap sample(int width, int height) {
    Bitmap b(width, height);
    for (int y = 0; y < height; ++y) {
        for (int x = 0; x < width; ++x) {
            uint8_t* p = b.at(x, y);
            const bool left = x < width / 2;
            const int wave = (x / 16 + y / 16) % 2 * 30;
            p[0] = static_cast<uint8_t>(left ? 210 + wave : 30);
            p[1] = static_cast<uint8_t>(100 + wave);
            p[2] = static_cast<uint8_t>(left ? 20 : 200 + wave);
        }
    }
    return b;
}

Bitmap repaint(double strength, const Bitmap& input) {
    sketch::Order order;
    order.prompt = "a snowy forest at night";
    order.width = input.width;
    order.height = input.height;
    order.steps = 12;
    order.strength = strength;
    order.input = &input;
    return *sketch::draw(order, pictures::kNoHooks);
}

TEST(SketchInput, StrengthZeroKeepsThePictureAndOneIgnoresIt) {
    const Bitmap input = sample(432, 288);
    EXPECT_LT(pictures::difference(repaint(0, input), input), 2);
    EXPECT_EQ(repaint(1, input).rgb, pictures::draw("a snowy forest at night", 0).rgb);
}

TEST(SketchInput, InBetweenThePictureGivesWayStepByStep) {
    const Bitmap input = sample(432, 288);
    double before = -3;
    for (const double strength : {0.0, 0.25, 0.5, 0.75, 1.0}) {
        const double now = pictures::difference(repaint(strength, input), input);
        EXPECT_GT(now, before + 2) << strength;
        before = now;
    }
}

TEST(SketchInput, PreviewsAreSmallJpegs) {
    const std::vector<uint8_t> preview =
        sketch::encodePreview(pictures::draw("a city at night"), 256);
    ASSERT_GT(preview.size(), 1000U);
    EXPECT_LT(preview.size(), 256U * 1024);
    EXPECT_EQ(preview[0], 0xff);
    EXPECT_EQ(preview[1], 0xd8);
    const Bitmap decoded = pictures::read(preview);
    EXPECT_EQ(decoded.width, 256);
    EXPECT_EQ(decoded.height, 170);
}

}  // namespace
