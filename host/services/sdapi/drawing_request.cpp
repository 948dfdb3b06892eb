#include "services/sdapi/drawing_request.hpp"

#include <algorithm>

#include "imaging/fitted_mask.hpp"
#include "services/common/bounded_json.hpp"
#include "services/generator/input_pictures.hpp"
#include "services/openai/models.hpp"
#include "services/picture_field.hpp"
#include "services/sdapi/lenient_fields.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

using plugins::InputRole;

constexpr std::int64_t kUsualSide = 512;  // the API's default
constexpr std::int64_t kMostSide = 16'384;
constexpr std::size_t kLongestTaskId = 200;

// What the answer's `parameters` begin with; of the many keys those that mean something here.
Json usualParameters() {
    return {{"prompt", ""},
            {"negative_prompt", ""},
            {"styles", nullptr},
            {"seed", -1},
            {"subseed", -1},
            {"subseed_strength", 0},
            {"sampler_name", ""},
            {"scheduler", ""},
            {"batch_size", 1},
            {"n_iter", 1},
            {"steps", nullptr},
            {"cfg_scale", nullptr},
            {"width", kUsualSide},
            {"height", kUsualSide},
            {"restore_faces", nullptr},
            {"tiling", nullptr},
            {"denoising_strength", nullptr},
            {"override_settings", nullptr},
            {"enable_hr", false},
            {"script_name", nullptr},
            {"script_args", Json::array()},
            {"send_images", true},
            {"save_images", false},
            {"alwayson_scripts", Json::object()}};
}

constexpr std::size_t kLongestEcho = 1000;

Json echoed(const Json& body, bool fromPicture) {
    Json parameters = usualParameters();
    for (auto& [name, value] : parameters.items()) {
        const auto given = body.find(name);
        if (given == body.end() || !given->is_primitive() || given->is_null()) continue;
        // It is kept until the job is over. The prompts have a bound of their own.
        const bool prompt = name == "prompt" || name == "negative_prompt";
        if (!prompt && given->is_string() &&
            given->get_ref<const std::string&>().size() > kLongestEcho)
            continue;
        value = *given;
    }
    if (fromPicture) {
        parameters["init_images"] = nullptr;
        parameters["mask"] = nullptr;
    }
    return parameters;
}

// Where the names differ, those of this API.
Error renamed(Error error) {
    const auto list = error.details.find("errors");
    if (list == error.details.end()) return error;
    Faults faults;
    for (const Json& one : *list) {
        std::string field = one.value("field", "");
        if (field == "count") field = "n_iter";
        if (field == "guidance_scale") field = "cfg_scale";
        if (field == "strength") field = "denoising_strength";
        if (field == "images" || field == "image") field = "init_images";
        faults.emplace_back(field, one.value("message", ""));
    }
    Error same = validationError(faults);
    same.code = error.code;
    return same;
}

// The picture as bytes. Error: InvalidImageFormat, ImageTooLarge.
Result<GivenPicture> pictureFrom(std::string text, const std::string& field) {
    RawFields raw;
    raw.hasImage = true;
    raw.imageText = std::move(text);
    return takePicture(raw, field);
}

SentPicture sentAs(InputRole role, const std::string& field, std::string bytes) {
    SentPicture sent;
    sent.field = field;
    sent.role = role;
    sent.picture.imageBytes = std::move(bytes);
    sent.picture.hasImage = true;
    return sent;
}

Result<std::vector<SentPicture>> picturesOf(Json& body, LenientFields& fields) {
    std::vector<SentPicture> pictures;
    ImageInfo start;  // no size where the picture is too short to tell it
    const auto list = body.find("init_images");
    if (list != body.end() && list->is_array()) {
        for (Json& one : *list) {
            auto* text = one.get_ptr<std::string*>();
            if (text == nullptr) continue;
            if (pictures.size() == plugins::kMaxInputs) {
                return validationError(
                    {{"init_images", "holds too many pictures: a request has at most 8"}});
            }
            auto given = pictureFrom(std::move(*text), "init_images");
            if (!given) return given.error();
            if (pictures.empty()) start = given->info;
            pictures.push_back(sentAs(pictures.empty() ? InputRole::Start : InputRole::Reference,
                                      "init_images", std::move(given->bytes)));
        }
    }
    if (pictures.empty()) return Error{ErrorCode::NotFound, "Init image not found"};
    const auto mask = body.find("mask");
    if (mask == body.end() || !mask->is_string()) return pictures;
    auto given = pictureFrom(std::move(mask->get_ref<std::string&>()), "mask");
    if (!given) return given.error();
    const bool inverted = fields.flag("inpainting_mask_invert", false);
    const bool fits = given->info.width == start.width && given->info.height == start.height;
    // A1111 makes a mask fit its picture, so its clients send masks of any size.
    if (inverted || !fits) {
        auto fitted = imaging::fittedMask(given->bytes, {start.width, start.height}, inverted);
        if (!fitted) return fitted.error();
        given->bytes = std::move(*fitted);
    }
    pictures.push_back(sentAs(InputRole::Mask, "mask", std::move(given->bytes)));
    return pictures;
}

