// Scene JSON on its way to models of different tongues: what each gets, and what is reported lost.
#include "pipeline/dialects/dialect.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <regex>

#include "support/text.hpp"

namespace {

using host::Json;
using host::pipeline::CompiledPrompt;
using host::pipeline::compilePrompt;
using host::pipeline::kMaxCompiledCharacters;
using host::pipeline::kMaxLosses;
using host::pipeline::PromptDialect;
using host::pipeline::promptDialectFrom;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;

constexpr PromptDialect kAll[] = {PromptDialect::AsIs, PromptDialect::Prose, PromptDialect::Flux2,
                                  PromptDialect::Fibo, PromptDialect::Ideogram4};

const char* const kHarbour = R"({
  "scene": "a harbour at dusk", "props": "coiled ropes",
  "subjects": [{"description": "a red fishing boat", "position": "left of centre",
                "color_palette": ["red", "white"], "action": "rocking gently"}],
  "style": "documentary photograph", "color_palette": ["red", "#1a2b3c", "dusty rose"],
  "lighting": "low sun from the left", "mood": "calm", "film_stock": "Kodak Portra 400",
  "era": "1970s", "background": "chalk cliffs", "composition": "rule of thirds",
  "time_weather": "dusk, light fog",
  "camera": {"angle": "eye level", "distance": "wide shot", "lens": "35mm", "f_number": "f/8",
             "iso": 400, "shutter_speed": "1/60s", "aspect_ratio": "3:2", "focus": "the boat"}
})";

std::vector<std::pair<std::string, std::string>> lossesOf(const CompiledPrompt& prompt) {
    std::vector<std::pair<std::string, std::string>> pairs;
    for (const auto& loss : prompt.losses)
        pairs.emplace_back(loss.field, loss.reason);
    return pairs;
}

std::vector<std::string> lostFields(const CompiledPrompt& prompt) {
    std::vector<std::string> fields;
    for (const auto& loss : prompt.losses)
        fields.push_back(loss.field);
    return fields;
}

std::vector<std::string> namesOf(const Json& object) {
    std::vector<std::string> names;
    for (const auto& entry : object.items())
        names.push_back(entry.key());
    return names;
}

Json jsonOf(PromptDialect dialect, const std::string& prompt) {
    return Json::parse(compilePrompt(dialect, prompt).text);
}

TEST(Dialects, HaveTheWordsOfTheConfiguration) {
    for (const PromptDialect dialect : kAll)
        EXPECT_EQ(promptDialectFrom(toString(dialect)), dialect);
    EXPECT_EQ(promptDialectFrom("flux1"), std::nullopt);
}

TEST(Dialects, AsIsSendsExactlyWhatWasSubmitted) {
    const CompiledPrompt prompt = compilePrompt(PromptDialect::AsIs, kHarbour);
    EXPECT_EQ(prompt.text, kHarbour);
    EXPECT_FALSE(prompt.compiled);
    EXPECT_THAT(prompt.losses, IsEmpty());
}

TEST(Dialects, TextAndBrokenJsonGoUntouched) {
    for (const PromptDialect dialect : kAll) {
        for (const std::string text :
             {"a harbour at dusk", "", "  {curly} words  ", "{\"scene\": \"cut", "[1, 2]", "null",
              R"(A scene: {"scene": "a pier"})", "{\"scene\": \"bad \xFF\"}"}) {
            const CompiledPrompt prompt = compilePrompt(dialect, text);
            EXPECT_EQ(prompt.text, text);
            EXPECT_FALSE(prompt.compiled);
            EXPECT_THAT(prompt.losses, IsEmpty()) << text;
        }
    }
}

