#include "pipeline/scene.hpp"

#include <array>
#include <charconv>

#include "support/json_in_text.hpp"
#include "support/llm_text.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

constexpr std::size_t kPaletteColors = 5;

// In the order of the contract.
constexpr std::array kTexts{"style"};
constexpr std::array kTextsAfterPalette{"lighting",   "mood",        "film_stock",  "era",
                                        "background", "composition", "time_weather"};
constexpr std::array kCameraTexts{"angle",         "distance",     "lens", "f_number",
                                  "shutter_speed", "aspect_ratio", "focus"};
constexpr std::array kKnown{"scene",       "props",        "subjects",   "style", "color_palette",
                            "lighting",    "mood",         "film_stock", "era",   "background",
                            "composition", "time_weather", "camera"};

const Json& member(const Json& object, const char* name) {
    static const Json kNone;
    const auto found = object.find(name);
    return found == object.end() ? kNone : *found;
}

std::string plain(double number) {
    std::array<char, 32> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number);
    return {text.data(), end.ptr};
}

std::string colorOf(const Json& value) {
    if (value.is_object()) {
        for (const char* name : {"name", "color", "colour", "hex"}) {
            if (std::string text = sceneText(member(value, name)); !text.empty()) return text;
        }
    }
    return sceneText(value);
}

Json subjectOf(const Json& value) {
    if (!value.is_object()) {
        return {
            {"description", sceneText(value)}, {"position", ""}, {"color_palette", Json::array()}};
    }
    Json subject = {{"description", sceneText(member(value, "description"))},
                    {"position", sceneText(member(value, "position"))},
                    {"color_palette", scenePalette(member(value, "color_palette"), 100)}};
    for (const auto& [name, its] : value.items()) {
        if (!subject.contains(name)) subject[name] = its;
    }
    return subject;
}

Json subjectsOf(const Json& value) {
    Json subjects = Json::array();
    if (value.is_array()) {
        for (const Json& subject : value) {
            if (!subject.is_null()) subjects.push_back(subjectOf(subject));
        }
    } else if (value.is_object() || !sceneText(value).empty()) {
        subjects.push_back(subjectOf(value));
    }
    return subjects;
}

// 400 of 400, "400", "ISO 400" and "400.0"; null when no number is there.
Json numberOf(const Json& value) {
    if (value.is_number()) return value;
    if (!value.is_string()) return nullptr;
    std::string_view text = value.get_ref<const std::string&>();
    const std::size_t digit = text.find_first_of("0123456789");
    if (digit == std::string_view::npos) return nullptr;
    text = text.substr(digit);
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || !(number < 1e12)) return nullptr;
    if (number == static_cast<double>(static_cast<std::int64_t>(number)))
        return static_cast<std::int64_t>(number);
    return number;
}

Json cameraOf(const Json& value) {
    Json camera = Json::object();
    const Json nothing = Json::object();
    for (const char* name : kCameraTexts) {
        // Not a temporary: `its` is a part of it.
        const Json& its = member(value.is_object() ? value : nothing, name);
        std::string text = sceneText(its);
        if (its.is_number() && std::string_view(name) == "f_number") text = "f/" + text;
        if (its.is_number() && std::string_view(name) == "lens") text += "mm";
        camera[name] = std::move(text);
        if (std::string_view(name) == "f_number") {
            camera["iso"] = value.is_object() ? numberOf(member(value, "iso")) : Json();
        }
    }
    if (value.is_object()) {
        for (const auto& [name, its] : value.items()) {
            if (!camera.contains(name)) camera[name] = its;
        }
    } else if (const std::string text = sceneText(value); !text.empty()) {
        camera["description"] = text;
    }
    return camera;
}

Json textType(const char* description) {
    return {{"type", "string"}, {"description", description}};
}

Json objectType(Json properties) {
    Json required = Json::array();
    for (const auto& entry : properties.items())
        required.push_back(entry.key());
    return {{"type", "object"},
            {"properties", std::move(properties)},
            {"required", std::move(required)},
            {"additionalProperties", false}};
}

