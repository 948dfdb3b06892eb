#include "pipeline/scene.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using host::Json;
using host::pipeline::normalScene;
using host::pipeline::sceneIn;
using host::pipeline::sceneInWords;
using host::pipeline::sceneSchema;

const char* const kTexts[] = {"scene",      "props", "style",      "lighting",    "mood",
                              "film_stock", "era",   "background", "composition", "time_weather"};
const char* const kCameraTexts[] = {"angle",         "distance",     "lens", "f_number",
                                    "shutter_speed", "aspect_ratio", "focus"};

void expectComplete(const Json& scene) {
    for (const char* name : kTexts)
        EXPECT_TRUE(scene.contains(name) && scene[name].is_string()) << name;
    ASSERT_TRUE(scene["subjects"].is_array());
    for (const Json& subject : scene["subjects"]) {
        EXPECT_TRUE(subject["description"].is_string());
        EXPECT_TRUE(subject["position"].is_string());
        EXPECT_TRUE(subject["color_palette"].is_array());
    }
    ASSERT_TRUE(scene["color_palette"].is_array());
    for (const Json& color : scene["color_palette"])
        EXPECT_TRUE(color.is_string());
    ASSERT_TRUE(scene["camera"].is_object());
    for (const char* name : kCameraTexts)
        EXPECT_TRUE(scene["camera"].contains(name) && scene["camera"][name].is_string()) << name;
    ASSERT_TRUE(scene["camera"].contains("iso"));
    EXPECT_TRUE(scene["camera"]["iso"].is_number() || scene["camera"]["iso"].is_null());
}

TEST(Scene, EveryFieldIsThereWhateverWasSaid) {
    for (const char* said :
         {"{}", R"({"scene": null, "camera": null, "subjects": null})",
          R"({"scene": 7, "props": ["a", "b"], "subjects": "a dog", "camera": "35mm, low"})",
          R"({"scene": {"a": 1, "b": [2, {"c": 3}]}, "color_palette": "red, blue and gold"})",
          R"({"subjects": ["a dog", null, {"color_palette": "red"}], "camera": {"iso": true}})",
          R"({"camera": {"iso": [], "lens": {}, "focus": {"a": {"b": 1}}}})"}) {
        const Json scene = normalScene(Json::parse(said));
        expectComplete(scene);
        EXPECT_EQ(normalScene(scene), scene) << "normal for good: " << said;
    }
}

TEST(Scene, NothingIsInvented) {
    const Json scene = normalScene(Json::parse(R"({"scene": "a pier", "color_palette": ["red"]})"));
    EXPECT_EQ(scene["scene"], "a pier");
    EXPECT_EQ(scene["color_palette"], Json({"red"}));
    EXPECT_EQ(scene["subjects"], Json::array());
    EXPECT_EQ(scene["mood"], "");
    EXPECT_TRUE(scene["camera"]["iso"].is_null());
}

TEST(Scene, APaletteIsCutAtFiveColours) {
    const auto palette = [](const char* said) {
        return normalScene({{"color_palette", Json::parse(said)}})["color_palette"];
    };
    EXPECT_EQ(palette(R"(["a","b","c","d","e","f"])"), Json({"a", "b", "c", "d", "e"}));
    EXPECT_EQ(palette(R"("red, blue and gold; #ffeeaa")"),
              Json({"red", "blue and gold", "#ffeeaa"}));
    EXPECT_EQ(palette(R"("red, and blue")"), Json({"red", "blue"}));
    EXPECT_EQ(palette(R"([{"name":"teal","hex":"#008080"},{"hex":"#ff0000"}])"),
              Json({"teal", "#ff0000"}));
    EXPECT_EQ(palette(R"({"primary":"red","secondary":"blue"})"), Json({"red", "blue"}));
}

TEST(Scene, NumbersAreReadFromTexts) {
    const auto camera = [](const char* said) {
        return normalScene({{"camera", Json::parse(said)}})["camera"];
    };
    EXPECT_EQ(camera(R"({"iso": "400"})")["iso"], 400);
    EXPECT_EQ(camera(R"({"iso": "ISO 400"})")["iso"], 400);
    EXPECT_EQ(camera(R"({"iso": 100.5})")["iso"], 100.5);
    EXPECT_TRUE(camera(R"({"iso": "low"})")["iso"].is_null());
    EXPECT_TRUE(camera(R"({"iso": "9e999"})")["iso"].is_null());
    EXPECT_EQ(camera(R"({"f_number": 2.8, "lens": 50})")["f_number"], "f/2.8");
    EXPECT_EQ(camera(R"({"f_number": "f/4", "lens": 50})")["lens"], "50mm");
}

TEST(Scene, UnknownFieldsAreKept) {
    const Json scene = normalScene(Json::parse(R"({"scene": "x", "story": {"arc": [1]},
        "subjects": [{"description": "a dog", "breed": "corgi"}], "camera": {"filter": "ND"}})"));
    EXPECT_EQ(scene["story"], Json::parse(R"({"arc": [1]})"));
    EXPECT_EQ(scene["subjects"][0]["breed"], "corgi");
    EXPECT_EQ(scene["camera"]["filter"], "ND");
}

TEST(SceneInAnswer, IsUnderstoodInEveryManner) {
    const std::string json = R"({"scene": "a pier", "mood": "calm"})";
    for (const std::string& answer :
         {json, "```json\n" + json + "\n```", "Sure! " + json + " Enjoy.",
          "<think>What about {\"scene\": \"a draft\", \"mood\": \"x\", \"era\": \"y\"}?</think>\n" +
              json,
          "<think>\n" + json + "\n</think>", "<think>" + json, R"({"result": )" + json + "}",
          "[" + json + "]", "light</think>" + json}) {
        const auto scene = sceneIn(answer);
        ASSERT_TRUE(scene.has_value()) << answer;
        EXPECT_EQ((*scene)["scene"], "a pier") << answer;
        expectComplete(*scene);
    }
}

TEST(SceneInAnswer, IsNotSeenWhereThereIsNone) {
    for (const char* answer :
         {"", "a pier at dawn", R"({"error": "I cannot see"})", "{}", "[1, 2]",
          R"({"style": "noir"})", R"({"scene": "a pier", "mood": "ca)"}) {  // cut at max_tokens
        EXPECT_FALSE(sceneIn(answer).has_value()) << answer;
    }
    EXPECT_FALSE(sceneIn(std::string(2'000'000, '[')).has_value());
    EXPECT_FALSE(sceneIn("{\"scene\":" + std::string(100'000, '[')).has_value());
}

TEST(Scene, TheSchemaNamesEveryField) {
    const Json schema = Json::parse(sceneSchema());
    const Json scene = normalScene(Json::object());
    std::vector<std::string> required = schema["required"];
    std::vector<std::string> fields;
    for (const auto& entry : scene.items())
        fields.push_back(entry.key());
    EXPECT_THAT(required, testing::UnorderedElementsAreArray(fields));
    EXPECT_EQ(schema["properties"]["camera"]["properties"].size(), scene["camera"].size());
}

TEST(Scene, InWordsTellsWhatItHolds) {
    EXPECT_EQ(sceneInWords(normalScene(Json::parse(
                  R"({"scene": "a pier", "subjects": [{"description": "a heron"}],
                      "color_palette": ["teal", "sand"], "mood": "calm"})"))),
              "a heron, a pier, in teal, sand, calm");
    EXPECT_EQ(sceneInWords(normalScene(Json::object())), "");
}

}  // namespace
