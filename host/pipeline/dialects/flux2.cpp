// FLUX.2's structured prompt (Black Forest Labs, "JSON Structured Prompting"). It is close to a
// scene, and an open format: members of our own are kept. What its guide has no place for is said
// in the field that it belongs to.
#include <charconv>

#include "pipeline/dialects/dialects.hpp"
#include "pipeline/dialects/scene_parts.hpp"
#include "support/text.hpp"

namespace host::pipeline::dialects {

namespace {

void put(Json& object, const char* name, Json value) {
    if (!saysNothing(value)) object[name] = std::move(value);
}

// 85 of "85mm"; null when it says anything else.
Json millimetres(std::string_view lens) {
    double number = 0;
    const auto [end, error] = std::from_chars(lens.data(), lens.data() + lens.size(), number);
    const std::string_view unit = trim(lens.substr(static_cast<std::size_t>(end - lens.data())));
    if (error != std::errc() || !iequals(unit, "mm") || !(number > 0 && number < 10'000)) {
        return nullptr;
    }
    const auto whole = static_cast<std::int64_t>(number);
    if (static_cast<double>(whole) == number) return whole;
    return number;
}

Json subjectOf(SceneSubject subject) {
    Json out = Json::object();
    put(out, "description", subject.description);
    put(out, "position", subject.position);
    put(out, "color_palette", subject.colors);
    for (auto& [name, value] : subject.others.items())
        out[name] = std::move(value);
    return out;
}

Json wholeOrText(const std::string& text) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) return number;
    return text;
}

}  // namespace

Written flux2(const Json& said) {
    SceneParts parts(said);
    parts.loseOrigin();
    parts.loseAspectRatio();
    Json out = Json::object();
    put(out, "scene", joined({parts.text("scene"), parts.text("time_weather")}));
    Json subjects = Json::array();
    for (SceneSubject& subject : parts.subjects())
        subjects.push_back(subjectOf(std::move(subject)));
    if (const std::string props = parts.text("props"); !props.empty()) {
        subjects.push_back({{"description", props}, {"position", "foreground"}});
    }
    put(out, "subjects", std::move(subjects));
    put(out, "style", joined({parts.text("style"), parts.text("film_stock"), parts.text("era")}));
    put(out, "color_palette", parts.palette());
    for (const char* name : {"lighting", "mood", "background", "composition"})
        put(out, name, parts.text(name));

    Json camera = Json::object();
    put(camera, "angle", parts.camera("angle"));
    put(camera, "distance", parts.camera("distance"));
    put(camera, "focus", parts.camera("focus"));
    const std::string lens = parts.camera("lens");
    const Json length = millimetres(lens);
    put(camera, length.is_null() ? "lens" : "lens-mm", length.is_null() ? Json(lens) : length);
    put(camera, "f-number", parts.camera("f_number"));
    put(camera, "ISO", wholeOrText(parts.camera("iso")));

    Json left = parts.rest();
    if (const auto others = left.find("camera"); others != left.end() && others->is_object()) {
        for (auto& [name, value] : others->items())
            camera[name] = std::move(value);
        left.erase("camera");
    }
    put(out, "camera", std::move(camera));
    for (auto& [name, value] : left.items())
        out[name] = std::move(value);
    if (out.empty()) return {"", parts.losses()};
    return {out.dump(-1, ' ', false, Json::error_handler_t::replace), parts.losses()};
}

}  // namespace host::pipeline::dialects