TEST(Dialects, JsonThatIsNoSceneGoesUntouchedAndTheReportSaysSo) {
    for (const std::string text :
         {R"({"wardrobe": "coat"})", "{}",
          R"({"short_description": "a pier", "objects": [], "lighting": {"conditions": "dim"}})"}) {
        const CompiledPrompt prompt = compilePrompt(PromptDialect::Flux2, text);
        EXPECT_EQ(prompt.text, text);
        EXPECT_FALSE(prompt.compiled);
        EXPECT_THAT(lossesOf(prompt), ElementsAre(Pair("", HasSubstr("no scene"))));
    }
}

TEST(Dialects, ProseSaysEverythingThatHasWords) {
    const CompiledPrompt prompt = compilePrompt(PromptDialect::Prose, kHarbour);
    EXPECT_EQ(prompt.text,
              "A harbour at dusk. A red fishing boat, left of centre, in red and white, action: "
              "rocking gently. In the foreground: coiled ropes. Chalk cliffs in the background, "
              "dusk, light fog. Documentary photograph, Kodak Portra 400, 1970s. Colours: red, "
              "#1a2b3c and dusty rose. Low sun from the left, calm mood, rule of thirds. Eye "
              "level, wide shot, 35mm lens, f/8, ISO 400, 1/60s, focus: the boat.");
    EXPECT_THAT(lostFields(prompt), ElementsAre("camera.aspect_ratio"));
}

TEST(Dialects, ProseKeepsUnknownWordsAndReportsUnknownObjects) {
    const CompiledPrompt prompt = compilePrompt(
        PromptDialect::Prose,
        R"({"scene": "a pier", "sound_of_it": "gulls", "numbers": [1, 2], "nested": {"a": 1}})");
    EXPECT_EQ(prompt.text, "A pier. Sound of it: gulls, numbers: 1, 2.");
    EXPECT_THAT(lostFields(prompt), ElementsAre("nested"));
}

TEST(Dialects, Flux2GetsTheFieldsOfItsGuideAndKeepsUnknownOnes) {
    const CompiledPrompt prompt = compilePrompt(PromptDialect::Flux2, kHarbour);
    EXPECT_EQ(Json::parse(prompt.text), Json::parse(R"({
        "scene": "a harbour at dusk, dusk, light fog",
        "subjects": [{"description": "a red fishing boat", "position": "left of centre",
                      "color_palette": ["red", "white"], "action": "rocking gently"},
                     {"description": "coiled ropes", "position": "foreground"}],
        "style": "documentary photograph, Kodak Portra 400, 1970s",
        "color_palette": ["red", "#1a2b3c", "dusty rose"],
        "lighting": "low sun from the left", "mood": "calm", "background": "chalk cliffs",
        "composition": "rule of thirds",
        "camera": {"angle": "eye level", "distance": "wide shot", "focus": "the boat",
                   "lens-mm": 35, "f-number": "f/8", "ISO": 400, "shutter_speed": "1/60s"}})"));
    EXPECT_THAT(lostFields(prompt), ElementsAre("camera.aspect_ratio"));
}

TEST(Dialects, Flux2JsonGoesThroughUntouchedToTheLastBlank) {
    const std::string own = R"({ "subjects":[{"description":"a mug","pose":"still"}],
        "scene": "a studio", "camera": {"lens-mm": 85, "f-number": "f/5.6", "ISO": 200} })";
    const CompiledPrompt prompt = compilePrompt(PromptDialect::Flux2, own);
    EXPECT_EQ(prompt.text, own);
    EXPECT_FALSE(prompt.compiled);
    EXPECT_THAT(prompt.losses, IsEmpty());
}

