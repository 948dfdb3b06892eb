#include <gtest/gtest.h>

#include <future>
#include <set>

#include "pictures.hpp"
#include "sketch/codec.hpp"

namespace {

using pictures::draw;
using pictures::mean;

TEST(SketchDrawing, TheSameOrderGivesTheSameBytes) {
    EXPECT_EQ(draw("a stormy harbour at dusk", 5).rgb, draw("a stormy harbour at dusk", 5).rgb);
    EXPECT_NE(draw("a stormy harbour at dusk", 5).rgb, draw("a stormy harbour at dusk", 6).rgb);
}

TEST(SketchDrawing, TwoThreadsDrawWhatOneDraws) {
    auto other = std::async(std::launch::async, [] { return draw("a city in rain at night", 3); });
    const sketch::Bitmap here = draw("a meadow with flowers", 3);
    EXPECT_EQ(other.get().rgb, draw("a city in rain at night", 3).rgb);
    EXPECT_EQ(here.rgb, draw("a meadow with flowers", 3).rgb);
}

TEST(SketchDrawing, AStormyHarbourAndADesertAtNoonLookNothingAlike) {
    for (uint64_t seed = 1; seed <= 3; ++seed) {
        const auto harbour = mean(draw("a stormy harbour at dusk", seed));
        const auto desert = mean(draw("a desert at noon", seed));
        EXPECT_GT(pictures::distance(harbour, desert), 60) << seed;
        EXPECT_GT(pictures::light(desert), pictures::light(harbour) + 30) << seed;
    }
}

TEST(SketchDrawing, NightIsDarkerThanNoon) {
    for (const char* place : {"a forest", "a harbour", "mountains", "a village", "a city street"}) {
        const double night = pictures::light(mean(draw(std::string(place) + " at night")));
        const double noon = pictures::light(mean(draw(std::string(place) + " at noon")));
        EXPECT_GT(noon, night + 25) << place;
    }
}

TEST(SketchDrawing, EveryPlaceHasALookOfItsOwn) {
    const std::array<const char*, 10> prompts = {
        "a snowy forest at night", "a desert at noon",      "underwater coral reef",
        "a galaxy in deep space",  "still life with fruit", "portrait of a woman in a red coat",
        "a meadow at noon",        "a lake at sunset",      "a cosy room in the evening",
        "a city in rain"};
    std::vector<sketch::Bitmap> all;
    for (const char* prompt : prompts)
        all.push_back(draw(prompt));
    for (size_t i = 0; i < all.size(); ++i) {
        for (size_t k = i + 1; k < all.size(); ++k) {
            EXPECT_GT(pictures::difference(all[i], all[k]), 18)
                << prompts[i] << " / " << prompts[k];
        }
    }
}

TEST(SketchDrawing, PaletteColoursShowInThePicture) {
    const auto magenta = [](int r, int g, int b) { return r > g + 25 && b > g + 25; };
    const auto green = [](int r, int g, int b) { return g > r + 15 && g > b + 8; };
    const std::string scene = R"({"scene":"a lake","time_weather":"noon","color_palette":)";
    const sketch::Bitmap pink = draw(scene + R"(["#a01878","magenta","#f0a0d8"]})");
    const sketch::Bitmap leaf = draw(scene + R"(["#1c6c34","emerald","#b0f0c0"]})");
    EXPECT_GT(pictures::share(pink, magenta), 0.3);
    EXPECT_LT(pictures::share(leaf, magenta), 0.05);
    EXPECT_GT(pictures::share(leaf, green), 0.3);
    EXPECT_LT(pictures::share(pink, green), 0.08);
}

TEST(SketchDrawing, AColourWordBelongsToItsNoun) {
    const auto red = [](int r, int g, int b) { return r > 110 && r > 2 * g && r > 2 * b; };
    EXPECT_GT(pictures::share(draw("portrait of a woman in a red coat"), red), 0.06);
    EXPECT_LT(pictures::share(draw("portrait of a woman in a blue coat"), red), 0.01);
}

TEST(SketchDrawing, ASubjectStandsWhereItsPositionSays) {
    const auto scene = [](const char* position) {
        return std::string(
                   R"({"scene":"a lake at noon","subjects":[{"description":"a large red balloon","position":")") +
               position + R"(","color_palette":["#e01010"]}]})";
    };
    const auto red = [](int r, int g, int b) { return r > 120 && r > g * 2 && r > b * 2; };
    const sketch::Bitmap left = draw(scene("left"));
    const sketch::Bitmap right = draw(scene("right"));
    EXPECT_GT(pictures::share(left, red, 0, 0.5), 4 * pictures::share(left, red, 0.5, 1) + 0.01);
    EXPECT_GT(pictures::share(right, red, 0.5, 1), 4 * pictures::share(right, red, 0, 0.5) + 0.01);
}