// How the client will ask for this drawing's progress; empty when it gave no name, or an odd one.
std::string taskIdOf(const LenientFields& fields) {
    const Json* id = fields.find("force_task_id");
    if (id == nullptr || !id->is_string()) return "";
    const auto& text = id->get_ref<const std::string&>();
    return text.size() <= kLongestTaskId ? text : "";
}

std::uint32_t side(LenientFields& fields, const char* name) {
    const std::int64_t wanted = fields.whole(name).value_or(kUsualSide);
    if (wanted < 1 || wanted > kMostSide) {
        fields.faults.emplace_back(name,
                                   "must be from 1 to " + std::to_string(kMostSide) + " pixels");
        return kUsualSide;
    }
    return static_cast<std::uint32_t>(wanted);
}

Json runsOf(LenientFields& fields) {
    const std::int64_t batch = fields.whole("batch_size").value_or(1);
    const std::int64_t rounds = fields.whole("n_iter").value_or(1);
    // As many as nobody may have, where the product could not be told.
    constexpr std::int64_t kPlenty = 1'000'000;
    if (batch < 1 || rounds < 1) return std::min(batch, rounds);
    return std::min(batch, kPlenty) * std::min(rounds, kPlenty);
}

// override_settings.sd_model_checkpoint, or what was chosen before.
Result<std::string> modelOf(const Json& body, const GenerateRules& rules,
                            const std::string& chosen) {
    const auto settings = body.find("override_settings");
    if (settings == body.end() || !settings->is_object()) return chosen;
    const auto title = settings->find("sd_model_checkpoint");
    if (title == settings->end() || !title->is_string()) return chosen;
    return modelOfTitle(title->get<std::string>(), rules);
}

}  // namespace

Result<std::string> modelOfTitle(const std::string& title, const GenerateRules& rules) {
    const auto known = endpointsOfModel(title, rules);
    if (known) return known->is_array() ? known->at(0).get<std::string>() : std::string(kAnyModel);
    const std::size_t hash = title.rfind(" [");
    if (hash != std::string::npos) {
        const auto named = endpointsOfModel(title.substr(0, hash), rules);
        if (named && named->is_array()) return named->at(0).get<std::string>();
    }
    return Error{ErrorCode::NotFound,
                 "model '" + std::string(utf8Prefix(title, 100)) + "' not found"};
}

Result<DrawingRequest> readDrawingRequest(http::Request& request, const GenerateRules& rules,
                                          const std::string& model, bool fromPicture) {
    auto body = parseObject(request.body);
    request.body = {};
    if (!body) return body.error();
    LenientFields fields(*body);
    DrawingRequest result;
    result.parameters = echoed(*body, fromPicture);
    result.sendImages = fields.flag("send_images", true);
    result.taskId = taskIdOf(fields);
    std::vector<SentPicture> pictures;
    if (fromPicture) {
        auto found = picturesOf(*body, fields);
        if (!found) return found.error();
        pictures = std::move(*found);
    }
    const auto chosen = modelOf(*body, rules, model);
    if (!chosen) return chosen.error();
    const std::uint32_t width = side(fields, "width");
    const std::uint32_t height = side(fields, "height");
    const pipeline::SizeWords size = pipeline::sizeWords(width, height);
    const pipeline::PixelSize pixels = pipeline::drawableSize(width, height);
    result.width = pixels.width;
    result.height = pixels.height;

    Json wanted = {{"prompt", fields.text("prompt")},
                   {"negative_prompt", fields.text("negative_prompt")},
                   {"count", runsOf(fields)},
                   {"size", size.size},
                   {"orientation", size.orientation}};
    wanted["endpoints"] = *chosen == kAnyModel ? Json(kAnyModel) : Json::array({*chosen});
    if (const auto steps = fields.whole("steps")) wanted["steps"] = *steps;
    if (const auto seed = fields.whole("seed"); seed && *seed >= 0) wanted["seed"] = *seed;
    if (const auto scale = fields.number("cfg_scale")) wanted["guidance_scale"] = *scale;
    if (const auto strength = fields.number("denoising_strength"); strength && fromPicture)
        wanted["strength"] = *strength;
    if (!fields.faults.empty()) return validationError(fields.faults);
    auto generate = makeGenerateRequest(wanted, std::move(pictures), rules);
    if (!generate) return renamed(generate.error());
    result.generate = std::move(*generate);
    return result;
}

}  // namespace host::services
