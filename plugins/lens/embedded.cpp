#include "embedded.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace lens {
namespace {

constexpr size_t kMaxText = 2000;
constexpr size_t kMaxSubjects = 8;
constexpr size_t kMaxSubjectText = 600;
constexpr size_t kMaxColors = 5;
constexpr size_t kMaxColor = 60;
constexpr size_t kMaxUnknown = 8;
constexpr size_t kMaxUnknownText = 500;

constexpr std::array kContract = {
    "scene",      "props", "subjects",   "style",       "color_palette", "lighting", "mood",
    "film_stock", "era",   "background", "composition", "time_weather",  "camera"};

/// Of an earlier analysis: they told about another picture.
constexpr std::array kOwn = {"analysis", "scene_from", "steering", "measured", "generation"};

template <class Names>
bool among(const Names& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::string textOf(const Json& value, size_t most = kMaxText) {
    if (value.is_string()) return upstream::excerpt(value.get_ref<const std::string&>(), most);
    if (value.is_number()) return upstream::dump(value);
    return "";
}

Json colorsOf(const Json& list) {
    Json out = Json::array();
    if (!list.is_array()) return out;
    for (const Json& item : list) {
        if (out.size() >= kMaxColors) break;
        if (!item.is_string()) continue;
        const std::string color = upstream::excerpt(item.get_ref<const std::string&>(), kMaxColor);
        if (!color.empty()) out.push_back(color);
    }
    return out;
}

Json subjectsOf(const Json& list) {
    Json out = Json::array();
    for (const Json& item : list) {
        if (out.size() >= kMaxSubjects) break;
        const auto part = [&item](const char* name) {
            return item.is_object() && item.contains(name) ? item[name] : Json();
        };
        const Json description = item.is_object() ? part("description") : item;
        if (!description.is_string() || description.get_ref<const std::string&>().empty()) continue;
        out.push_back({{"description", textOf(description, kMaxSubjectText)},
                       {"position", textOf(part("position"), kMaxSubjectText)},
                       {"color_palette", colorsOf(part("color_palette"))}});
    }
    return out;
}

void takeCamera(const Json& given, Json& camera) {
    if (!given.is_object()) return;
    for (const auto& [name, value] : given.items()) {
        if (name == "aspect_ratio" || !camera.contains(name)) continue;
        if (name == "iso") {
            if (value.is_number()) camera[name] = value;
        } else if (const std::string text = textOf(value, kMaxLabel); !text.empty()) {
            camera[name] = text;
        }
    }
}

void cutLongest(Json& value, size_t& longest, Json** which) {
    if (value.is_string()) {
        const size_t size = value.get_ref<const std::string&>().size();
        if (size > longest) {
            longest = size;
            *which = &value;
        }
    } else if (value.is_structured()) {
        for (Json& item : value)
            cutLongest(item, longest, which);
    }
}

size_t charactersOf(std::string_view text) {
    return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    }));
}

bool fits(const Json& scene, size_t most) {
    return charactersOf(scene.dump(2, ' ', false, Json::error_handler_t::replace)) <= most;
}

}  // namespace

void takeOver(const Json& given, Json& scene) {
    size_t unknown = 0;
    for (const auto& [name, value] : given.items()) {
        if (among(kOwn, name)) continue;
        if (name == "camera") {
            takeCamera(value, scene["camera"]);
        } else if (name == "subjects") {
            if (value.is_array()) scene["subjects"] = subjectsOf(value);
        } else if (name == "color_palette") {
            if (Json colors = colorsOf(value); colors.size() >= 3)
                scene["color_palette"] = std::move(colors);
        } else if (scene.contains(name)) {
            if (const std::string text = textOf(value); !text.empty()) scene[name] = text;
        } else if (unknown < kMaxUnknown && name.size() <= kMaxColor &&
                   upstream::dump(value).size() <= kMaxUnknownText) {
            scene[name] = value;
            ++unknown;
        }
    }
}

void fit(Json& scene, size_t most) {
    constexpr int kCuts = 300;
    constexpr size_t kShort = 40;
    if (fits(scene, most)) return;
    for (auto it = scene.begin(); it != scene.end();) {
        if (among(kOwn, it.key()) || among(kContract, it.key())) {
            ++it;
        } else {
            it = scene.erase(it);
        }
    }
    for (int i = 0; i < kCuts && !fits(scene, most); ++i) {
        size_t longest = 0;
        Json* text = nullptr;
        cutLongest(scene, longest, &text);
        if (text == nullptr || longest < kShort) break;
        const std::string whole = text->get<std::string>();
        *text = upstream::excerpt(whole, charactersOf(whole) / 2) + "…";
    }
    if (!fits(scene, most)) scene.erase("measured");
}

}  // namespace lens
