#include "services/generator/request_limits.hpp"

#include <algorithm>

#include "pipeline/job_spec.hpp"

namespace host::services {

namespace {

// The embedded plugins work without a model; that is what a form wants to know.
constexpr std::string_view kEmbeddedWriter = "wordsmith";
constexpr std::string_view kEmbeddedVision = "lens";

template <typename Number>
Json rangeJson(const Range<Number>& range, Json fallback) {
    return {{"min", range.min}, {"max", range.max}, {"default", std::move(fallback)}};
}

Json rangeJson(const config::Limits& limits, int fallback) {
    return rangeJson(Range<int>{limits.min, limits.max},
                     std::clamp(fallback, limits.min, limits.max));
}

Json sizesJson() {
    Json sizes = Json::array();
    for (const std::string_view size : pipeline::sizeNames()) {
        Json one = {{"name", size}};
        for (const std::string_view orientation : pipeline::orientationNames()) {
            const auto pixels = pipeline::pixelSize(size, orientation).value();
            one[std::string(orientation)] = {{"width", pixels.width}, {"height", pixels.height}};
        }
        sizes.push_back(std::move(one));
    }
    return sizes;
}

Json roleJson(const std::string& plugin, const std::string& model, std::string_view embedded) {
    return {{"plugin", plugin},
            {"model", model.empty() ? Json() : Json(model)},
            {"is_model", plugin != embedded}};
}

}  // namespace

Json limitsJson(const config::Settings& settings) {
    const pipeline::JobSpec defaults;
    Json json = Json::object();
    json["count"] = rangeJson(settings.count, defaults.count);
    json["steps"] = rangeJson(settings.steps, defaults.steps);
    json["prompt"] = {{"max_length", kMaxPromptCharacters}};
    json["seed"] = rangeJson(kSeeds, nullptr);
    json["strength"] = rangeJson(kStrengths, defaults.strength);
    json["guidance_scale"] = rangeJson(kGuidanceScales, nullptr);
    json["guidance_scale"]["random"] = pipeline::randomGuidanceScales();
    json["priority"] = rangeJson(kPriorities, defaults.priority);
    json["prompt_modes"] = kPromptModes;
    json["orientations"] = pipeline::orientationNames();
    json["sizes"] = sizesJson();
    json["default_orientation"] = defaults.orientation;
    json["default_size"] = defaults.size;
    json["endpoint_choices"] = kTargets;
    json["endpoints"] = Json::array();
    for (const auto& endpoint : settings.endpoints)
        json["endpoints"].push_back(endpoint.name);
    json["image"] = {{"max_bytes", kMaxPictureBytes}, {"formats", Json::array()}};
    for (const ImageFormat format : kPictureFormats)
        json["image"]["formats"].push_back(imageMime(format));
    json["images"] = {{"max", plugins::kMaxInputs}, {"roles", plugins::kInputRoleNames}};
    json["max_body_bytes"] = settings.maxBodyBytes;
    json["max_queued_jobs"] = settings.maxQueuedJobs;
    json["prompt_writer"] = roleJson(settings.prompt.plugin,
                                     settings.prompt.settings.value("model", ""), kEmbeddedWriter);
    json["vision"] = settings.vision
                         ? roleJson(settings.vision->plugin,
                                    settings.vision->settings.value("model", ""), kEmbeddedVision)
                         : roleJson(std::string(kEmbeddedVision), "", kEmbeddedVision);
    return json;
}

}  // namespace host::services