TEST(SketchDrawing, TheNegativePromptTakesThingsAway) {
    const std::string prompt = "a lighthouse by the sea at noon with heavy rain";
    EXPECT_GT(pictures::difference(draw(prompt), draw(prompt, 1, "rain")), 1.5);
    EXPECT_GT(pictures::difference(draw(prompt), draw(prompt, 1, "lighthouse")), 1.0);
    EXPECT_EQ(draw(prompt).rgb, draw(prompt, 1, "bad hands, watermark").rgb);
}

TEST(SketchDrawing, UnknownForeignAndEmptyPromptsAreDrawnEachInItsOwnWay) {
    std::set<std::vector<uint8_t>> seen;
    const std::vector<std::string> prompts = {
        "",
        "   ",
        "雪の夜",
        "Ωμέγα",
        "🦊🦊🦊",
        "qwertz uiop",
        "\xff\xfe\x80",
        "{\"broken\": ",
        "[]",
        "{}",
        "{\"subjects\": 7, \"camera\": [], \"color_palette\": {\"a\": 1}}",
        std::string(300, '[') + "x",
        "{\"scene\":" + std::string(3000, '[')};
    for (const std::string& prompt : prompts) {
        const sketch::Bitmap picture = draw(prompt);
        EXPECT_EQ(picture.width, 432);
        EXPECT_GT(pictures::light(mean(picture)), 4);
        seen.insert(picture.rgb);
    }
    EXPECT_EQ(seen.size(), prompts.size());
}

// Colours of the palette that left no room between them ended the process.
TEST(SketchDrawing, APaletteOfNothingButWhiteIsDrawn) {
    const std::string found =
        "{\"sce\n{\"scene\": \"a hane\": \"a harbour white a3\x06 a harbour white a3";
    EXPECT_EQ(draw(found).width, 432);
    const sketch::Bitmap white = draw(
        R"({"scene": "a harbour", "color_palette": ["white", "#ffffff", "white", "snow white",
            "#fefefe", "#ffffff", "#ffffff", "#ffffff"]})");
    EXPECT_GT(pictures::light(mean(white)), 100);
}

TEST(SketchDrawing, AVeryLongPromptIsDrawnAtOnce) {
    std::string prompt;
    while (prompt.size() < 200000)
        prompt += "a red boat, three birds, a castle on the left. ";
    EXPECT_EQ(draw(prompt).height, 288);
}

