#include "a1111/request.hpp"

#include "common/base64.hpp"
#include "ipl/error.hpp"

namespace a1111 {

namespace {

using upstream::Json;

std::string encoded(const ipl::ImageInput& image) {
    return upstream::base64(
        {reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size()});
}

// The API's own defaults repaint from flat colour and zoom in on the mask; these are the page's:
// the whole picture is worked on, from what is under the mask.
void setMask(Json& body, const ipl::ImageInput& mask) {
    body["mask"] = encoded(mask);
    body["inpainting_mask_invert"] = 0;
    body["mask_blur"] = 4;
    body["inpainting_fill"] = 1;
    body["inpaint_full_res"] = false;
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
    if (const auto* mask = request.input(IPL_INPUT_MASK); request.image && mask != nullptr)
        setMask(body, *mask);
    body["send_images"] = true;
    body["save_images"] = false;
}

void setDrawThings(Json& body, const ipl::ImageRequest& request, const Settings& settings) {
    if (request.input(IPL_INPUT_MASK) != nullptr)
        throw ipl::Error(ipl::Status::kUnsupported,
                         "Draw Things takes no mask over its HTTP server", "images");
    // Else as many as its panel says.
    body["batch_count"] = 1;
    body["batch_size"] = 1;
    if (request.guidanceScale) body["guidance_scale"] = *request.guidanceScale;
    if (!settings.sampler.empty()) body["sampler"] = settings.sampler;
    if (!settings.model.empty()) body["model"] = settings.model;
    if (request.image && request.strength) body["strength"] = *request.strength;
}

}  // namespace

void expectInputs(const ipl::ImageRequest& request) {
    for (const ipl::ImageInput& input : request.inputs) {
        if (input.role != IPL_INPUT_START && input.role != IPL_INPUT_MASK)
            throw ipl::Error(ipl::Status::kUnsupported,
                             "A1111's API takes a start picture and a mask, no references and no "
                             "control pictures",
                             "images");
    }
}

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
