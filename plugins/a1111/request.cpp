#include "a1111/request.hpp"

#include "common/base64.hpp"

namespace a1111 {

namespace {

using upstream::Json;

std::string encoded(const ipl::ImageInput& image) {
    return upstream::base64(
        {reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()});
}

void setCommon(Json& body, const ipl::ImageRequest& request, const Settings& settings) {
    body["batch_size"] = 1;
    body["n_iter"] = 1;
    if (request.guidanceScale) body["cfg_scale"] = *request.guidanceScale;
    if (!settings.sampler.empty()) body["sampler_name"] = settings.sampler;
    if (!settings.scheduler.empty()) body["scheduler"] = settings.scheduler;
    Json overrides = settings.overrideSettings;
    if (!settings.model.empty()) overrides["sd_model_checkpoint"] = settings.model;
    if (!overrides.empty()) {
        body["override_settings"] = std::move(overrides);
        // Loading the former model again after every picture would take longer than drawing it.
        body["override_settings_restore_afterwards"] = false;
    }
    if (request.image && request.strength) body["denoising_strength"] = *request.strength;
    body["send_images"] = true;
    body["save_images"] = false;
}

void setDrawThings(Json& body, const ipl::ImageRequest& request, const Settings& settings) {
    body["batch_count"] = 1;
    if (request.guidanceScale) body["guidance_scale"] = *request.guidanceScale;
    if (!settings.sampler.empty()) body["sampler"] = settings.sampler;
    if (!settings.model.empty()) body["model"] = settings.model;
    if (request.image && request.strength) body["strength"] = *request.strength;
}

}  // namespace

std::string pathOf(const ipl::ImageRequest& request) {
    return request.image ? "/sdapi/v1/img2img" : "/sdapi/v1/txt2img";
}

std::string bodyOf(const ipl::ImageRequest& request, const Settings& settings, Dialect dialect,
                   std::int64_t seed, const std::string& taskId) {
    Json body{{"prompt", request.prompt}, {"negative_prompt", request.negativePrompt},
              {"width", request.width},   {"height", request.height},
              {"steps", request.steps},   {"seed", seed}};
    if (dialect == Dialect::DrawThings) {
        setDrawThings(body, request, settings);
    } else {
        setCommon(body, request, settings);
    }
    if (request.image) body["init_images"] = Json::array({encoded(*request.image)});
    if (!taskId.empty()) body["force_task_id"] = taskId;
    for (const auto& [name, value] : settings.extra.items())
        body[name] = value;
    return upstream::dump(body);
}

}  // namespace a1111
