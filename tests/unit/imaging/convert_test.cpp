// A picture reaches a backend as that can take it; thumbnails are small.
#include "pixels_fixture.hpp"
#include "support/image_info.hpp"

namespace host::imaging {
namespace {

using namespace pictures;

TEST(Convert, WhatIsTakenAnywayStaysAsItIs) {
    for (const char* name : {"plain.jpg", "alpha.png", "animated.gif", "lossy.webp"}) {
        const std::string bytes = file(name);
        const auto same = convert(bytes, {});
        ASSERT_TRUE(same);
        EXPECT_FALSE(same->changed) << name;
        EXPECT_EQ(same->bytes, bytes) << name;
        EXPECT_EQ(same->mime, imageMime(*sniffImage(bytes)));
        EXPECT_EQ(same->width, kWidth);
        EXPECT_EQ(same->height, kHeight);
    }
    const auto fits = convert(file("plain.jpg"), {{"image/jpeg"}, kWidth});
    ASSERT_TRUE(fits);
    EXPECT_FALSE(fits->changed);
}

TEST(Convert, WebpAndGifBecomeJpegForABackendThatTakesNoMore) {
    for (const char* name : {"alpha.webp", "animated.gif"}) {
        const auto made = convert(file(name), {{"image/png", "image/jpeg"}, 0});
        ASSERT_TRUE(made) << made.error().message;
        EXPECT_TRUE(made->changed);
        EXPECT_EQ(made->mime, "image/jpeg");
        EXPECT_EQ(sniffImage(made->bytes), ImageFormat::Jpeg);
        EXPECT_EQ(made->width, kWidth);
    }
}

TEST(Convert, WithoutJpegTheFirstThatCanBeWrittenIsTaken) {
    const auto png = convert(file("plain.jpg"), {{"image/gif", "image/png", "image/webp"}, 0});
    ASSERT_TRUE(png);
    EXPECT_EQ(png->mime, "image/png");
    EXPECT_EQ(sniffImage(png->bytes), ImageFormat::Png);
    const auto webp = convert(file("plain.jpg"), {{"image/webp"}, 0});
    ASSERT_TRUE(webp);
    EXPECT_EQ(sniffImage(webp->bytes), ImageFormat::Webp);
    const auto pixels = convert(file("orientation6.jpg"), {{"image/x-portable-pixmap"}, 0});
    ASSERT_TRUE(pixels);
    EXPECT_EQ(pixels->mime, "image/x-portable-pixmap");
    EXPECT_TRUE(pixels->bytes.starts_with("P6\n48 32\n255\n"));
}

TEST(Convert, WhatLiesOnItsSideIsPutUprightWhenThatIsWanted) {
    const auto same = convert(file("orientation6.jpg"), {{"image/jpeg"}, 0});
    ASSERT_TRUE(same.ok());
    EXPECT_FALSE(same->changed);
    const auto upright = convert(file("orientation6.jpg"), {{"image/jpeg"}, 0, true});
    ASSERT_TRUE(upright.ok());
    EXPECT_TRUE(upright->changed);
    EXPECT_EQ(upright->width, same->height);
}

TEST(Convert, TooLongASideIsShrunk) {
    const auto small = convert(file("orientation6.jpg"), {{}, 24});
    ASSERT_TRUE(small);
    EXPECT_TRUE(small->changed);
    EXPECT_EQ(small->width, 24U);
    EXPECT_EQ(small->height, 16U);
    const auto info = readImageInfo(small->bytes);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->width, 24U);
    EXPECT_EQ(info->format, ImageFormat::Jpeg);
}

TEST(Convert, SaysWhenThereIsNoWay) {
    const auto none = convert(file("plain.jpg"), {{"image/gif", "image/bmp"}, 0});
    ASSERT_FALSE(none);
    EXPECT_EQ(none.error().code, ErrorCode::InvalidImageFormat);
    const auto broken = convert(file("plain.jpg").substr(0, 300), {{"image/png"}, 0});
    ASSERT_FALSE(broken);
    EXPECT_EQ(broken.error().code, ErrorCode::InvalidImageFormat);
    EXPECT_FALSE(convert("no picture", {}));
}

TEST(Thumbnail, IsASmallWebpOfTheSameShape) {
    const auto large = encodePng(grain(1000, 500));
    ASSERT_TRUE(large);
    const auto made = thumbnail(*large);
    ASSERT_TRUE(made) << made.error().message;
    const auto info = readImageInfo(*made);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->format, ImageFormat::Webp);
    EXPECT_EQ(info->width, kThumbnailSide);
    EXPECT_EQ(info->height, kThumbnailSide / 2);
    EXPECT_LT(made->size(), 60'000U);
}

TEST(Thumbnail, OfASmallPictureIsAsLargeAsThePicture) {
    const auto made = thumbnail(file("orientation6.jpg"));
    ASSERT_TRUE(made);
    const auto info = readImageInfo(*made);
    ASSERT_TRUE(info);
    EXPECT_EQ(info->width, kWidth);
    EXPECT_EQ(info->height, kHeight);
    EXPECT_FALSE(thumbnail("GIF89a"));
}

}  // namespace
}  // namespace host::imaging
