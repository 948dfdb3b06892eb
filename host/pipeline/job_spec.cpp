#include "pipeline/job_spec.hpp"

#include <array>

namespace host::pipeline {

namespace {

constexpr std::array<double, 6> kRandomGuidance{1, 2, 3.5, 5, 7, 10};

std::string_view targetWord(Target target) {
    switch (target) {
        case Target::All:
            return "all";
        case Target::Any:
            return "any";
        case Target::List:
            return "list";
    }
    return "all";
}

Target targetFrom(const std::string& word) {
    if (word == "any") return Target::Any;
    if (word == "list") return Target::List;
    return Target::All;
}

// FNV-1a: stable across builds and restarts, which std::hash does not promise.
std::uint64_t stableHash(std::string_view text, std::uint64_t more) {
    std::uint64_t hash = 14695981039346656037ULL;
    const auto mix = [&hash](unsigned char byte) {
        hash ^= byte;
        hash *= 1099511628211ULL;
    };
    for (const char c : text)
        mix(static_cast<unsigned char>(c));
    for (int shift = 0; shift < 64; shift += 8)
        mix(static_cast<unsigned char>(more >> shift));
    return hash ^ (hash >> 29);
}

}  // namespace

std::span<const double> randomGuidanceScales() {
    return kRandomGuidance;
}

std::optional<std::int64_t> JobSpec::seedOf(int run) const {
    if (!seed) return std::nullopt;
    return (*seed + run) % kSeedSpan;
}

std::optional<double> JobSpec::guidanceOf(const std::string& jobId, int run) const {
    if (!randomGuidance) return guidanceScale;
    const std::uint64_t hash = stableHash(jobId, static_cast<std::uint64_t>(run));
    return kRandomGuidance[hash % kRandomGuidance.size()];
}

const std::string& JobSpec::promptFor(const std::string& endpoint) const {
    const bool first = endpoints.empty() || endpoint == endpoints.front();
    if (promptMode == PromptMode::Different && !first && !prompt2.empty()) return prompt2;
    return prompt;
}

Json JobSpec::toJson() const {
    Json json = Json::object();
    json["prompt"] = prompt;
    if (!prompt2.empty()) json["prompt2"] = prompt2;
    json["random"] = random;
    json["count"] = count;
    json["prompt_mode"] = promptMode == PromptMode::Same ? "same" : "different";
    json["orientation"] = orientation;
    json["size"] = size;
    json["steps"] = steps;
    if (stepsByDefault) json["steps_by_default"] = true;
    if (seed) json["seed"] = *seed;
    if (hasImage()) {
        json["strength"] = strength;
        json["image_mime"] = imageMime;
        json["image_width"] = imageWidth;
        json["image_height"] = imageHeight;
    }
    for (const InputPicture& input : inputs) {
        json["inputs"].push_back({{"role", plugins::nameOf(input.role)},
                                  {"mime", input.mime},
                                  {"width", input.width},
                                  {"height", input.height},
                                  {"file", input.file}});
    }
    if (randomGuidance) {
        json["guidance_scale"] = "random";
    } else if (guidanceScale) {
        json["guidance_scale"] = *guidanceScale;
    }
    json["target"] = targetWord(target);
    json["endpoints"] = endpoints;
    for (const LeftOut& each : leftOut) {
        json["left_out"].push_back(
            {{"endpoint", each.endpoint}, {"field", each.field}, {"reason", each.reason}});
    }
    if (priority != 0) json["priority"] = priority;
    if (!negativePrompt.empty()) json["negative_prompt"] = negativePrompt;
    return json;
}

JobSpec JobSpec::fromJson(const Json& json) {
    JobSpec spec;
    spec.prompt = json.value("prompt", "");
    spec.prompt2 = json.value("prompt2", "");
    spec.random = json.value("random", false);
    spec.count = json.value("count", 1);
    spec.promptMode =
        json.value("prompt_mode", "same") == "different" ? PromptMode::Different : PromptMode::Same;
    spec.orientation = json.value("orientation", "landscape");
    spec.size = json.value("size", "1mp");
    spec.steps = json.value("steps", 25);
    spec.stepsByDefault = json.value("steps_by_default", false);
    if (json.contains("seed")) spec.seed = json.at("seed").get<std::int64_t>();
    spec.strength = json.value("strength", 0.75);
    spec.imageMime = json.value("image_mime", "");
    spec.imageWidth = json.value("image_width", 0U);
    spec.imageHeight = json.value("image_height", 0U);
    for (const Json& input : json.value("inputs", Json::array())) {
        const auto role = plugins::inputRoleFrom(input.value("role", ""));
        if (!role) continue;
        spec.inputs.push_back({*role, input.value("mime", ""), input.value("width", 0U),
                               input.value("height", 0U), input.value("file", "")});
    }
    if (const auto found = json.find("guidance_scale"); found != json.end()) {
        spec.randomGuidance = found->is_string();
        if (found->is_number()) spec.guidanceScale = found->get<double>();
    }
    spec.target = targetFrom(json.value("target", "all"));
    spec.endpoints = json.value("endpoints", std::vector<std::string>{});
    for (const Json& each : json.value("left_out", Json::array())) {
        spec.leftOut.push_back(
            {each.value("endpoint", ""), each.value("field", ""), each.value("reason", "")});
    }
    spec.priority = json.value("priority", 0);
    spec.negativePrompt = json.value("negative_prompt", "");
    return spec;
}

}  // namespace host::pipeline