TEST(Dialects, FiboGetsItsSchemaInItsOrder) {
    const CompiledPrompt prompt = compilePrompt(PromptDialect::Fibo, kHarbour);
    const Json fibo = Json::parse(prompt.text);
    EXPECT_THAT(namesOf(fibo), ElementsAre("short_description", "objects", "background_setting",
                                           "lighting", "aesthetics", "photographic_characteristics",
                                           "style_medium", "context"));
    EXPECT_EQ(fibo, Json::parse(R"({
        "short_description": "a harbour at dusk",
        "objects": [{"description": "a red fishing boat", "location": "left of centre",
                     "shape_and_color": "red and white", "action": "rocking gently"},
                    {"description": "coiled ropes", "location": "foreground"}],
        "background_setting": "chalk cliffs, dusk, light fog",
        "lighting": {"conditions": "low sun from the left"},
        "aesthetics": {"composition": "rule of thirds, wide shot",
                       "color_scheme": "red, #1a2b3c and dusty rose", "mood_atmosphere": "calm"},
        "photographic_characteristics": {"depth_of_field": "f/8", "focus": "the boat",
                                         "camera_angle": "eye level", "lens_focal_length": "35mm"},
        "style_medium": "documentary photograph",
        "context": "film look: Kodak Portra 400, era: 1970s"})"));
    EXPECT_THAT(prompt.text, Not(HasSubstr("\n")));
    EXPECT_THAT(lostFields(prompt),
                ElementsAre("camera.aspect_ratio", "camera.iso", "camera.shutter_speed"));
}

TEST(Dialects, FiboDescribesWhatIsBeyondFiveObjectsInTheBackground) {
    Json scene = {{"scene", "a shelf"}, {"props", "dust"}, {"subjects", Json::array()}};
    for (int i = 0; i < 7; ++i)
        scene["subjects"].push_back({{"description", "cup " + std::to_string(i)}});
    const CompiledPrompt prompt = compilePrompt(PromptDialect::Fibo, scene.dump());
    const Json fibo = Json::parse(prompt.text);
    EXPECT_EQ(fibo["objects"].size(), 5U);
    EXPECT_EQ(fibo["background_setting"], "cup 5, cup 6, dust");
    EXPECT_THAT(lostFields(prompt), ElementsAre("subjects[5]", "subjects[6]"));
}

TEST(Dialects, FiboAndIdeogramJsonOfTheirOwnGoThroughUntouched) {
    const std::string fibo =
        R"({"short_description": "a pier",  "objects": [], "anything": {"pickascore": 1}})";
    EXPECT_EQ(compilePrompt(PromptDialect::Fibo, fibo).text, fibo);
    const std::string caption =
        R"({"compositional_deconstruction": {"background": "sea",   "elements": []}})";
    EXPECT_EQ(compilePrompt(PromptDialect::Ideogram4, caption).text, caption);
    EXPECT_THAT(compilePrompt(PromptDialect::Fibo, fibo).losses, IsEmpty());
    EXPECT_THAT(compilePrompt(PromptDialect::Ideogram4, caption).losses, IsEmpty());
}

TEST(Dialects, IdeogramPhotographHasItsLensAndNoArtStyle) {
    const CompiledPrompt prompt = compilePrompt(PromptDialect::Ideogram4, kHarbour);
    const Json caption = Json::parse(prompt.text);
    EXPECT_THAT(namesOf(caption), ElementsAre("high_level_description", "style_description",
                                              "compositional_deconstruction"));
    EXPECT_THAT(namesOf(caption["style_description"]),
                ElementsAre("aesthetics", "lighting", "photo", "medium", "color_palette"));
    EXPECT_EQ(caption["style_description"]["medium"], "photograph");
    EXPECT_EQ(caption["style_description"]["photo"],
              "documentary photograph, eye level, wide shot, 35mm, f/8, ISO 400, 1/60s, the boat, "
              "Kodak Portra 400");
    EXPECT_EQ(caption["style_description"]["aesthetics"],
              "calm, 1970s, rule of thirds, colours: dusty rose");
    EXPECT_EQ(caption["style_description"]["color_palette"], Json({"#FF0000", "#1A2B3C"}));
    EXPECT_EQ(caption["compositional_deconstruction"], Json::parse(R"({
        "background": "chalk cliffs, dusk, light fog",
        "elements": [{"type": "obj", "desc": "a red fishing boat, left of centre, rocking gently",
                      "color_palette": ["#FF0000", "#FFFFFF"]},
                     {"type": "obj", "desc": "coiled ropes, in the foreground"}]})"));
    EXPECT_THAT(lostFields(prompt), ElementsAre("camera.aspect_ratio"));
}

