#include "pipeline/dialects/scene_parts.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "pipeline/scene.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

constexpr std::size_t kMostColors = 100;
constexpr std::size_t kFieldBytes = 100;

// What `lens` and the like tell of the picture that a scene was read from.
constexpr std::array kOrigin{"measured", "generation", "scene_from"};

// The names that people write, with the values that browsers give them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 44> kNamed{{
    {"amber", "#FFBF00"},    {"aqua", "#00FFFF"},      {"azure", "#007FFF"},
    {"beige", "#F5F5DC"},    {"black", "#000000"},     {"blue", "#0000FF"},
    {"bronze", "#CD7F32"},   {"brown", "#A52A2A"},     {"burgundy", "#800020"},
    {"charcoal", "#36454F"}, {"copper", "#B87333"},    {"coral", "#FF7F50"},
    {"cream", "#FFFDD0"},    {"crimson", "#DC143C"},   {"cyan", "#00FFFF"},
    {"emerald", "#50C878"},  {"gold", "#FFD700"},      {"gray", "#808080"},
    {"green", "#008000"},    {"grey", "#808080"},      {"indigo", "#4B0082"},
    {"ivory", "#FFFFF0"},    {"khaki", "#F0E68C"},     {"lavender", "#E6E6FA"},
    {"lime", "#00FF00"},     {"magenta", "#FF00FF"},   {"maroon", "#800000"},
    {"mint", "#98FF98"},     {"navy", "#000080"},      {"ochre", "#CC7722"},
    {"olive", "#808000"},    {"orange", "#FFA500"},    {"peach", "#FFE5B4"},
    {"pink", "#FFC0CB"},     {"purple", "#800080"},    {"red", "#FF0000"},
    {"rust", "#B7410E"},     {"silver", "#C0C0C0"},    {"tan", "#D2B48C"},
    {"teal", "#008080"},     {"turquoise", "#40E0D0"}, {"violet", "#EE82EE"},
    {"white", "#FFFFFF"},    {"yellow", "#FFFF00"},
}};

bool isHexDigit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

std::vector<std::string> textsOf(const Json& list) {
    std::vector<std::string> texts;
    for (const Json& one : list)
        texts.push_back(sceneText(one));
    return texts;
}

std::string takeText(Json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end()) return "";
    std::string text = sceneText(*found);
    object.erase(found);
    return text;
}

}  // namespace

std::string joined(const std::vector<std::string>& parts, std::string_view between) {
    std::string text;
    for (const std::string& part : parts) {
        if (part.empty()) continue;
        if (!text.empty()) text += between;
        text += part;
    }
    return text;
}

bool saysNothing(const Json& value) {
    if (value.is_null()) return true;
    if (value.is_string()) return trim(value.get_ref<const std::string&>()).empty();
    if (!value.is_structured()) return false;
    return std::all_of(value.begin(), value.end(), saysNothing);
}

Json withoutEmpty(const Json& value) {
    if (!value.is_structured()) return value;
    Json kept = value.is_array() ? Json::array() : Json::object();
    for (const auto& [name, its] : value.items()) {
        if (saysNothing(its)) continue;
        if (value.is_array()) {
            kept.push_back(withoutEmpty(its));
        } else {
            kept[name] = withoutEmpty(its);
        }
    }
    return kept;
}

std::string hexColor(std::string_view color) {
    color = trim(color);
    const std::string low = toLower(color);
    for (const auto& [name, hex] : kNamed) {
        if (low == name) return std::string(hex);
    }
    if (!color.starts_with('#') || (color.size() != 4 && color.size() != 7)) return "";
    std::string hex = "#";
    for (char c : color.substr(1)) {
        if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
        if (!isHexDigit(c)) return "";
        hex.append(color.size() == 4 ? 2 : 1, c);
    }
    return hex;
}

std::string paletteWords(const std::vector<std::string>& colors) {
    std::string words;
    for (std::size_t i = 0; i < colors.size(); ++i) {
        if (i > 0) words += i + 1 == colors.size() ? " and " : ", ";
        words += colors[i];
    }
    return words;
}

SceneParts::SceneParts(const Json& said) : scene_(normalScene(said)) {
    // All of its colours: the normal form has five.
    if (const auto colors = said.find("color_palette"); colors != said.end()) {
        palette_ = textsOf(scenePalette(*colors, kMostColors));
    }
    scene_.erase("color_palette");
    scene_ = withoutEmpty(scene_);
}

std::string SceneParts::text(const char* name) {
    return takeText(scene_, name);
}

std::string SceneParts::camera(const char* name) {
    const auto camera = scene_.find("camera");
    return camera == scene_.end() ? "" : takeText(*camera, name);
}

Json SceneParts::raw(const char* name) {
    Json value;
    if (const auto found = scene_.find(name); found != scene_.end()) {
        value = std::move(*found);
        scene_.erase(name);
    }
    return value;
}

std::vector<std::string> SceneParts::palette() {
    return std::exchange(palette_, {});
}

std::vector<SceneSubject> SceneParts::subjects() {
    std::vector<SceneSubject> subjects;
    const auto found = scene_.find("subjects");
    if (found == scene_.end()) return subjects;
    for (Json& one : *found) {
        SceneSubject subject;
        subject.path = "subjects[" + std::to_string(subjects.size()) + "]";
        subject.description = takeText(one, "description");
        subject.position = takeText(one, "position");
        if (const auto colors = one.find("color_palette"); colors != one.end()) {
            subject.colors = textsOf(*colors);
            one.erase(colors);
        }
        subject.others = std::move(one);
        subjects.push_back(std::move(subject));
    }
    scene_.erase("subjects");
    return subjects;
}

void SceneParts::loseAspectRatio() {
    lose("camera.aspect_ratio", camera("aspect_ratio"), "the job's size and orientation decide");
}

void SceneParts::lose(std::string field, const std::string& value, std::string_view reason) {
    if (value.empty() || losses_.size() >= kMaxLosses) return;
    if (losses_.size() + 1 == kMaxLosses) {
        losses_.push_back({"", "and more"});
        return;
    }
    if (field.size() > kFieldBytes) field = utf8Prefix(field, kFieldBytes);
    losses_.push_back({std::move(field), std::string(reason)});
}

void SceneParts::loseOrigin() {
    for (const char* name : kOrigin) {
        if (!scene_.contains(name)) continue;
        scene_.erase(name);
        lose(name, name, "tells of the picture that the scene was read from");
    }
}

Json SceneParts::rest() {
    return std::exchange(scene_, Json::object());
}

void SceneParts::loseRest(std::string_view reason) {
    const Json left = rest();
    for (const auto& [name, value] : left.items()) {
        if (name == "camera" && value.is_object()) {
            loseMembers("camera", value, reason);
        } else {
            lose(name, name, reason);
        }
    }
}

void SceneParts::loseMembers(const std::string& path, const Json& members,
                             std::string_view reason) {
    for (const auto& entry : members.items()) {
        const std::string field = path + "." + entry.key();
        lose(field, field, reason);
    }
}

}  // namespace host::pipeline
