#include "services/common/generator_access.hpp"

#include "services/guard.hpp"

namespace host::services {

namespace {

using std::chrono::seconds;

constexpr unsigned kRequestsAtOnce = 96;
constexpr unsigned kEventStreams = 128;
constexpr seconds kAnswerWithin{120};
constexpr seconds kIdleLimit{120};  // event streams say something every 15 s
constexpr seconds kProbeInterval{3};
constexpr seconds kProbeTimeout{2};

std::unique_ptr<Proxy> proxyTo(const Common& common, unsigned maxAtOnce) {
    ProxyOptions options;
    options.name = "the generator";
    options.url = common.settings.generatorUrl;
    options.headers.ownService = true;
    options.headers.forwardSecret = common.forwardSecret;
    options.answerWithin = kAnswerWithin;
    options.idleLimit = kIdleLimit;
    options.maxAtOnce = maxAtOnce;
    return std::make_unique<Proxy>(std::move(options));
}

}  // namespace

GeneratorAccess::GeneratorAccess(const Common& common, GeneratorApi* own)
    : common_(common), own_(own) {
    if (own_ != nullptr) return;
    requests_ = proxyTo(common_, kRequestsAtOnce);
    events_ = proxyTo(common_, kEventStreams);
    probe_ = std::make_unique<UpstreamProbe>(common_.settings.generatorUrl + "/health",
                                             kProbeInterval, kProbeTimeout);
}

void GeneratorAccess::start() {
    if (probe_) probe_->start();
}

void GeneratorAccess::stop() {
    if (probe_) probe_->stop();
}

void GeneratorAccess::addRoutes(http::Router& router, bool legacyToo) {
    if (own_ != nullptr) return own_->addShared(router, legacyToo);
    addRemote(router, legacyToo ? "/api/{rest*}" : "/api/v1/{rest*}", false);
    addRemote(router, "/images/{rest*}", true);
    addRemote(router, "/thumbnails/{rest*}", true);
}

void GeneratorAccess::addRemote(http::Router& router, const char* pattern, bool readOnly) {
    const auto handler = guarded(common_.settings.apiKeys,
                                 [this](http::Request& request) { return forward(request); });
    router.add("GET", pattern, handler, {http::Lane::Slow});
    if (readOnly) return;
    for (const char* method : {"POST", "PUT", "DELETE"})
        router.add(method, pattern, handler, {http::Lane::Slow});
}

http::Response GeneratorAccess::forward(http::Request& request) {
    const std::string target = request.rawTarget;
    Proxy& proxy = request.path.ends_with("/events") ? *events_ : *requests_;
    return proxy.forward(request, target);
}

http::Response GeneratorAccess::generate(http::Request& request) {
    if (own_ != nullptr) return own_->generate(request);
    return requests_->forward(request, "/api/v1/generate");
}

UpstreamState GeneratorAccess::state() const {
    return probe_ ? probe_->state() : UpstreamState::Connected;
}

}  // namespace host::services
