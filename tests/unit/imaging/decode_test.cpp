// Every kind of picture that people drop here is read with its true colours, the right way up.
#include "imaging/orientation.hpp"
#include "pixels_fixture.hpp"

namespace host::imaging {
namespace {

using namespace pictures;

Pixels decoded(std::string_view bytes, std::uint32_t maxSide = 0) {
    auto pixels = decode(bytes, maxSide);
    EXPECT_TRUE(pixels) << pixels.error().message;
    return pixels ? std::move(*pixels) : Pixels{};
}

class EveryKind : public testing::TestWithParam<const char*> {};

TEST_P(EveryKind, IsReadWithItsColours) {
    const Pixels pixels = decoded(file(GetParam()));
    EXPECT_EQ(pixels.width, kWidth);
    EXPECT_EQ(pixels.height, kHeight);
    auto quarters = kQuarters;
    const std::string_view name = GetParam();
    const bool transparent = name.starts_with("alpha") || name.starts_with("palette");
    if (transparent) quarters[0] = kWhite;
    if (name.starts_with("grey")) {
        quarters = {Color{0x10, 0x10, 0x10}, Color{0x50, 0x50, 0x50}, Color{0x90, 0x90, 0x90},
                    Color{0xd0, 0xd0, 0xd0}};
    }
    expectQuarters(pixels, quarters);
}

TEST_P(EveryKind, IsReadSmaller) {
    const Pixels pixels = decoded(file(GetParam()), 12);
    EXPECT_EQ(pixels.width, 12U);
    EXPECT_EQ(pixels.height, 8U);
    EXPECT_EQ(pixels.rgb.size(), 12U * 8 * 3);
}

std::string kindName(const testing::TestParamInfo<const char*>& info) {
    std::string name = info.param;
    name[name.find('.')] = '_';
    return name;
}
INSTANTIATE_TEST_SUITE_P(Pictures, EveryKind,
                         testing::Values("plain.jpg", "progressive.jpg", "cmyk.jpg",
                                         "orientation6.jpg", "grey16.png", "palette_interlaced.png",
                                         "alpha.png", "animated.gif", "lossy.webp", "lossless.webp",
                                         "alpha.webp", "animated.webp"),
                         kindName);

// A block of EXIF that says nothing but this.
std::string exif(int orientation, bool little) {
    const auto two = [&](int value) {
        std::string bytes{static_cast<char>(value >> 8), static_cast<char>(value)};
        if (little) std::swap(bytes[0], bytes[1]);
        return bytes;
    };
    const auto four = [&](int value) { return little ? two(value) + two(0) : two(0) + two(value); };
    return (little ? "II" : "MM") + two(42) + four(8) + two(1) + two(0x112) + two(3) + four(1) +
           two(orientation) + two(0) + four(0);
}

TEST(Orientation, IsReadInBothByteOrders) {
    for (const bool little : {true, false}) {
        for (int value = 1; value <= 8; ++value)
            EXPECT_EQ(orientationOfTiff(exif(value, little)), value);
        EXPECT_EQ(orientationOfTiff(exif(0, little)), 1);
        EXPECT_EQ(orientationOfTiff(exif(9, little)), 1);
    }
}

TEST(Orientation, OfDamagedExifIsUpright) {
    const std::string whole = exif(6, true);
    for (std::size_t size = 0; size < 20; ++size)
        EXPECT_EQ(orientationOfTiff(std::string_view(whole).substr(0, size)), 1) << size;
    std::string far = whole;
    far.replace(4, 4, "\xff\xff\xff\xff");
    EXPECT_EQ(orientationOfTiff(far), 1);
    std::string many = whole;
    many.replace(8, 2, "\xff\xff");
    EXPECT_EQ(orientationOfTiff(many), 6);
}

TEST(Orientation, OfEachNumberTurnsTheQuartersAsExifSays) {
    // What a file with orientation n stores when the quarters 0 1 / 2 3 are to be seen.
    const std::array<std::array<std::size_t, 4>, 8> stored{{{0, 1, 2, 3},
                                                            {1, 0, 3, 2},
                                                            {3, 2, 1, 0},
                                                            {2, 3, 0, 1},
                                                            {0, 2, 1, 3},
                                                            {1, 3, 0, 2},
                                                            {3, 1, 2, 0},
                                                            {2, 0, 3, 1}}};
    for (std::size_t n = 0; n < stored.size(); ++n) {
        const bool lying = n >= 4;
        Pixels pixels{lying ? kHeight : kWidth, lying ? kWidth : kHeight, {}};
        for (std::uint32_t y = 0; y < pixels.height; ++y) {
            for (std::uint32_t x = 0; x < pixels.width; ++x) {
                const std::size_t place =
                    (y >= pixels.height / 2 ? 2U : 0U) + (x >= pixels.width / 2 ? 1U : 0U);
                for (const int value : kQuarters[stored[n][place]])
                    pixels.rgb.push_back(static_cast<std::uint8_t>(value));
            }
        }
        SCOPED_TRACE("orientation " + std::to_string(n + 1));
        const Pixels turned = upright(std::move(pixels), static_cast<int>(n) + 1);
        EXPECT_EQ(turned.width, kWidth);
        EXPECT_EQ(turned.height, kHeight);
        expectQuarters(turned, kQuarters, 0);
    }
}

TEST(Orientation, OfPngAndWebpIsFollowedToo) {
    std::string png = file("alpha.png");
    const std::string data = exif(6, false);
    // Ancillary chunks are skipped by their length; nobody reads this one's checksum.
    png.insert(33, big32(static_cast<std::uint32_t>(data.size())) + "eXIf" + data + "none");
    EXPECT_EQ(orientationOf(png), 6);
    const Pixels turned = decoded(png);
    EXPECT_EQ(turned.width, kHeight);
    EXPECT_EQ(turned.height, kWidth);
    expectQuarters(turned, {kBlue, kWhite, kYellow, kGreen});

    std::string webp = file("animated.webp");
    webp += "EXIF" + little32(static_cast<std::uint32_t>(data.size())) + data;
    EXPECT_EQ(decoded(webp).width, kHeight);
}

TEST(Shrinking, AveragesWhatAPixelStandsFor) {
    // Black and white columns in turn are grey from afar, whatever the sizes are.
    Pixels stripes{99, 33, {}};
    for (std::uint32_t i = 0; i < stripes.width * stripes.height; ++i)
        stripes.rgb.insert(stripes.rgb.end(), 3, i % 2 == 0 ? 255 : 0);
    const auto png = encodePng(stripes);
    ASSERT_TRUE(png);
    for (const std::uint32_t side : {3U, 7U, 10U}) {
        const Pixels small = decoded(*png, side);
        EXPECT_EQ(small.width, side);
        for (const std::uint8_t value : small.rgb)
            EXPECT_NEAR(value, 127, 255.0 * side / 99 + 1) << side;
    }
}

TEST(Shrinking, KeepsFlatColourExactlyAtEverySize) {
    Pixels flat{61, 37, {}};
    for (std::uint32_t i = 0; i < flat.width * flat.height; ++i)
        flat.rgb.insert(flat.rgb.end(), {200, 100, 50});
    const auto png = encodePng(flat);
    ASSERT_TRUE(png);
    for (std::uint32_t side = 1; side <= 61; ++side) {
        const Pixels small = decoded(*png, side);
        ASSERT_EQ(small.width, side);
        for (std::size_t i = 0; i < small.rgb.size(); i += 3) {
            ASSERT_EQ(small.rgb[i], 200) << side;
            ASSERT_EQ(small.rgb[i + 1], 100) << side;
            ASSERT_EQ(small.rgb[i + 2], 50) << side;
        }
    }
}

TEST(Shrinking, NeverEnlargesAndKeepsAtLeastAPixel) {
    const auto line = encodePng(grain(400, 1));
    ASSERT_TRUE(line);
    EXPECT_EQ(decoded(*line, 1000).width, 400U);
    const Pixels small = decoded(*line, 10);
    EXPECT_EQ(small.width, 10U);
    EXPECT_EQ(small.height, 1U);
}

TEST(Encoding, ComesBackAsItWas) {
    const Pixels from = decoded(file("plain.jpg"));
    const auto png = encodePng(from);
    ASSERT_TRUE(png);
    EXPECT_EQ(decoded(*png).rgb, from.rgb);
    const auto jpeg = encodeJpeg(from, 93);
    ASSERT_TRUE(jpeg);
    expectQuarters(decoded(*jpeg), kQuarters);
    const auto webp = encodeWebp(from, 90);
    ASSERT_TRUE(webp);
    expectQuarters(decoded(*webp), kQuarters);
    const std::string ppm = encodePpm(from);
    EXPECT_TRUE(ppm.starts_with("P6\n48 32\n255\n"));
    EXPECT_EQ(ppm.size(), 13 + from.rgb.size());
}

TEST(Encoding, RefusesPixelsThatAreNotWhole) {
    for (const Pixels& pixels : {Pixels{}, Pixels{4, 4, std::vector<std::uint8_t>(47)}}) {
        EXPECT_FALSE(encodePng(pixels));
        EXPECT_FALSE(encodeJpeg(pixels, 80));
        EXPECT_FALSE(encodeWebp(pixels, 80));
    }
}

}  // namespace
}  // namespace host::imaging