TEST(Dialects, IdeogramArtworkHasAMediumAndNoLens) {
    const CompiledPrompt prompt = compilePrompt(
        PromptDialect::Ideogram4,
        R"({"scene": "a fox", "style": "loose watercolor", "camera": {"angle": "low", "lens": "35mm"}})");
    const Json caption = Json::parse(prompt.text);
    EXPECT_THAT(namesOf(caption["style_description"]),
                ElementsAre("aesthetics", "medium", "art_style"));
    EXPECT_EQ(caption["style_description"]["medium"], "painting");
    EXPECT_EQ(caption["compositional_deconstruction"]["background"], "a fox")
        << "it has to be there";
    EXPECT_THAT(lostFields(prompt), ElementsAre("camera.lens"));
}

TEST(Dialects, IdeogramWritesLettersAndBoxesThatASubjectBrings) {
    const Json caption = jsonOf(PromptDialect::Ideogram4,
                                R"({"scene": "a sign", "subjects": [
            {"description": "enamel letters", "text": "OPEN", "bbox": [10, 20, 300, 400]},
            {"description": "a lamp", "bbox": [500, 20, 300, 400]}]})");
    const Json& elements = caption["compositional_deconstruction"]["elements"];
    EXPECT_THAT(namesOf(elements[0]), ElementsAre("type", "bbox", "text", "desc"));
    EXPECT_EQ(elements[0]["type"], "text");
    EXPECT_THAT(namesOf(elements[1]), ElementsAre("type", "desc")) << "a box upside down";
}

TEST(Dialects, WhatTheHostTellsOfAPictureIsNoWordOfTheNewOne) {
    for (const PromptDialect dialect : {PromptDialect::Prose, PromptDialect::Flux2,
                                        PromptDialect::Fibo, PromptDialect::Ideogram4}) {
        const CompiledPrompt prompt = compilePrompt(
            dialect, R"({"scene": "a pier", "mood": "calm", "measured": {"contrast": 0.25},
                         "generation": {"seed": 77}, "scene_from": "measured"})");
        EXPECT_THAT(prompt.text, Not(HasSubstr("77")));
        EXPECT_THAT(lostFields(prompt), ElementsAre("measured", "generation", "scene_from"));
    }
}

TEST(Dialects, AVeryLongSceneIsShortenedAndTheReportSaysSo) {
    Json scene = {{"scene", std::string(3000, 'a')}, {"subjects", Json::array()}};
    for (int i = 0; i < 2300; ++i)
        scene["subjects"].push_back("b");
    for (const PromptDialect dialect : {PromptDialect::Prose, PromptDialect::Fibo,
                                        PromptDialect::Ideogram4, PromptDialect::Flux2}) {
        const CompiledPrompt prompt = compilePrompt(dialect, scene.dump());
        EXPECT_LE(host::utf8Length(prompt.text), kMaxCompiledCharacters);
        EXPECT_TRUE(prompt.compiled);
        if (dialect == PromptDialect::Ideogram4) {
            EXPECT_THAT(prompt.losses.back().reason, HasSubstr("shortened"));
        }
    }
}

