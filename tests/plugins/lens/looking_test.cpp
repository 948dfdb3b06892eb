#include <gtest/gtest.h>

#include <cmath>

#include "plugins/lens/pictures.hpp"

namespace {

using pictures::grey;
using pictures::look;
using pictures::noise;
using pictures::paint;
using pictures::text;
using testing::HasSubstr;
using testing::Not;

/// A dark landscape under a bright sky, grained.
pictures::Picture seaside(double horizon) {
    return paint(320, 200, [horizon](double x, double y) {
        const double grain = 0.05 * noise(x, y);
        if (y < horizon) return lens::Rgb{150, 180, static_cast<uint8_t>(200 + 200 * grain)};
        const double v = 0.2 + grain;
        return lens::Rgb{static_cast<uint8_t>(160 * v), static_cast<uint8_t>(200 * v),
                         static_cast<uint8_t>(90 * v)};
    });
}

/// Lines of dark letters on white, a coloured bar at the top.
pictures::Picture page() {
    return paint(320, 240, [](double x, double y) {
        const int column = static_cast<int>(x * 320);
        const int row = static_cast<int>(y * 240);
        if (row < 20) return lens::rgbOf(0x2050d8);
        const bool line = row % 12 < 6 && column > 20 && column < 260;
        const bool ink = line && noise(column / 2, row / 2) < 0.35;
        return ink ? grey(0.1) : grey(1);
    });
}

pictures::Picture photo() {
    return paint(320, 240, [](double x, double y) {
        const double v = 0.3 + 0.3 * std::sin(9 * x + 4 * y) * std::cos(7 * y) + 0.08 * noise(x, y);
        return lens::Rgb{static_cast<uint8_t>(250 * v), static_cast<uint8_t>(200 * v),
                         static_cast<uint8_t>(60 + 90 * v)};
    });
}

TEST(Lens, SaysFromWhichSideTheLightComes) {
    const auto toward = [](double dx, double dy) {
        const auto scene = look(paint(120, 90, [=](double x, double y) {
            return grey(0.5 + dx * (x - 0.5) + dy * (y - 0.5) + 0.02 * noise(x, y));
        }));
        return text(scene, "lighting");
    };
    EXPECT_THAT(toward(-0.8, 0), HasSubstr("brighter towards the left"));
    EXPECT_THAT(toward(0.8, 0), HasSubstr("brighter towards the right"));
    EXPECT_THAT(toward(0, -0.8), HasSubstr("brighter towards the top"));
    EXPECT_THAT(toward(0, 0.8), HasSubstr("brighter towards the bottom"));
    EXPECT_THAT(toward(-0.5, -0.5), HasSubstr("brighter towards the upper left"));
    EXPECT_THAT(toward(0.5, 0.5), HasSubstr("brighter towards the lower right"));
    EXPECT_THAT(toward(0, 0), Not(HasSubstr("brighter")));
}

TEST(Lens, TellsASpotlightFromAVignette) {
    const auto ring = [](double centre, double edge) {
        const auto scene = look(paint(100, 100, [=](double x, double y) {
            const double far = std::min(1.0, std::hypot(x - 0.5, y - 0.5) * 2);
            return grey(centre + (edge - centre) * far);
        }));
        return text(scene, "lighting");
    };
    EXPECT_THAT(ring(0.9, 0.1), HasSubstr("brighter in the centre"));
    EXPECT_THAT(ring(0.1, 0.9), HasSubstr("darker in the centre"));
}

TEST(Lens, TellsKeyContrastAndCast) {
    const auto tones = [](double low, double high, lens::Rgb tint) {
        return look(paint(160, 120, [=](double x, double y) {
            const double v = low + (high - low) * noise(x, y);
            return lens::Rgb{static_cast<uint8_t>(tint.r * v), static_cast<uint8_t>(tint.g * v),
                             static_cast<uint8_t>(tint.b * v)};
        }));
    };
    const auto night = tones(0.02, 0.3, {170, 200, 255});
    EXPECT_THAT(text(night, "lighting"), HasSubstr("low-key, cool tones"));
    EXPECT_THAT(text(night, "lighting"), HasSubstr("low contrast"));
    EXPECT_THAT(text(night, "mood"), HasSubstr("dark"));
    const auto candle = tones(0, 1, {255, 190, 110});
    EXPECT_THAT(text(candle, "lighting"), HasSubstr("warm tones"));
    EXPECT_THAT(text(candle, "lighting"), HasSubstr("high contrast"));
    const auto snow = tones(0.85, 1, {255, 255, 255});
    EXPECT_THAT(text(snow, "lighting"), HasSubstr("high-key, without colour"));
    EXPECT_EQ(text(snow, "film_stock"), "black and white");
    EXPECT_THAT(text(snow, "mood"), HasSubstr("subdued"));
    EXPECT_EQ(text(candle, "film_stock"), "");
}

TEST(Lens, CallsAMoodOnlyWhatToneAndColourJustify) {
    const auto loud = look(paint(60, 60, [](double x, double y) {
        lens::Rgb color = lens::rgbOf(x < 0.5 ? (y < 0.5 ? 0xff0000 : 0x00c000)
                                              : (y < 0.5 ? 0x0000ff : 0xffe000));
        color.g = static_cast<uint8_t>(color.g * (0.9 + 0.1 * noise(x, y)) + 20 * noise(y, x));
        return color;
    }));
    EXPECT_THAT(text(loud, "mood"), HasSubstr("vivid"));
    EXPECT_EQ(text(look(seaside(0.5)), "mood"), "");
}

TEST(Lens, FindsTheHorizonAndOnlyWhereThereIsOne) {
    for (const double height : {0.3, 0.5, 0.7}) {
        const auto scene = look(seaside(height));
        const std::string composition = text(scene, "composition");
        const std::string line = "a horizon-like line across the whole width, ";
        const size_t at = composition.find(line);
        ASSERT_NE(at, std::string::npos) << composition;
        EXPECT_NEAR(std::stod(composition.substr(at + line.size())), height * 100, 2);
        EXPECT_EQ(text(scene, "background"),
                  "light blue along the top edge, dark greyish green along the bottom");
    }
    // A smooth change has no line, and a step in half of the frame is none across it.
    EXPECT_THAT(
        text(look(paint(200, 200, [](double, double y) { return grey(y); })), "composition"),
        Not(HasSubstr("horizon")));
    EXPECT_THAT(
        text(look(paint(200, 200,
                        [](double x, double y) { return grey(x < 0.5 && y < 0.5 ? 0.9 : 0.2); })),
             "composition"),
        Not(HasSubstr("horizon")));
}

TEST(Lens, SaysWhereTheDetailIsAndHowMuchIsEmpty) {
    const auto patch = [](double left, double top) {
        const auto scene = look(paint(240, 240, [=](double x, double y) {
            const bool in = x > left && x < left + 0.25 && y > top && y < top + 0.25;
            return grey(in ? noise(x, y) : 0.5);
        }));
        return text(scene, "composition");
    };
    EXPECT_THAT(patch(0.04, 0.37), HasSubstr("left third"));
    EXPECT_THAT(patch(0.7, 0.37), HasSubstr("right third"));
    EXPECT_THAT(patch(0.37, 0.7), HasSubstr("lower third"));
    EXPECT_THAT(patch(0.37, 0.37), HasSubstr("in the centre"));
    EXPECT_THAT(patch(0.04, 0.04), HasSubstr("in the upper left"));
    EXPECT_THAT(patch(0.37, 0.37), HasSubstr("% of the frame without detail"));
    const auto all = look(paint(240, 240, [](double x, double y) { return grey(noise(x, y)); }));
    EXPECT_THAT(text(all, "composition"), HasSubstr("spread evenly"));
    EXPECT_THAT(text(all, "composition"), Not(HasSubstr("without detail")));
    EXPECT_THAT(text(look(pictures::plain({90, 90, 90})), "composition"), HasSubstr("no detail"));
}

TEST(Lens, SeesSymmetry) {
    const auto scene = look(paint(200, 100, [](double x, double y) {
        return grey(0.2 + 1.2 * std::abs(x - 0.5) + 0.1 * std::sin(9 * y));
    }));
    EXPECT_THAT(text(scene, "composition"), HasSubstr("symmetric left to right"));
    const auto slanted = look(paint(200, 100, [](double x, double) { return grey(x); }));
    EXPECT_THAT(text(slanted, "composition"), Not(HasSubstr("symmetric")));
}

TEST(Lens, TellsAScreenshotFromAPhotographByItsPixels) {
    EXPECT_EQ(text(look(page()), "style"), "flat graphic or screenshot");
    EXPECT_EQ(text(look(photo()), "style"), "");
    EXPECT_EQ(text(look(seaside(0.5)), "style"), "");
    EXPECT_EQ(text(look(pictures::plain({200, 20, 20})), "style"), "");
}

TEST(Lens, NamesTheFormatOfTheFrame) {
    const auto ratio = [](int width, int height) {
        const auto scene = look(pictures::plain({120, 60, 30}, width, height));
        pictures::expectScene(scene);
        return scene["camera"]["aspect_ratio"].get<std::string>();
    };
    EXPECT_EQ(ratio(300, 200), "3:2");
    EXPECT_EQ(ratio(200, 300), "2:3");
    EXPECT_EQ(ratio(160, 90), "16:9");
    EXPECT_EQ(ratio(64, 64), "1:1");
    EXPECT_EQ(ratio(400, 300), "4:3");
    EXPECT_EQ(ratio(235, 135), "16:9");
    EXPECT_EQ(ratio(500, 100), "5:1");
    EXPECT_EQ(ratio(16000, 1), "16000:1");
    EXPECT_EQ(ratio(1, 640), "1:640");
    // The host may have made it smaller: then the original's size counts.
    const auto small =
        look(pictures::plain({1, 2, 3}, 640, 1), lens::Json{{"width", 4000}, {"height", 3000}});
    EXPECT_EQ(small["camera"]["aspect_ratio"], "4:3");
    EXPECT_THAT(text(small, "scene"), HasSubstr("landscape-format"));
}

TEST(Lens, NothingIsTooSmallTooThinOrTooPlainToBeDescribed) {
    for (const auto& [width, height] : {std::pair{1, 1},
                                        {2, 1},
                                        {1, 2},
                                        {3, 3},
                                        {7, 5},
                                        {16000, 1},
                                        {1, 16000},
                                        {49, 47},
                                        {640, 2}}) {
        const auto scene =
            look(paint(width, height, [](double x, double y) { return grey(noise(x, y)); }));
        pictures::expectScene(scene);
        EXPECT_TRUE(scene["subjects"].empty());
    }
    const auto black = look(pictures::plain({}));
    pictures::expectScene(black);
    EXPECT_EQ(text(black, "lighting"), "almost black");
    EXPECT_EQ(text(black, "scene"), "A landscape-format picture, all black");
    EXPECT_EQ(text(black, "mood"), "");
    const auto white = look(pictures::plain({255, 255, 255}));
    EXPECT_EQ(text(white, "lighting"), "almost white");
}

TEST(Lens, SaysTheSameAgainAndInventsNothing) {
    for (const auto& picture : {photo(), page(), seaside(0.4)}) {
        const auto first = look(picture);
        EXPECT_EQ(first.dump(), look(picture).dump());
        pictures::expectScene(first);
        EXPECT_TRUE(first["subjects"].empty());
        EXPECT_EQ(first["props"], "");
        EXPECT_EQ(first["era"], "");
        EXPECT_EQ(first["time_weather"], "");
        EXPECT_TRUE(first["camera"]["iso"].is_null());
        EXPECT_EQ(first["scene_from"], "measured");
    }
}

TEST(Lens, FiguresAreWithinTheirBounds) {
    const auto figures = look(photo())["measured"];
    for (const char* name :
         {"contrast", "saturation", "sharpness", "flat_share", "unique_colour_share"}) {
        EXPECT_GE(figures[name].get<double>(), 0) << name;
        EXPECT_LE(figures[name].get<double>(), 1) << name;
    }
    EXPECT_LE(figures["luminance"]["p5"], figures["luminance"]["p50"]);
    EXPECT_LE(figures["luminance"]["p50"], figures["luminance"]["p95"]);
    double shares = 0;
    for (const auto& swatch : figures["palette"])
        shares += swatch["share"].get<double>();
    EXPECT_NEAR(shares, 1, 0.02);
}

TEST(Lens, StopsWhenItIsTold) {
    const auto picture = paint(400, 400, [](double x, double y) { return grey(noise(x, y)); });
    lens::Order order;
    order.view = {picture.width, picture.height, picture.rgb};
    int asked = 0;
    EXPECT_FALSE(lens::sceneOf(order, [&asked] { return ++asked < 2; }));
    EXPECT_EQ(asked, 2);
}

}  // namespace