std::string makeSchema() {
    const Json word = {{"type", "string"}};
    const Json subject = objectType({{"description", textType("who or what it is, in detail")},
                                     {"position", textType("where in the frame")},
                                     {"color_palette", {{"type", "array"}, {"items", word}}}});
    const Json camera = objectType({{"angle", word},
                                    {"distance", word},
                                    {"lens", textType("focal length, such as 50mm")},
                                    {"f_number", textType("such as f/2.8")},
                                    {"iso", {{"type", {"number", "null"}}}},
                                    {"shutter_speed", textType("such as 1/250s")},
                                    {"aspect_ratio", textType("such as 3:2")},
                                    {"focus", word}});
    return objectType({{"scene", textType("the overall scene or environment")},
                       {"props", textType("foreground elements and props")},
                       {"subjects", {{"type", "array"}, {"items", subject}}},
                       {"style", textType("photographic or artistic style")},
                       {"color_palette",
                        {{"type", "array"}, {"items", word}, {"minItems", 3}, {"maxItems", 5}}},
                       {"lighting", textType("lighting set-up")},
                       {"mood", textType("emotional tone")},
                       {"film_stock", textType("film stock or grading look")},
                       {"era", textType("period or aesthetic era")},
                       {"background", textType("what is behind the subjects")},
                       {"composition", textType("compositional technique")},
                       {"time_weather", textType("time of day and weather")},
                       {"camera", camera}})
        .dump();
}

}  // namespace

int sceneLikeness(const Json& object) {
    int known = 0;
    for (const char* name : kKnown)
        known += static_cast<int>(object.count(name));
    // One word alone can be anything, but for the two that nothing else has.
    return known >= 2 || object.contains("scene") || object.contains("subjects") ? known : 0;
}

std::string sceneText(const Json& value) {
    if (value.is_string()) return std::string(trim(value.get_ref<const std::string&>()));
    if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
    if (value.is_number()) return plain(value.get<double>());
    if (!value.is_structured()) return "";
    std::string text;
    for (const Json& part : value) {
        const std::string words = sceneText(part);
        if (words.empty()) continue;
        if (!text.empty()) text += ", ";
        text += words;
    }
    return text;
}

Json scenePalette(const Json& value, std::size_t most) {
    Json colors = Json::array();
    const auto add = [&](std::string text) {
        if (!text.empty() && colors.size() < most) colors.push_back(std::move(text));
    };
    if (value.is_array()) {
        for (const Json& color : value)
            add(colorOf(color));
    } else if (value.is_string()) {
        const std::string& text = value.get_ref<const std::string&>();
        std::size_t begin = 0;
        while (begin <= text.size()) {
            const std::size_t end = std::min(text.find_first_of(",;\n", begin), text.size());
            std::string_view word = trim(std::string_view(text).substr(begin, end - begin));
            if (word.starts_with("and ")) word = trim(word.substr(4));
            add(std::string(word));
            begin = end + 1;
        }
    } else if (value.is_object()) {
        for (const Json& color : value)
            add(colorOf(color));
    }
    return colors;
}

const std::string& sceneSchema() {
    static const std::string kSchema = makeSchema();
    return kSchema;
}

Json normalScene(const Json& said) {
    Json scene = Json::object();
    if (!said.is_object()) return normalScene(scene);
    for (const char* name : {"scene", "props"})
        scene[name] = sceneText(member(said, name));
    scene["subjects"] = subjectsOf(member(said, "subjects"));
    for (const char* name : kTexts)
        scene[name] = sceneText(member(said, name));
    scene["color_palette"] = scenePalette(member(said, "color_palette"), kPaletteColors);
    for (const char* name : kTextsAfterPalette)
        scene[name] = sceneText(member(said, name));
    scene["camera"] = cameraOf(member(said, "camera"));
    for (const auto& [name, value] : said.items()) {
        if (!scene.contains(name)) scene[name] = value;
    }
    return scene;
}

std::optional<Json> sceneIn(std::string_view answer) {
    answer = utf8Prefix(answer, kMaxLlmText);
    auto found = jsonInText(stripThinking(answer), sceneLikeness);
    if (!found) found = jsonInText(answer, sceneLikeness);
    if (!found) return std::nullopt;
    return normalScene(*found);
}

std::string sceneInWords(const Json& scene) {
    std::string words;
    const auto add = [&](const std::string& text) {
        if (text.empty()) return;
        if (!words.empty()) words += ", ";
        words += text;
    };
    for (const Json& subject : member(scene, "subjects"))
        add(sceneText(member(subject, "description")));
    for (const char* name : {"scene", "props", "style"})
        add(sceneText(member(scene, name)));
    if (const std::string palette = sceneText(member(scene, "color_palette")); !palette.empty()) {
        add("in " + palette);
    }
    for (const char* name : {"lighting", "mood", "background", "composition", "time_weather"})
        add(sceneText(member(scene, name)));
    return words;
}

}  // namespace host::pipeline
