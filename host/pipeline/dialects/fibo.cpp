// Bria FIBO's structured prompt: the fields of its published caption schema, in its order, compact
// and without empty values, as its own pipeline writes them. The format is closed: its pipeline
// drops every other member, so they are reported instead of sent.
#include <array>

#include "pipeline/dialects/dialects.hpp"
#include "pipeline/dialects/scene_parts.hpp"
#include "pipeline/scene.hpp"

namespace host::pipeline::dialects {

namespace {

constexpr std::size_t kMostObjects = 5;

// Top-level fields that nothing else has.
constexpr std::array kOwn{"short_description",
                          "objects",
                          "background_setting",
                          "aesthetics",
                          "photographic_characteristics",
                          "style_medium",
                          "text_render",
                          "artistic_style"};
// Those of an object, in order.
constexpr std::array kOfObject{"description",
                               "location",
                               "relationship",
                               "relative_size",
                               "shape_and_color",
                               "texture",
                               "appearance_details",
                               "number_of_objects",
                               "pose",
                               "expression",
                               "clothing",
                               "action",
                               "gender",
                               "skin_tone_and_texture",
                               "orientation"};
constexpr std::string_view kNoField = "FIBO has no field for it";

void put(Json& object, const char* name, Json value) {
    if (!saysNothing(value)) object[name] = std::move(value);
}

Json objectOf(SceneSubject& subject, SceneParts& parts) {
    Json& its = subject.others;  // a subject may have FIBO's own members already
    const auto also = [&its](const char* name, const std::string& text) {
        const auto found = its.find(name);
        its[name] = found == its.end() ? text : joined({text, sceneText(*found)});
    };
    also("description", subject.description);
    also("location", subject.position);
    also("shape_and_color", paletteWords(subject.colors));
    Json object = Json::object();
    for (const char* name : kOfObject) {
        const auto found = its.find(name);
        if (found == its.end()) continue;
        put(object, name, std::move(*found));
        its.erase(name);
    }
    parts.loseMembers(subject.path, its, kNoField);
    return object;
}

}  // namespace

bool isFibo(const Json& object) {
    int own = 0;
    for (const char* name : kOwn)
        own += static_cast<int>(object.count(name));
    return own >= 2 || object.contains("short_description");
}

Written fibo(const Json& said) {
    SceneParts parts(said);
    parts.loseOrigin();
    parts.loseAspectRatio();
    Json out = Json::object();
    put(out, "short_description", parts.text("scene"));

    Json objects = Json::array();
    std::string behind;  // what is no object of its own any more
    for (SceneSubject& subject : parts.subjects()) {
        if (objects.size() < kMostObjects) {
            objects.push_back(objectOf(subject, parts));
            continue;
        }
        behind = joined({behind, subject.description, subject.position});
        parts.lose(subject.path, subject.path,
                   "FIBO has five objects at most: described in background_setting");
        parts.lose(subject.path + ".color_palette", paletteWords(subject.colors), kNoField);
        parts.loseMembers(subject.path, subject.others, kNoField);
    }
    const std::string props = parts.text("props");
    if (!props.empty() && objects.size() < kMostObjects) {
        objects.push_back({{"description", props}, {"location", "foreground"}});
    } else {
        behind = joined({behind, props});
    }
    put(out, "objects", std::move(objects));
    put(out, "background_setting",
        joined({parts.text("background"), parts.text("time_weather"), behind}));

    Json lighting = Json::object();
    put(lighting, "conditions", parts.text("lighting"));
    put(out, "lighting", std::move(lighting));

    Json aesthetics = Json::object();
    put(aesthetics, "composition", joined({parts.text("composition"), parts.camera("distance")}));
    put(aesthetics, "color_scheme", paletteWords(parts.palette()));
    put(aesthetics, "mood_atmosphere", parts.text("mood"));
    put(out, "aesthetics", std::move(aesthetics));

    Json photo = Json::object();
    put(photo, "depth_of_field",
        joined({parts.camera("depth_of_field"), parts.camera("f_number")}));
    put(photo, "focus", parts.camera("focus"));
    put(photo, "camera_angle", joined({parts.camera("angle"), parts.camera("description")}));
    put(photo, "lens_focal_length", parts.camera("lens"));
    put(out, "photographic_characteristics", std::move(photo));

    put(out, "style_medium", parts.text("style"));
    put(out, "text_render", parts.raw("text_render"));
    const std::string film = parts.text("film_stock");
    const std::string era = parts.text("era");
    put(out, "context",
        joined({parts.text("context"), film.empty() ? "" : "film look: " + film,
                era.empty() ? "" : "era: " + era}));
    put(out, "artistic_style", parts.text("artistic_style"));
    parts.loseRest(kNoField);
    if (out.empty()) return {"", parts.losses()};
    return {out.dump(-1, ' ', false, Json::error_handler_t::replace), parts.losses()};
}

}  // namespace host::pipeline::dialects
