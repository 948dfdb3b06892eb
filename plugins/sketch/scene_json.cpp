#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "scene_reader.hpp"

namespace sketch {
namespace {

constexpr size_t kMaxDepth = 32;

float readAspect(const std::string& text) {
    char* rest = nullptr;
    const float first = std::strtof(text.c_str(), &rest);
    while (*rest == ' ')
        ++rest;
    float value = first;
    if (*rest == ':' || *rest == '/' || *rest == 'x') {
        const float second = std::strtof(rest + 1, nullptr);
        value = second > 0 ? first / second : 0;
    }
    return value >= 0.2F && value <= 5 ? value : 0;
}

/// Whether the text is nested no deeper than scenes ever are.
bool shallow(std::string_view text) {
    size_t depth = 0;
    for (const char c : text) {
        if (c == '{' || c == '[') {
            if (++depth > kMaxDepth) return false;
        } else if ((c == '}' || c == ']') && depth > 0) {
            --depth;
        }
    }
    return true;
}

}  // namespace

void Reader::addPalette(const Json& list, std::vector<Rgb>& palette) {
    if (!list.is_array()) return;
    for (const Json& item : list) {
        if (!item.is_string() || palette.size() >= kMaxPalette) continue;
        // "deep teal": the last word that names a colour counts.
        std::optional<Rgb> color;
        for (const Word& w : cutWords(item.get_ref<const std::string&>())) {
            if (w.meaning.sense == Sense::color) color = w.color;
        }
        if (color) palette.push_back(*color);
    }
}

void Reader::subject(const Json& item) {
    if (scene_.subjects.size() >= kMaxSubjects) return;
    std::string description;
    std::string position;
    if (item.is_string()) {
        description = item.get<std::string>();
    } else if (item.is_object()) {
        if (item.contains("description") && item["description"].is_string())
            description = item["description"];
        if (item.contains("position") && item["position"].is_string()) position = item["position"];
    } else {
        return;
    }
    // Read on its own first, so that what it says lands on this subject alone.
    std::vector<Subject> others = std::move(scene_.subjects);
    scene_.subjects.clear();
    text(description);
    Subject one;
    if (!scene_.subjects.empty()) one = scene_.subjects.front();
    if (one.kind == Kind::none) one.kind = Kind::orb;
    for (const Word& w : cutWords(position)) {
        if (w.meaning.sense == Sense::left) one.x = 0.2F;
        if (w.meaning.sense == Sense::right) one.x = 0.8F;
        if (w.meaning.sense == Sense::centre && one.x < 0) one.x = 0.5F;
        if (w.meaning.sense == Sense::front) one.depth = 0.05F;
        if (w.meaning.sense == Sense::back) one.depth = 0.8F;
    }
    if (item.is_object() && item.contains("color_palette"))
        addPalette(item["color_palette"], one.palette);
    if (!one.palette.empty() && !one.color) one.color = one.palette.front();
    scene_.subjects = std::move(others);
    scene_.subjects.push_back(one);
}

void Reader::json(const Json& object) {
    const auto field = [&](const char* name, Topics topics) {
        const auto it = object.find(name);
        if (it != object.end() && it->is_string()) text(it->get_ref<const std::string&>(), topics);
    };
    for (const char* name : {"scene", "background", "props", "prompt", "description"})
        field(name, {});
    if (const auto it = object.find("subjects"); it != object.end() && it->is_array()) {
        // What the scene's text named in passing is described better here.
        const std::vector<Subject> mentioned = std::move(scene_.subjects);
        scene_.subjects.clear();
        for (const Json& item : *it)
            subject(item);
        for (const Subject& extra : mentioned) {
            const bool known = std::any_of(scene_.subjects.begin(), scene_.subjects.end(),
                                           [&](const Subject& s) { return s.kind == extra.kind; });
            if (!known && scene_.subjects.size() < kMaxSubjects) scene_.subjects.push_back(extra);
        }
    }
    for (const char* name :
         {"style", "lighting", "mood", "film_stock", "era", "composition", "time_weather"}) {
        field(name, {.things = false, .colors = false});
    }
    if (const auto it = object.find("color_palette"); it != object.end()) {
        addPalette(*it, scene_.palette);
        if (!scene_.palette.empty()) scene_.paletteStrength = 0.6F;
    }
    if (const auto it = object.find("camera"); it != object.end() && it->is_object()) {
        for (const char* name : {"angle", "distance"}) {
            if (it->contains(name) && (*it)[name].is_string()) {
                std::string words = (*it)[name].get<std::string>();
                if (std::string_view(name) == "angle" && words.starts_with("low"))
                    words = "low angle";
                if (std::string_view(name) == "angle" && words.starts_with("high"))
                    words = "aerial";
                text(words, {.things = false, .colors = false});
            }
        }
        if (it->contains("aspect_ratio") && (*it)["aspect_ratio"].is_string()) {
            scene_.aspect = readAspect((*it)["aspect_ratio"].get<std::string>());
        }
    }
}

Scene readScene(std::string_view prompt, std::string_view negative) {
    Reader reader(prompt);
    const size_t begin = prompt.find_first_not_of(" \t\r\n");
    Json parsed = Json::value_t::discarded;
    if (begin != std::string_view::npos && prompt[begin] == '{' && prompt.size() <= kMaxText &&
        shallow(prompt)) {
        parsed = Json::parse(prompt, nullptr, false);
    }
    if (parsed.is_object()) {
        reader.json(parsed);
    } else {
        reader.text(prompt);
    }
    reader.forbid(negative);
    return reader.finish();
}

}  // namespace sketch
