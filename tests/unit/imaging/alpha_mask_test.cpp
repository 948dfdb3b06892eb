// Masks that say by transparency what is to be repainted.
#include "imaging/alpha_mask.hpp"
#include "pixels_fixture.hpp"

namespace host::imaging {
namespace {

using namespace pictures;

TEST(AlphaMask, IsWhiteWhereThePictureIsTransparent) {
    constexpr Color black{0, 0, 0};
    for (const char* name : {"alpha.png", "palette_interlaced.png"}) {
        const auto mask = maskOfAlpha(file(name));
        ASSERT_TRUE(mask) << name;
        const auto pixels = decode(*mask, 0);
        ASSERT_TRUE(pixels) << name;
        EXPECT_EQ(pixels->width, kWidth);
        EXPECT_EQ(pixels->height, kHeight);
        expectQuarters(*pixels, {kWhite, black, black, black});
    }
}

TEST(AlphaMask, IsTakenAsItIsWithoutTransparency) {
    for (const char* name : {"grey16.png", "plain.jpg", "lossy.webp"}) {
        const auto mask = maskOfAlpha(file(name));
        ASSERT_TRUE(mask) << name;
        EXPECT_EQ(*mask, "") << name;
    }
}

TEST(AlphaMask, OfABrokenPngIsRefused) {
    const std::string whole = file("alpha.png");
    EXPECT_FALSE(maskOfAlpha(whole.substr(0, whole.size() / 2)));
}

}  // namespace
}  // namespace host::imaging
