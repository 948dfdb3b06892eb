// Ideogram 4's JSON caption: its reserved members, in the order that the model was trained on,
// compact, nothing else beside them. A style is either a photograph's (`photo`) or an artwork's
// (`art_style`), never both; colours are #RRGGBB in capitals.
#include <algorithm>
#include <array>

#include "pipeline/dialects/dialects.hpp"
#include "pipeline/dialects/scene_parts.hpp"
#include "pipeline/scene.hpp"
#include "support/text.hpp"

namespace host::pipeline::dialects {

namespace {

constexpr std::size_t kMostColors = 16;
constexpr std::size_t kMostElementColors = 5;
constexpr std::string_view kNoField = "Ideogram 4 has no field for it";

constexpr std::array kPhotoWords{"photo",    "film still", "dslr",        "35mm",
                                 "polaroid", "snapshot",   "documentary", "cinematic"};
struct Medium {
    std::string_view word;
    std::string_view medium;
};
// The first that the style holds decides.
constexpr std::array<Medium, 20> kArtWords{{
    {"3d", "3d_render"},
    {"render", "3d_render"},
    {"cgi", "3d_render"},
    {"watercolo", "painting"},
    {"gouache", "painting"},
    {"oil on", "painting"},
    {"paint", "painting"},
    {"poster", "graphic_design"},
    {"logo", "graphic_design"},
    {"graphic design", "graphic_design"},
    {"typograph", "graphic_design"},
    {"illustration", "illustration"},
    {"anime", "illustration"},
    {"manga", "illustration"},
    {"cartoon", "illustration"},
    {"comic", "illustration"},
    {"drawing", "illustration"},
    {"sketch", "illustration"},
    {"vector", "illustration"},
    {"pixel art", "illustration"},
}};

void put(Json& object, const char* name, Json value) {
    if (!saysNothing(value)) object[name] = std::move(value);
}

// Empty for a photograph.
std::string_view mediumOf(const std::string& style) {
    const std::string low = toLower(style);
    for (const char* word : kPhotoWords) {
        if (low.find(word) != std::string::npos) return "";
    }
    for (const Medium& one : kArtWords) {
        if (low.find(one.word) != std::string::npos) return one.medium;
    }
    return "";
}

// The colours that have a hex form, at most `most`; the others stay in `words`.
Json hexColors(const std::vector<std::string>& colors, std::size_t most,
               std::vector<std::string>& words) {
    Json list = Json::array();
    for (const std::string& color : colors) {
        std::string hex = hexColor(color);
        if (hex.empty() || list.size() >= most) {
            words.push_back(color);
        } else {
            list.push_back(std::move(hex));
        }
    }
    return list;
}

bool isBox(const Json& box) {
    if (!box.is_array() || box.size() != 4) return false;
    const bool whole = std::all_of(box.begin(), box.end(), [](const Json& side) {
        return side.is_number_integer() && side >= 0 && side <= 1000;
    });
    return whole && box[0] <= box[2] && box[1] <= box[3];
}

Json elementOf(SceneSubject& subject, SceneParts& parts) {
    const auto take = [&subject](const char* name, bool wanted(const Json&)) {
        Json value;
        const auto found = subject.others.find(name);
        if (found == subject.others.end() || !wanted(*found)) return value;
        value = std::move(*found);
        subject.others.erase(found);
        return value;
    };
    Json box = take("bbox", isBox);
    Json letters = take("text", [](const Json& text) { return text.is_string(); });
    Json element = {{"type", letters.is_null() ? "obj" : "text"}};
    put(element, "bbox", std::move(box));
    put(element, "text", std::move(letters));
    std::vector<std::string> words;
    Json colors = hexColors(subject.colors, kMostElementColors, words);
    std::vector<std::string> said{subject.description, subject.position,
                                  words.empty() ? "" : "in " + paletteWords(words)};
    Json left = Json::object();
    for (const auto& [name, value] : subject.others.items()) {
        if (value.is_string()) {
            said.push_back(sceneText(value));
        } else {
            left[name] = value;
        }
    }
    parts.loseMembers(subject.path, left, kNoField);
    element["desc"] = joined(said);
    put(element, "color_palette", std::move(colors));
    return element;
}

// Empty when the scene says nothing of it.
Json styleOf(SceneParts& parts) {
    const std::string style = parts.text("style");
    const std::string_view medium = mediumOf(style);
    const bool photo = medium.empty();
    std::vector<std::string> words;
    Json colors = hexColors(parts.palette(), kMostColors, words);
    const std::string view =
        joined({parts.camera("description"), parts.camera("angle"), parts.camera("distance")});
    const std::string film = parts.text("film_stock");
    Json out = Json::object();
    put(out, "aesthetics",
        joined({parts.text("mood"), parts.text("era"), parts.text("composition"), photo ? "" : view,
                words.empty() ? "" : "colours: " + paletteWords(words)}));
    put(out, "lighting", parts.text("lighting"));
    if (!photo) {
        out["medium"] = medium;
        out["art_style"] = joined({style, film});
        put(out, "color_palette", std::move(colors));
        return out;
    }
    const std::string iso = parts.camera("iso");
    const std::string taken = joined({style, view, parts.camera("lens"), parts.camera("f_number"),
                                      iso.empty() ? "" : "ISO " + iso,
                                      parts.camera("shutter_speed"), parts.camera("focus"), film});
    if (out.empty() && taken.empty() && colors.empty()) return out;
    out["photo"] = taken.empty() ? "photograph" : taken;
    out["medium"] = "photograph";
    put(out, "color_palette", std::move(colors));
    return out;
}

}  // namespace

bool isIdeogram4(const Json& object) {
    return object.contains("compositional_deconstruction") ||
           object.contains("high_level_description") || object.contains("style_description");
}

Written ideogram4(const Json& said) {
    SceneParts parts(said);
    parts.loseOrigin();
    parts.loseAspectRatio();
    Json out = Json::object();
    const std::string scene = parts.text("scene");
    put(out, "high_level_description", scene);
    put(out, "style_description", styleOf(parts));

    Json elements = Json::array();
    for (SceneSubject& subject : parts.subjects())
        elements.push_back(elementOf(subject, parts));
    if (const std::string props = parts.text("props"); !props.empty()) {
        elements.push_back({{"type", "obj"}, {"desc", props + ", in the foreground"}});
    }
    const std::string background = joined({parts.text("background"), parts.text("time_weather")});
    if (out.empty() && elements.empty() && background.empty()) {
        parts.loseRest(kNoField);
        return {"", parts.losses()};
    }
    // Both have to be there.
    out["compositional_deconstruction"] = {{"background", background.empty() ? scene : background},
                                           {"elements", std::move(elements)}};
    parts.loseRest(kNoField);
    return {out.dump(-1, ' ', false, Json::error_handler_t::replace), parts.losses()};
}

}  // namespace host::pipeline::dialects
