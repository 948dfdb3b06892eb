// Pictures of the work so far, in every format that backends send them in.
#include "common/preview.hpp"

#include <gtest/gtest.h>

#include <random>

#include "imaging/pixels.hpp"

namespace test {

namespace {

using host::imaging::Pixels;

// Noise packs worst; the left half is red, the rest blue, as far as it lets see.
Pixels halves(std::uint32_t width, std::uint32_t height, unsigned noise) {
    Pixels pixels;
    pixels.width = width;
    pixels.height = height;
    pixels.rgb.resize(std::size_t{width} * height * 3);
    std::minstd_rand random(1);
    for (std::size_t i = 0; i < pixels.rgb.size(); ++i) {
        const bool left = i / 3 % width < width / 2;
        const unsigned base = i % 3 == (left ? 0U : 2U) ? 255 - noise : 0;
        pixels.rgb[i] = static_cast<std::remove_reference_t<decltype(pixels.rgb[i])>>(
            base + (noise > 0 ? (random() >> 8) % noise : 0));
    }
    return pixels;
}

TEST(SmallJpeg, IsMadeOfEveryFormatAndShowsTheSame) {
    const Pixels large = halves(1100, 600, 0);
    for (const auto& encoded :
         {host::imaging::encodePng(large), host::imaging::encodeJpeg(large, 90),
          host::imaging::encodeWebp(large, 90)}) {
        ASSERT_TRUE(encoded.ok());
        const auto shown = host::imaging::decode(pictures::smallJpeg(*encoded), 0);
        ASSERT_TRUE(shown.ok()) << encoded->substr(0, 4);
        ASSERT_EQ(shown->width, 366U);
        ASSERT_EQ(shown->height, 200U);
        const std::size_t middle = std::size_t{100} * 366 * 3;
        EXPECT_GT(shown->rgb[middle + 60], 200) << "red at the left";
        EXPECT_LT(shown->rgb[middle + 300 * 3], 50);
        EXPECT_GT(shown->rgb[middle + 300 * 3 + 2], 200) << "blue at the right";
    }
}

TEST(SmallJpeg, OfNoiseIsSmallEnoughToo) {
    const auto png = host::imaging::encodePng(halves(1024, 1024, 255));
    ASSERT_TRUE(png.ok());
    const std::string small = pictures::smallJpeg(*png);
    EXPECT_FALSE(small.empty());
    EXPECT_LE(small.size(), pictures::kMaxPreview);
}

TEST(SmallJpeg, OfWhatCannotBeReadIsNone) {
    const auto png = host::imaging::encodePng(halves(64, 64, 9));
    const auto jpeg = host::imaging::encodeJpeg(halves(64, 64, 9), 90);
    const auto webp = host::imaging::encodeWebp(halves(64, 64, 9), 90);
    for (const std::string& bytes :
         {std::string(), std::string("no picture"), std::string("\xFF\xD8"), std::string("RIFF"),
          std::string("RIFF____WEBP"), png->substr(0, 40), jpeg->substr(0, 20),
          webp->substr(0, 40)})
        EXPECT_EQ(pictures::smallJpeg(bytes), "") << bytes.size();
    // 60,000 x 60,000 pixels in a header.
    std::string huge = *png;
    huge.replace(16, 8, std::string("\0\0\xEA\x60\0\0\xEA\x60", 8));
    EXPECT_EQ(pictures::smallJpeg(huge), "");
}

}  // namespace

}  // namespace test
