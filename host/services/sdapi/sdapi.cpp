#include "services/sdapi/sdapi.hpp"

#include <spdlog/spdlog.h>

#include "services/calls/job_answer.hpp"
#include "services/common/bounded_json.hpp"
#include "services/generator/submission.hpp"
#include "services/guard.hpp"
#include "services/openai/models.hpp"
#include "services/sdapi/drawing_progress.hpp"
#include "services/sdapi/drawing_reply.hpp"
#include "services/sdapi/drawing_request.hpp"
#include "services/sdapi/lenient_fields.hpp"

namespace host::services {

using http::Request;
using http::Response;

namespace {

constexpr int kUnprocessable = 422;

// What is wrong with a request is 422 in this API.
Response refusal(const Error& error) {
    switch (error.code) {
        case ErrorCode::Validation:
        case ErrorCode::InvalidImageFormat:
        case ErrorCode::ImageTooLarge:
            return Response::error(error, kUnprocessable);
        default:
            return Response::error(error);
    }
}

// What the backends draw with is their own affair, and they have no files to offer: lists that
// clients fill their menus from.
struct FixedAnswer {
    const char* path;
    const char* json;
};
constexpr FixedAnswer kFixedAnswers[] = {
    {"/sdapi/v1/samplers", R"([{"name":"Automatic","aliases":[],"options":{}}])"},
    {"/sdapi/v1/schedulers",
     R"([{"name":"automatic","label":"Automatic","aliases":null,"default_rho":-1.0,"need_inner_model":false}])"},
    {"/sdapi/v1/upscalers", "[]"},
    {"/sdapi/v1/latent-upscale-modes", "[]"},
    {"/sdapi/v1/loras", "[]"},
    {"/sdapi/v1/sd-vae", "[]"},
    {"/sdapi/v1/prompt-styles", "[]"},
    {"/sdapi/v1/embeddings", R"({"loaded":{},"skipped":{}})"},
    {"/sdapi/v1/scripts", R"({"txt2img":[],"img2img":[]})"},
};

}  // namespace

SdApi::SdApi(const Context& context, WaitingCalls& calls)
    : context_(context), rules_(rulesOf(context.settings)), calls_(calls) {}

void SdApi::addRoutes(http::Router& router) {
    const auto& keys = context_.settings.apiKeys;
    const auto add = [&](const char* method, const char* path, http::Handler handler,
                         http::Lane lane = http::Lane::Worker) {
        router.add(method, path, guardedBasic(keys, std::move(handler)), {lane});
    };
    add("POST", "/sdapi/v1/txt2img", [this](Request& r) { return draw(r, false); });
    // Reads pictures, may have to make a mask anew.
    add(
        "POST", "/sdapi/v1/img2img", [this](Request& r) { return draw(r, true); },
        http::Lane::Slow);
    add("GET", "/sdapi/v1/progress", [this](Request& r) { return progress(r); });
    add("POST", "/internal/progress", [this](Request& r) { return taskProgress(r); });
    add("POST", "/sdapi/v1/interrupt", [this](Request& r) { return interrupt(r); });
    add("GET", "/sdapi/v1/options", [this](Request& r) { return options(r); });
    add("POST", "/sdapi/v1/options", [this](Request& r) { return setOptions(r); });
    add("GET", "/sdapi/v1/sd-models", [this](Request&) { return models(); });
    for (const FixedAnswer& fixed : kFixedAnswers)
        add("GET", fixed.path, [&fixed](Request&) { return Response::jsonText(fixed.json); });
    // Open as it is at A1111: it tells nothing.
    router.add("GET", "/internal/ping", [](Request&) { return Response::jsonText("{}"); },
               {http::Lane::Loop});
}

Response SdApi::draw(Request& request, bool fromPicture) {
    auto place = calls_.enter(request.clientAddress);
    if (!place) return Response::error(place.error());
    auto wanted =
        readDrawingRequest(request, rules_, chosen_.of(request.clientAddress), fromPicture);
    if (!wanted) return refusal(wanted.error());
    DrawingReplyOptions options;
    options.parameters = std::move(wanted->parameters);
    options.sendImages = wanted->sendImages;
    options.width = wanted->width;
    options.height = wanted->height;
    options.outputDirectory = context_.settings.outputDirectory;
    options.correlationId = request.correlationId;
    options.path = request.path;
    auto call = startCall(context_, request, std::move(*place), std::move(wanted->generate));
    if (!call) return refusal(call.error());
    tasks_.add(wanted->taskId, call->jobId);
    const std::uint64_t cursor = call->cursor;
    Response response;
    response.body = http::EventStreamStart{
        std::make_shared<JobAnswer>(
            context_, std::move(*call), request.path,
            [options = std::move(options)](const Json& job) { return drawingReply(job, options); }),
        cursor};
    return response;
}

Response SdApi::progress(const Request& request) const {
    std::string job = calls_.latestOf(request.clientAddress);
    if (job.empty()) job = context_.engine.currentJob();
    const std::string skip = request.query.get("skip_current_image");
    const bool withPicture = skip.empty() || skip == "false" || skip == "False" || skip == "0";
    return Response::json(drawingProgress(context_, job, withPicture));
}

// Of a drawing that its client named.
Response SdApi::taskProgress(const Request& request) const {
    const auto body = parseObject(request.body);
    if (!body) return refusal(body.error());
    LenientFields fields(*body);
    const std::string task = fields.text("id_task");
    if (task.empty()) fields.faults.emplace_back("id_task", "field required");
    TaskQuestion question;
    question.withPicture = fields.flag("live_preview", true);
    question.lastPicture = fields.whole("id_live_preview").value_or(-1);
    if (!fields.faults.empty()) return refusal(validationError(fields.faults));
    return Response::json(services::taskProgress(context_, tasks_.jobOf(task), question));
}

Response SdApi::interrupt(const Request& request) {
    std::string job = calls_.latestOf(request.clientAddress);
    if (job.empty()) {
        // This API's interrupt is everybody's, but only for what came by such an API.
        job = context_.engine.currentJob();
        if (!calls_.isWaitedFor(job)) return Response::jsonText("{}");
    }
    spdlog::info("[{}] job {}: interrupted", request.correlationId, job);
    // A job that ended meanwhile cannot be cancelled any more, which is as good.
    if (const Status done = context_.engine.cancel(job); !done) {
        spdlog::debug("job {}: {}", job, done.error().message);
    }
    return Response::jsonText("{}");
}

Response SdApi::options(const Request& request) const {
    return Response::json({{"samples_format", "png"},
                           {"sd_model_checkpoint", chosen_.of(request.clientAddress)},
                           {"sd_checkpoint_hash", ""},
                           {"sd_vae", "Automatic"},
                           {"CLIP_stop_at_last_layers", 1.0},
                           {"eta_noise_seed_delta", 0},
                           {"jpeg_quality", 80.0},
                           {"live_previews_enable", true},
                           {"show_progress_every_n_steps", 1.0}});
}

// Of the hundreds of options the model alone means something here.
Response SdApi::setOptions(const Request& request) {
    const auto wanted = parseObject(request.body);
    if (!wanted) return refusal(wanted.error());
    const auto title = wanted->find("sd_model_checkpoint");
    if (title != wanted->end() && title->is_string()) {
        const auto model = modelOfTitle(title->get<std::string>(), rules_);
        if (!model) return Response::error(model.error(), kUnprocessable);
        chosen_.choose(request.clientAddress, *model);
    }
    return Response::jsonText("null");
}

Response SdApi::models() const {
    Json list = Json::array();
    const auto add = [&](const std::string& name) {
        list.push_back({{"title", name},
                        {"model_name", name},
                        {"hash", nullptr},
                        {"sha256", nullptr},
                        {"filename", name},
                        {"config", nullptr}});
    };
    add(kAnyModel);
    for (const std::string& endpoint : rules_.endpoints)
        add(endpoint);
    return Response::json(list);
}

}  // namespace host::services
