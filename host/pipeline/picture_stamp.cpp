#include "pipeline/picture_stamp.hpp"

#include "pipeline/setup.hpp"
#include "pipeline/work.hpp"
#include "support/clock.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

// Servers name the checkpoint one way or the other.
std::string modelIn(const Json& stats) {
    for (const char* name : {"model", "sd_model_name", "checkpoint"}) {
        const auto found = stats.find(name);
        if (found != stats.end() && found->is_string()) return found->get<std::string>();
    }
    return "";
}

std::string samplerIn(const Json& stats) {
    for (const char* name : {"sampler", "sampler_name"}) {
        const auto found = stats.find(name);
        if (found != stats.end() && found->is_string()) return found->get<std::string>();
    }
    return "";
}

}  // namespace

std::optional<std::int64_t> reportedSeed(const plugins::PictureInfo& info) {
    if (info.seed) return info.seed;
    const auto found = info.stats.find("seed");
    if (found != info.stats.end() && found->is_number_integer()) return found->get<std::int64_t>();
    return std::nullopt;
}

PictureOrigin originOf(const Work& work, const EndpointSetup& setup,
                       const plugins::ImageRequest& sent) {
    const JobSpec& spec = *work.spec;
    PictureOrigin origin;
    imaging::Generation& generation = origin.generation;
    generation.source = "image_pipeline";
    generation.prompt = work.prompt;
    generation.negativePrompt = sent.negativePrompt;
    generation.seed = sent.seed;
    if (sent.steps > 0) generation.steps = static_cast<int>(sent.steps);
    generation.guidanceScale = sent.guidanceScale;
    if (spec.hasImage()) generation.strength = spec.strength;

    Json& request = generation.request;
    request = Json::object();
    request["prompt"] = work.prompt;
    if (!spec.negativePrompt.empty()) request["negative_prompt"] = spec.negativePrompt;
    request["size"] = spec.size;
    request["orientation"] = spec.orientation;
    if (sent.steps > 0) request["steps"] = sent.steps;
    if (const auto seed = spec.seedOf(work.run())) request["seed"] = *seed;
    if (const auto scale = spec.guidanceOf(work.jobId(), work.run())) {
        request["guidance_scale"] = *scale;
    }
    if (generation.strength) request["strength"] = *generation.strength;
    request["endpoints"] = Json::array({setup.name});

    origin.own["job_id"] = work.jobId();
    origin.own["run"] = work.run() + 1;
    origin.own["endpoint"] = setup.name;
    origin.own["plugin"] = setup.plugin;
    origin.own["created"] = isoTime(epochNow());
    return origin;
}

imaging::Stamp stampOf(const PictureOrigin& origin, const plugins::PictureInfo& info,
                       const store::PictureFacts& facts) {
    imaging::Generation generation = origin.generation;
    if (const auto seed = reportedSeed(info)) {
        generation.seed = seed;
        // A request could not ask for any other: it would have to be refused.
        if (*seed >= 0 && *seed < kSeedSpan) {
            generation.request["seed"] = *seed;
        } else {
            generation.request.erase("seed");
        }
    }
    if (facts.width > 0) generation.width = facts.width;
    if (facts.height > 0) generation.height = facts.height;
    generation.model = modelIn(info.stats);
    generation.sampler = samplerIn(info.stats);
    return imaging::makeStamp(generation, origin.own);
}

}  // namespace host::pipeline
