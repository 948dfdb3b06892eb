#include "services/vision/vision.hpp"

#include <spdlog/spdlog.h>

#include "services/guard.hpp"
#include "services/health.hpp"
#include "services/vision/analyze_request.hpp"

namespace host::services {

using http::Request;
using http::Response;

namespace {

constexpr std::chrono::seconds kModelsTimeout{10};

Error shuttingDown() {
    Error error{ErrorCode::RefusingWork, "The host is shutting down."};
    error.retryAfterSeconds = 10;
    return error;
}

// {"object": "list", "data": [{"id", "object": "model", ...}]} of what a plugin lists.
Json modelList(const std::string& listed) {
    Json list = {{"object", "list"}, {"data", Json::array()}};
    const Json given = Json::parse(listed, nullptr, false);
    if (!given.is_object() || !given.contains("data") || !given["data"].is_array()) return list;
    for (const Json& model : given["data"]) {
        if (!model.is_object() || !model.value("id", Json()).is_string()) continue;
        Json entry = {{"id", model["id"]}, {"object", "model"}};
        entry.update(model);
        list["data"].push_back(std::move(entry));
    }
    return list;
}

}  // namespace

VisionApi::VisionApi(const Common& common, pipeline::Vision& vision)
    : common_(common), vision_(vision), health_(vision.setup().backend) {}

void VisionApi::add(http::Router& router) {
    const auto& keys = common_.settings.apiKeys;
    router.add("POST", "/api/analyze", guarded(keys, [this](Request& r) { return analyze(r); }),
               {http::Lane::Slow});
    router.add("GET", "/api/models", guarded(keys, [this](Request& r) { return models(r); }),
               {http::Lane::Slow});
    router.add("GET", "/health", [this](Request&) { return health(); }, {http::Lane::Loop});
}

void VisionApi::stop() {
    calls_.shutdown();
    health_.stop();
}

Response VisionApi::analyze(Request& request) {
    if (calls_.refusing()) return Response::error(shuttingDown());
    auto wanted = readAnalyzeRequest(request);
    request.body = {};  // it may wait for long
    if (!wanted) return Response::error(wanted.error());
    const RunningCalls::Entry entry(calls_, request);
    pipeline::VisionTask task;
    task.picture = std::move(wanted->picture);
    task.steering = std::move(wanted->steering);
    task.model = std::move(wanted->model);
    task.correlationId = request.correlationId;
    task.cancellation = entry.cancellation();
    const auto scene = vision_.analyze(std::move(task));
    if (scene) return Response::json(*scene);
    switch (entry.cancellation()->reason()) {
        case plugins::CancelReason::User:
            spdlog::info("[{}] the client left before its picture was analysed",
                         request.correlationId);
            break;
        case plugins::CancelReason::Shutdown:
            return Response::error(shuttingDown());
        default:
            spdlog::warn("[{}] analysing a picture failed: {}: {}", request.correlationId,
                         codeName(scene.error().code), scene.error().message);
    }
    return Response::error(scene.error());
}

Response VisionApi::models(Request& request) {
    if (calls_.refusing()) return Response::error(shuttingDown());
    const RunningCalls::Entry entry(calls_, request);
    plugins::CallContext context;
    context.correlationId = request.correlationId;
    context.deadline = std::chrono::steady_clock::now() + kModelsTimeout;
    context.cancellation = entry.cancellation();
    const plugins::CallResult listed = vision_.setup().backend->listModels(context);
    if (!listed.ok()) return Response::error(pipeline::visionError(listed));
    Json list = modelList(listed.text);
    const std::string& configured = vision_.setup().model;
    if (!configured.empty()) {
        list["default_model"] = configured;
    } else {
        list["default_model"] = list["data"].empty() ? Json() : list["data"][0]["id"];
    }
    return Response::json(list);
}

Response VisionApi::health() const {
    Json body = healthBase(common_, "json_from_image");
    const ModelHealth::State state = health_.state();
    if (!ModelHealth::isHealthy(state)) body["status"] = "degraded";
    body["llm"] = ModelHealth::word(state);
    const std::string& model = vision_.setup().model;
    body["model"] = model.empty() ? Json() : Json(model);
    return Response::json(body);
}

}  // namespace host::services
