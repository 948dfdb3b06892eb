#include <gtest/gtest.h>

#include "lens/color_names.hpp"
#include "plugins/lens/pictures.hpp"

namespace {

using testing::HasSubstr;

struct Known {
    uint32_t hex;
    const char* name;
    const char* plain;
};

class LensColor : public testing::TestWithParam<Known> {};

TEST_P(LensColor, IsCalledWhatPeopleCallIt) {
    const lens::Lab color = lens::labOf(lens::rgbOf(GetParam().hex));
    EXPECT_THAT(lens::nameOf(color), HasSubstr(GetParam().name));
    EXPECT_THAT(lens::plainName(color), HasSubstr(GetParam().plain));
}

INSTANTIATE_TEST_SUITE_P(
    WellKnown, LensColor,
    testing::Values(Known{0xff0000, "red", "red"}, Known{0x00ff00, "green", "green"},
                    Known{0x0000ff, "blue", "blue"}, Known{0xffff00, "yellow", "yellow"},
                    Known{0x00ffff, "cyan", "cyan"}, Known{0xff00ff, "magenta", "magenta"},
                    Known{0x000000, "black", "black"}, Known{0xffffff, "white", "white"},
                    Known{0x808080, "grey", "grey"}, Known{0x3f3f3f, "dark grey", "dark grey"},
                    Known{0xd3d3d3, "light grey", "light grey"},
                    Known{0xffa500, "orange", "orange"}, Known{0x800080, "purple", "purple"},
                    Known{0x808000, "olive", "olive"}, Known{0x008080, "teal", "teal"},
                    Known{0x000080, "navy", "dark blue"}, Known{0x800000, "red", "dark red"},
                    Known{0xffc0cb, "pink", "pink"}, Known{0x87ceeb, "sky blue", "light blue"},
                    Known{0x5c3420, "chocolate", "brown"}, Known{0xd2b48c, "sand", "beige"}));

TEST(LensColors, AGreyIsNeverCalledAColourNorAColourGrey) {
    for (int v = 0; v < 256; ++v) {
        const auto byte = static_cast<uint8_t>(v);
        const std::string name = lens::nameOf(lens::labOf({byte, byte, byte}));
        const bool neutral = name.starts_with('#') || name.ends_with("black") ||
                             name.ends_with("grey") || name.ends_with("white") ||
                             name == "charcoal" || name == "silver";
        EXPECT_TRUE(neutral) << v << " " << name;
    }
    EXPECT_THAT(lens::plainName(lens::labOf(lens::rgbOf(0x204080))), HasSubstr("blue"));
}

TEST(LensColors, ANameIsCloseOrElseItIsTheColourItself) {
    int named = 0;
    int all = 0;
    for (uint32_t r = 0; r < 256; r += 17) {
        for (uint32_t g = 0; g < 256; g += 17) {
            for (uint32_t b = 0; b < 256; b += 17) {
                const lens::Lab color = lens::labOf(lens::rgbOf(r << 16 | g << 8 | b));
                const std::string name = lens::nameOf(color);
                ++all;
                if (name.starts_with('#')) {
                    EXPECT_EQ(name, lens::hexOf(color));
                } else {
                    ++named;
                }
            }
        }
    }
    EXPECT_GT(named * 100, all * 75);
}

TEST(LensColors, ThereAndBackIsTheSameColour) {
    for (const char* hex : {"#000000", "#ffffff", "#1c8084", "#ff7f00", "#0001fe", "#7f7f80"}) {
        const auto value = static_cast<uint32_t>(std::stoul(hex + 1, nullptr, 16));
        EXPECT_EQ(lens::hexOf(lens::labOf(lens::rgbOf(value))), hex);
    }
}

TEST(LensPalette, ListsColoursByTheAreaTheyCover) {
    const auto scene = pictures::look(pictures::paint(90, 60, [](double x, double) {
        return lens::rgbOf(x < 0.55 ? 0x14204e : x < 0.85 ? 0xff8000 : 0xffffff);
    }));
    EXPECT_EQ(scene["color_palette"], (lens::Json{"navy", "orange", "white"}));
    EXPECT_NEAR(scene["measured"]["palette"][0]["share"].get<double>(), 0.55, 0.02);
    EXPECT_EQ(scene["scene"],
              "A landscape-format picture, mostly dark blue, with vivid orange and white");
}

TEST(LensPalette, ASmallBrightSpotIsNotLost) {
    const auto scene = pictures::look(pictures::paint(200, 200, [](double x, double y) {
        if (x > 0.45 && x < 0.55 && y > 0.45 && y < 0.55) return lens::rgbOf(0xff0000);
        const double v = 0.1 + 0.3 * x + 0.05 * pictures::noise(x, y);
        return lens::Rgb{static_cast<uint8_t>(80 * v), static_cast<uint8_t>(120 * v),
                         static_cast<uint8_t>(255 * v)};
    }));
    EXPECT_THAT(scene["color_palette"].dump(), HasSubstr("\"red\""));
}

TEST(LensPalette, HasThreeToFiveTextsEvenForOneColour) {
    EXPECT_EQ(pictures::look(pictures::plain({}))["color_palette"],
              (lens::Json{"black", "#000000", "black"}));
    const auto halves = pictures::look(pictures::paint(
        40, 40, [](double x, double) { return lens::rgbOf(x < 0.5 ? 0xff0000 : 0x0000ff); }));
    const std::string names = halves["color_palette"].dump();
    EXPECT_THAT(names, HasSubstr("\"red\""));
    EXPECT_THAT(names, HasSubstr("\"blue\""));
    EXPECT_EQ(halves["color_palette"].size(), 3U);
}

TEST(LensPalette, NamesNoColourTwiceWhenThereAreOthers) {
    const auto scene = pictures::look(pictures::paint(256, 64, [](double x, double y) {
        return lens::Rgb{static_cast<uint8_t>(40 * y), static_cast<uint8_t>(90 + 165 * x),
                         static_cast<uint8_t>(40 * y)};
    }));
    const auto names = scene["color_palette"].get<std::vector<std::string>>();
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

TEST(LensPalette, IsNoLargerThanAskedFor) {
    const auto rainbow = pictures::paint(300, 100, [](double x, double y) {
        return lens::rgbOf(lens::Lab{static_cast<float>(0.4 + 0.4 * y),
                                     static_cast<float>(0.15 * std::cos(6.28 * x)),
                                     static_cast<float>(0.15 * std::sin(6.28 * x))});
    });
    for (const size_t size : {3U, 4U, 5U}) {
        lens::Order order;
        order.view = {rainbow.width, rainbow.height, rainbow.rgb};
        order.paletteSize = size;
        const auto scene = lens::sceneOf(order, [] { return true; });
        EXPECT_EQ(scene->at("color_palette").size(), size);
    }
}

}  // namespace