TEST(Dialects, HostileNestingIsText) {
    const std::string deep =
        R"({"scene": )" + std::string(15'000, '[') + std::string(15'000, ']') + "}";
    for (const PromptDialect dialect : kAll)
        EXPECT_EQ(compilePrompt(dialect, deep).text, deep);
}

// Scenes of every shape, each word of its own, so that one that vanishes is seen.
class RandomScene {
  public:
    explicit RandomScene(unsigned seed) : random_(seed) {}

    std::vector<std::pair<std::string, std::string>> words;  // path, word

    Json scene() {
        Json out = Json::object();
        for (const char* name :
             {"scene", "props", "style", "lighting", "mood", "film_stock", "era", "background",
              "composition", "time_weather", "mystery", "text_render", "context"}) {
            if (often()) out[name] = value(name, 2);
        }
        if (often()) out["color_palette"] = list("color_palette", 20);
        if (often()) {
            out["subjects"] = Json::array();
            for (int i = pick(9); i > 0; --i)
                out["subjects"].push_back(
                    subject("subjects[" + std::to_string(out["subjects"].size()) + "]"));
        }
        if (often()) {
            out["camera"] = Json::object();
            for (const char* name : {"angle", "distance", "lens", "f_number", "iso",
                                     "shutter_speed", "aspect_ratio", "focus", "tripod"}) {
                if (often()) out["camera"][name] = word("camera." + std::string(name));
            }
        }
        return out;
    }

  private:
    bool often() { return pick(3) > 0; }
    int pick(int below) { return static_cast<int>(random_() % static_cast<unsigned>(below)); }
    Json word(const std::string& path) {
        words.emplace_back(path, "w" + std::to_string(words.size()) + "x");
        return words.back().second;
    }
    Json list(const std::string& path, int most) {
        Json out = Json::array();
        for (int i = pick(most); i > 0; --i)
            out.push_back(word(path));
        return out;
    }
    Json value(const std::string& path, int depth) {
        const int kind = pick(8);
        if (kind == 0) return nullptr;
        if (kind == 1) return "";
        if (kind == 2) return list(path, 4);
        if (kind == 3 && depth > 0) return {{"inner", value(path, depth - 1)}};
        return word(path);
    }
    Json subject(const std::string& path) {
        Json out = Json::object();
        for (const char* name : {"description", "position", "action", "oddity", "text"}) {
            if (often()) out[name] = word(path + "." + name);
        }
        if (often()) out["color_palette"] = list(path + ".color_palette", 8);
        return out;
    }

    std::mt19937 random_;
};

bool isReported(const CompiledPrompt& prompt, const std::string& path) {
    // `iso` is a number in a scene, and text_render is passed on as it is.
    if (path == "camera.iso") return true;
    return std::any_of(prompt.losses.begin(), prompt.losses.end(), [&](const auto& loss) {
        return loss.reason == "and more" || path == loss.field ||
               (path.starts_with(loss.field) &&
                path.find_first_of(".[", loss.field.size()) == loss.field.size());
    });
}

TEST(Dialects, NoWordVanishesInSilenceAndASecondTimeChangesNothing) {
    for (unsigned seed = 0; seed < 300; ++seed) {
        RandomScene made(seed);
        const std::string prompt = made.scene().dump();
        for (const PromptDialect dialect : {PromptDialect::Prose, PromptDialect::Flux2,
                                            PromptDialect::Fibo, PromptDialect::Ideogram4}) {
            SCOPED_TRACE(std::string(toString(dialect)) + " " + prompt);
            const CompiledPrompt once = compilePrompt(dialect, prompt);
            EXPECT_EQ(compilePrompt(dialect, prompt).text, once.text);
            EXPECT_LE(once.losses.size(), kMaxLosses);
            EXPECT_LE(host::utf8Length(once.text), kMaxCompiledCharacters);
            if (!once.compiled) continue;
            if (dialect != PromptDialect::Prose) {
                EXPECT_TRUE(Json::parse(once.text, nullptr, false).is_object());
            }
            const CompiledPrompt twice = compilePrompt(dialect, once.text);
            EXPECT_EQ(twice.text, once.text);
            const std::string said = host::toLower(once.text);
            for (const auto& [path, word] : made.words) {
                EXPECT_TRUE(said.find(word) != std::string::npos || isReported(once, path))
                    << word << " of " << path << " is gone from " << once.text;
            }
            if (HasFailure()) return;
        }
    }
}

}  // namespace
