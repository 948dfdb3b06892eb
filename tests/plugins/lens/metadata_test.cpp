#include <gtest/gtest.h>

#include "plugins/lens/pictures.hpp"

namespace {

using lens::Json;
using pictures::look;
using pictures::text;
using testing::HasSubstr;
using testing::Not;

const pictures::Picture kPicture = pictures::paint(90, 60, [](double x, double y) {
    return lens::Rgb{static_cast<uint8_t>(255 * x), static_cast<uint8_t>(160 * y), 90};
});

Json camera(Json fields) {
    return {{"metadata", {{"camera", std::move(fields)}}}};
}

Json generation(Json fields) {
    return {{"metadata", {{"generation", std::move(fields)}}}};
}

TEST(LensCamera, TellsWhatTheCameraWroteDown) {
    const auto scene = look(kPicture, camera({{"make", "Apple"},
                                              {"model", "iPhone 15 Pro"},
                                              {"lens", "back camera"},
                                              {"taken_at", "2024:05:31 18:02:11"},
                                              {"focal_length_mm", 6.86},
                                              {"focal_length_35mm", 24},
                                              {"f_number", 1.78},
                                              {"exposure_seconds", 0.008333},
                                              {"iso", 64},
                                              {"flash", false}}));
    pictures::expectScene(scene);
    EXPECT_EQ(text(scene, "style"), "photograph, taken with Apple iPhone 15 Pro");
    EXPECT_EQ(text(scene, "time_weather"),
              "taken 2024-05-31 18:02, exposed for medium light (EV 9)");
    const Json& its = scene["camera"];
    EXPECT_EQ(its["lens"], "6.9 mm (24 mm equivalent), back camera");
    EXPECT_EQ(its["f_number"], "f/1.8");
    EXPECT_EQ(its["iso"], 64);
    EXPECT_EQ(its["shutter_speed"], "1/120 s");
    EXPECT_EQ(its["angle"], "");
}

TEST(LensCamera, LongExposuresAndTheFlashAreTold) {
    const auto scene = look(kPicture, camera({{"make", "Canon"},
                                              {"model", "Canon EOS R5"},
                                              {"exposure_seconds", 2.5},
                                              {"flash", true}}));
    EXPECT_EQ(scene["camera"]["shutter_speed"], "2.5 s");
    EXPECT_THAT(text(scene, "lighting"), HasSubstr("flash fired"));
    EXPECT_EQ(text(scene, "style"), "photograph, taken with Canon EOS R5");
    EXPECT_EQ(text(scene, "time_weather"), "");
}

TEST(LensCamera, WhatMakesNoSenseIsNotTold) {
    for (const Json& fields :
         {Json{{"taken_at", "0000:00:00 00:00:00"}}, Json{{"taken_at", "2024:13:31 18:02:11"}},
          Json{{"taken_at", "yesterday, or the day before"}}, Json{{"taken_at", 20240531}},
          Json{{"f_number", -1}, {"iso", 0}, {"exposure_seconds", "1/3"}},
          Json{{"exposure_seconds", 1e300}, {"focal_length_mm", 1e300}, {"f_number", 1e300}},
          Json{{"iso", "high"}, {"lens", 50}}, Json::array({1, 2}), Json("text")}) {
        const auto scene = look(kPicture, camera(fields));
        pictures::expectScene(scene);
        EXPECT_EQ(text(scene, "time_weather"), "") << fields;
        EXPECT_EQ(scene["camera"]["shutter_speed"], "") << fields;
        EXPECT_EQ(scene["camera"]["lens"], "") << fields;
    }
    EXPECT_EQ(text(look(kPicture, camera({{"taken_at", "2024:05:31 18:02:11"}})), "style"), "");
}

TEST(LensGeneration, ThePromptThatMadeThePictureIsItsScene) {
    const auto scene = look(kPicture, generation({{"source", "comfyui"},
                                                  {"prompt", "a red fox in the snow, 35mm"},
                                                  {"negative_prompt", "blurry"},
                                                  {"seed", 7},
                                                  {"steps", 20},
                                                  {"model", "sd_xl_base_1.0"},
                                                  {"sampler", "euler"}}));
    pictures::expectScene(scene);
    EXPECT_EQ(text(scene, "scene"), "a red fox in the snow, 35mm");
    EXPECT_EQ(scene["scene_from"], "embedded prompt");
    EXPECT_EQ(text(scene, "style"),
              "generated image (ComfyUI, model sd_xl_base_1.0, sampler euler)");
    EXPECT_TRUE(scene["subjects"].empty());
    EXPECT_EQ(scene["generation"]["seed"], 7);
    EXPECT_EQ(scene["generation"]["negative_prompt"], "blurry");
    EXPECT_FALSE(scene["generation"].contains("prompt"));
    EXPECT_THAT(text(scene, "lighting"), HasSubstr("-key"));
}

TEST(LensGeneration, AnEmbeddedSceneIsTakenOverFieldByField) {
    const Json embedded = {
        {"scene", "a harbour"},
        {"props", "ropes"},
        {"subjects",
         {{{"description", "an old boat"}, {"position", "left"}, {"color_palette", {"red"}}},
          "a gull",
          7,
          {{"position", "nobody there"}}}},
        {"style", "watercolour"},
        {"color_palette", {"teal", "cream", "rust"}},
        {"mood", ""},
        {"era", "1950s"},
        {"camera", {{"angle", "low"}, {"iso", 400}, {"f_number", 2.8}, {"aspect_ratio", "21:9"}}},
        {"weather_notes", {{"wind", "strong"}}}};
    const auto scene =
        look(kPicture, generation({{"source", "image_pipeline"}, {"prompt", embedded.dump(2)}}));
    pictures::expectScene(scene);
    EXPECT_EQ(scene["scene_from"], "embedded scene");
    EXPECT_EQ(text(scene, "scene"), "a harbour");
    EXPECT_EQ(text(scene, "props"), "ropes");
    EXPECT_EQ(text(scene, "style"), "watercolour");
    EXPECT_EQ(text(scene, "era"), "1950s");
    ASSERT_EQ(scene["subjects"].size(), 2U);
    EXPECT_EQ(scene["subjects"][0]["description"], "an old boat");
    EXPECT_EQ(scene["subjects"][0]["color_palette"], Json{"red"});
    EXPECT_EQ(scene["subjects"][1]["description"], "a gull");
    EXPECT_EQ(scene["color_palette"], (Json{"teal", "cream", "rust"}));
    EXPECT_EQ(scene["camera"]["angle"], "low");
    EXPECT_EQ(scene["camera"]["iso"], 400);
    EXPECT_EQ(scene["camera"]["f_number"], "2.8");
    // What can be measured is, and what the prompt left open too.
    EXPECT_EQ(scene["camera"]["aspect_ratio"], "3:2");
    EXPECT_THAT(text(scene, "lighting"), HasSubstr("-key"));
    EXPECT_EQ(scene["weather_notes"]["wind"], "strong");
}

TEST(LensGeneration, GoingRoundAndRoundAddsNothing) {
    Json scene = look(kPicture, generation({{"source", "a1111"}, {"prompt", "a fox"}}));
    size_t size = 0;
    for (int turn = 0; turn < 6; ++turn) {
        scene = look(kPicture, generation({{"source", "image_pipeline"},
                                           {"prompt", scene.dump(2)},
                                           {"seed", 5},
                                           {"request", {{"prompt", scene.dump(2)}}}}));
        EXPECT_EQ(text(scene, "scene"), "a fox");
        if (turn > 0) {
            EXPECT_EQ(scene.dump().size(), size);
        }
        size = scene.dump().size();
    }
}

TEST(LensSteering, IsNamedAsDirectionWhereItMayColour) {
    const auto scene = look(kPicture, Json::object(), "foggy, 1930s noir");
    pictures::expectScene(scene);
    EXPECT_THAT(text(scene, "mood"), HasSubstr("directed: foggy, 1930s noir"));
    EXPECT_THAT(text(scene, "style"), HasSubstr("directed: foggy, 1930s noir"));
    EXPECT_EQ(scene["steering"], "foggy, 1930s noir");
    EXPECT_THAT(text(scene, "lighting"), Not(HasSubstr("noir")));
    EXPECT_FALSE(look(kPicture).contains("steering"));
}

/// As the vision service would send it on.
size_t characters(const Json& scene) {
    size_t count = 0;
    for (const char c : scene.dump(2))
        count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
    return count;
}

TEST(LensHostile, WhateverTheMetadataHoldsTheSceneFitsAPrompt) {
    const std::string huge(300'000, 'x');
    std::string slashes(3'000, '\\');
    std::string wide;
    for (int i = 0; i < 30'000; ++i)
        wide += "猫";
    Json many = Json::object();
    for (int i = 0; i < 2000; ++i)
        many["field" + std::to_string(i)] = Json::array({1, 2, 3, huge.substr(0, 300)});
    Json subjects = Json::array();
    for (int i = 0; i < 50; ++i) {
        subjects.push_back({{"description", slashes},
                            {"position", slashes},
                            {"color_palette", Json(std::vector<std::string>(8, slashes))}});
    }
    Json everything = {{"subjects", subjects},
                       {"camera", {{"angle", slashes}, {"lens", slashes}, {"focus", slashes}}}};
    for (const char* name : {"scene", "props", "style", "lighting", "mood", "film_stock", "era",
                             "background", "composition", "time_weather"})
        everything[name] = slashes;
    for (const std::string& prompt : {huge, slashes, wide, many.dump(), everything.dump(),
                                      Json{{"scene", huge}}.dump(), Json{{wide, wide}}.dump()}) {
        const auto scene = look(kPicture,
                                generation({{"source", huge},
                                            {"prompt", prompt},
                                            {"model", wide},
                                            {"negative_prompt", wide},
                                            {"sampler", slashes}}),
                                slashes);
        pictures::expectScene(scene);
        EXPECT_LE(characters(scene), 10'000U) << prompt.substr(0, 60);
    }
}

TEST(LensHostile, BytesThatAreNoTextAndJsonThatIsNoneDoNoHarm) {
    const std::string deep(200'000, '[');
    for (const std::string& extra :
         {std::string("\xff\xfe\x00{", 4), std::string("{\"metadata\":"), deep,
          "{\"metadata\":" + deep + "}", std::string("[]"), std::string("null"), std::string(),
          std::string("{\"width\":-5,\"height\":\"x\",\"metadata\":7}"),
          std::string("{\"width\":1e999,\"height\":1e308}")}) {
        const auto scene = look(kPicture, extra);
        pictures::expectScene(scene);
        EXPECT_EQ(scene["scene_from"], "measured");
    }
    const auto scene = look(
        kPicture, generation({{"source", "a1111"}, {"prompt", "a\x01 b\n\tc \xf0\x9f\xa6\x8a"}}),
        "\xff\xc3 steer \x02");
    pictures::expectScene(scene);
    EXPECT_EQ(text(scene, "scene"), "a  b  c 🦊");
    EXPECT_THAT(scene["steering"].get<std::string>(), HasSubstr("steer"));
    const auto nested = look(kPicture, generation({{"prompt", "{\"scene\":" + deep}}));
    EXPECT_EQ(nested["scene_from"], "embedded prompt");
    pictures::expectScene(nested);
}

}  // namespace
