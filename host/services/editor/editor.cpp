#include "services/editor/editor.hpp"

#include "services/guard.hpp"
#include "services/health.hpp"

namespace host::services {

namespace {

constexpr std::string_view kPrefix = "/lm";
constexpr unsigned kModelRequestsAtOnce = 32;

std::unique_ptr<Proxy> proxyTo(const config::Settings& settings) {
    if (settings.modelServerUrl.empty()) return nullptr;
    ProxyOptions options;
    options.name = "the model server";
    options.url = settings.modelServerUrl;
    options.headers.apiKey = settings.modelServerKey;
    options.headers.ownKeys = settings.apiKeys;
    // A model that thinks before it answers says nothing for as long as a prompt may take.
    options.answerWithin = settings.prompt.timeout;
    options.idleLimit = settings.prompt.timeout;
    options.maxAtOnce = kModelRequestsAtOnce;
    return std::make_unique<Proxy>(std::move(options));
}

}  // namespace

EditorApi::EditorApi(const Common& common, const GeneratorAccess& generator)
    : common_(common), generator_(generator), modelServer_(proxyTo(common.settings)) {}

void EditorApi::add(http::Router& router) {
    const auto handler = guarded(common_.settings.apiKeys,
                                 [this](http::Request& request) { return modelServer(request); });
    for (const char* method : {"GET", "POST", "PUT", "DELETE"})
        router.add(method, "/lm/{rest*}", handler, {http::Lane::Slow});
    router.add("GET", "/health", [this](http::Request& r) { return health(r); },
               {http::Lane::Loop});
}

http::Response EditorApi::modelServer(http::Request& request) {
    if (!modelServer_) {
        return http::Response::error(
            {ErrorCode::ServiceUnavailable,
             "No model server is configured: config.json names none as \"lm_studio_url\"."});
    }
    if (!request.rawTarget.starts_with(kPrefix)) {
        return http::Response::error({ErrorCode::Validation, "Write \"/lm\" without escapes."});
    }
    std::string target = request.rawTarget.substr(kPrefix.size());
    if (!target.starts_with('/')) target.insert(0, 1, '/');
    return modelServer_->forward(request, target);
}

http::Response EditorApi::health(http::Request&) {
    Json body = healthBase(common_, "create_json");
    const UpstreamState state = generator_.state();
    if (state != UpstreamState::Connected) body["status"] = "degraded";
    body["upstream"] = upstreamWord(state);
    body["upstream_url"] = common_.links.get("dual_gen");
    return http::Response::json(body);
}

}  // namespace host::services