TEST(SketchDrawing, EverySizeAndOrientationHasExactlyItsPixels) {
    constexpr std::array<std::pair<int, int>, 12> kSizes = {{{864, 576},
                                                             {576, 864},
                                                             {704, 704},
                                                             {1216, 832},
                                                             {832, 1216},
                                                             {1024, 1024},
                                                             {1728, 1152},
                                                             {1152, 1728},
                                                             {1408, 1408},
                                                             {2432, 1664},
                                                             {1664, 2432},
                                                             {2048, 2048}}};
    for (const auto& [width, height] : kSizes) {
        sketch::Order order;
        order.prompt = R"({"scene":"mountains","camera":{"aspect_ratio":"21:9"}})";
        order.width = width;
        order.height = height;
        order.steps = 2;
        const auto picture = sketch::draw(order, pictures::kNoHooks);
        ASSERT_TRUE(picture);
        EXPECT_EQ(picture->width, width);
        EXPECT_EQ(picture->height, height);
        EXPECT_EQ(picture->rgb.size(),
                  static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
    }
}

TEST(SketchDrawing, TinyAndNarrowPicturesWork) {
    for (const auto& [width, height] : {std::pair{16, 16}, {16, 900}, {900, 16}, {33, 65}}) {
        for (const char* prompt :
             {"a city", "a room with a window", "underwater reef", "a portrait", "a lake", "space",
              "abstract", "a forest", "still life", "a desert", "village", "mountains"}) {
            sketch::Order order;
            order.prompt = prompt;
            order.width = width;
            order.height = height;
            order.steps = 3;
            const auto picture = sketch::draw(order, pictures::kNoHooks);
            ASSERT_TRUE(picture);
            EXPECT_EQ(picture->width, width);
        }
    }
}

TEST(SketchDrawing, MoreStepsComeCloserToTheFinishedScene) {
    const auto withSteps = [](int steps) {
        sketch::Order order;
        order.prompt = "a lighthouse at sunset";
        order.width = 432;
        order.height = 288;
        order.steps = steps;
        return *sketch::draw(order, pictures::kNoHooks);
    };
    const sketch::Bitmap fine = withSteps(60);
    EXPECT_GT(pictures::difference(withSteps(1), fine), pictures::difference(withSteps(30), fine));
}

TEST(SketchDrawing, StepsAreReportedOneByOneAndGrowTowardsThePicture) {
    sketch::Order order;
    order.prompt = "a castle on a hill";
    order.width = 432;
    order.height = 288;
    order.steps = 16;
    std::vector<int> steps;
    sketch::Bitmap first;
    sketch::Bitmap last;
    const auto picture = sketch::draw(order, {[] { return true; },
                                              [&](int step, const sketch::Bitmap& b) {
                                                  steps.push_back(step);
                                                  if (step == 1) first = b;
                                                  last = b;
                                                  return true;
                                              }});
    ASSERT_EQ(steps.size(), 16U);
    for (size_t i = 0; i < steps.size(); ++i)
        EXPECT_EQ(steps[i], static_cast<int>(i) + 1);
    EXPECT_GT(pictures::difference(first, *picture), 1.5 * pictures::difference(last, *picture));
}

TEST(SketchDrawing, GuidanceMakesColoursStronger) {
    const auto colourfulness = [](double guidance) {
        sketch::Order order;
        order.prompt = "a meadow with flowers at noon";
        order.width = 432;
        order.height = 288;
        order.guidance = guidance;
        const sketch::Bitmap b = *sketch::draw(order, pictures::kNoHooks);
        double sum = 0;
        for (size_t i = 0; i + 2 < b.rgb.size(); i += 3)
            sum += std::max({b.rgb[i], b.rgb[i + 1], b.rgb[i + 2]}) -
                   std::min({b.rgb[i], b.rgb[i + 1], b.rgb[i + 2]});
        return sum / static_cast<double>(b.rgb.size());
    };
    EXPECT_GT(colourfulness(10), colourfulness(1) * 1.1);
}

TEST(SketchDrawing, StopsSoonAfterItIsNoLongerWanted) {
    sketch::Order order;
    order.prompt = "a forest with a river";
    order.width = 2432;
    order.height = 1664;
    order.steps = 50;
    int asked = 0;
    EXPECT_FALSE(sketch::draw(
        order, {[&] { return ++asked < 40; }, [](int, const sketch::Bitmap&) { return true; }}));
    EXPECT_LT(asked, 60);
    EXPECT_FALSE(sketch::draw(
        order, {[] { return false; }, [](int, const sketch::Bitmap&) { return true; }}));
    int steps = 0;
    order.width = 432;
    order.height = 288;
    EXPECT_FALSE(sketch::draw(order, {[] { return true; },
                                      [&](int step, const sketch::Bitmap&) {
                                          steps = step;
                                          return step < 3;
                                      }}));
    EXPECT_EQ(steps, 3);
}

}  // namespace
