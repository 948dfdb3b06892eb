// A scene as flowing text, for models that read plain words: what is in the picture first, then how
// it looks, then how it was taken.
#include <algorithm>

#include "pipeline/dialects/dialects.hpp"
#include "pipeline/dialects/scene_parts.hpp"
#include "pipeline/scene.hpp"
#include "support/text.hpp"

namespace host::pipeline::dialects {

namespace {

class Sentences {
  public:
    void add(std::string sentence) {
        const std::string_view body = trim(sentence);
        if (body.empty()) return;
        sentence = std::string(body);
        char& first = sentence.front();
        if (first >= 'a' && first <= 'z') first = static_cast<char>(first - 'a' + 'A');
        if (!text_.empty()) text_ += ' ';
        text_ += sentence;
        const char last = sentence.back();
        if (last != '.' && last != '!' && last != '?') text_ += '.';
    }
    std::string take() { return std::move(text_); }

  private:
    std::string text_;
};

// With `ending` behind it, unless it has the word itself.
std::string named(std::string text, std::string_view word, std::string_view ending) {
    if (text.empty() || toLower(text).find(word) != std::string::npos) return text;
    while (text.ends_with('.'))
        text.pop_back();
    return text + std::string(ending);
}

// "wardrobe: red coat" of what has words; the rest comes back in `wordless`.
std::string spoken(const Json& members, Json& wordless) {
    std::vector<std::string> parts;
    for (const auto& [name, value] : members.items()) {
        const bool words =
            value.is_primitive() ||
            (value.is_array() && std::all_of(value.begin(), value.end(),
                                             [](const Json& one) { return one.is_primitive(); }));
        if (!words) {
            wordless[name] = value;
            continue;
        }
        std::string label = name;
        std::replace(label.begin(), label.end(), '_', ' ');
        parts.push_back(label + ": " + sceneText(value));
    }
    return joined(parts);
}

}  // namespace

Written prose(const Json& said) {
    SceneParts parts(said);
    parts.loseOrigin();
    parts.loseAspectRatio();
    constexpr std::string_view kNoWords = "a nested object has no words";
    Sentences text;
    text.add(parts.text("scene"));
    for (SceneSubject& subject : parts.subjects()) {
        Json wordless = Json::object();
        const std::string others = spoken(subject.others, wordless);
        parts.loseMembers(subject.path, wordless, kNoWords);
        const std::string colors = paletteWords(subject.colors);
        text.add(joined(
            {subject.description, subject.position, colors.empty() ? "" : "in " + colors, others}));
    }
    const std::string props = parts.text("props");
    if (!props.empty()) text.add("In the foreground: " + props);
    text.add(joined({named(parts.text("background"), "background", " in the background"),
                     parts.text("time_weather")}));
    text.add(joined({parts.text("style"), parts.text("film_stock"), parts.text("era")}));
    const std::string colors = paletteWords(parts.palette());
    if (!colors.empty()) text.add("Colours: " + colors);
    text.add(joined({parts.text("lighting"), named(parts.text("mood"), "mood", " mood"),
                     parts.text("composition")}));
    const std::string iso = parts.camera("iso");
    std::string focus = parts.camera("focus");
    // "sharp", "the boat": neither makes a phrase with the word behind it.
    if (!focus.empty() && toLower(focus).find("focus") == std::string::npos) {
        focus = "focus: " + focus;
    }
    text.add(joined({parts.camera("description"), parts.camera("angle"), parts.camera("distance"),
                     named(parts.camera("lens"), "lens", " lens"), parts.camera("f_number"),
                     iso.empty() ? "" : "ISO " + iso, parts.camera("shutter_speed"), focus}));
    Json left = parts.rest();
    Json wordless = Json::object();
    if (const auto camera = left.find("camera"); camera != left.end() && camera->is_object()) {
        text.add(spoken(*camera, wordless));
        parts.loseMembers("camera", wordless, kNoWords);
        left.erase("camera");
        wordless = Json::object();
    }
    text.add(spoken(left, wordless));
    for (const auto& entry : wordless.items())
        parts.lose(entry.key(), entry.key(), kNoWords);
    return {text.take(), parts.losses()};
}

}  // namespace host::pipeline::dialects
