#include "services/services.hpp"

#include <spdlog/spdlog.h>

#include <unistd.h>

#include <array>

#include "services/api_document.hpp"
#include "services/guard.hpp"
#include "services/metrics.hpp"
#include "services/pages.hpp"
#include "services/vision/send.hpp"

namespace host::services {

namespace {

// What a person can open in a browser on this machine.
std::string urlOf(const std::string& address, int port) {
    std::string name = address;
    if (address == "0.0.0.0" || address == "::") name = "localhost";
    if (name.find(':') != std::string::npos) name = "[" + name + "]";
    return "http://" + name + ":" + std::to_string(port);
}

std::string machineName() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

}  // namespace

Services::Services(const Common& common, const Context* generator, pipeline::Vision* vision,
                   http::Front& front)
    : common_(common),
      front_(front),
      generatorApi_(generator != nullptr ? std::make_unique<GeneratorApi>(*generator) : nullptr),
      calls_(generator != nullptr ? std::make_unique<WaitingCalls>(generator->engine) : nullptr),
      conversions_(generator != nullptr
                       ? std::make_unique<PictureConversions>([&front] { front.events().wake(); })
                       : nullptr),
      openAi_(generator != nullptr ? std::make_unique<OpenAiApi>(*generator, *calls_, *conversions_)
                                   : nullptr),
      sdApi_(generator != nullptr ? std::make_unique<SdApi>(*generator, *calls_) : nullptr),
      generator_(common_, generatorApi_.get()),
      editor_(common_, generator_) {
    if (common_.metrics) addCollectors(*common_.metrics, front_, generator);
    if (vision != nullptr && common_.settings.jsonFromImage.enabled)
        vision_ = std::make_unique<VisionApi>(common_, *vision);
}

Status Services::start() {
    const config::Settings& settings = common_.settings;
    // Services of other processes, as far as one configuration for all of them tells.
    const auto elsewhere = [&](const char* name, const config::ServiceSettings& service) {
        if (service.enabled || service.port == 0) return;
        common_.links.set(name, urlOf(settings.listenAddress, service.port));
    };
    elsewhere("json_from_image", settings.jsonFromImage);
    elsewhere("create_json", settings.createJson);
    if (!settings.generatorUrl.empty()) common_.links.set("dual_gen", settings.generatorUrl);

    generator_.start();
    if (settings.dualGen.enabled) {
        auto router = std::make_shared<http::Router>();
        generatorApi_->addGenerator(*router);
        openAi_->addRoutes(*router);
        sdApi_->addRoutes(*router);
        addPages(*router, "index.html");
        addPage(*router, common_.webDirectory, "/gallery", "gallery.html");
        if (auto up = listen("dual_gen", settings.dualGen.port, router); !up) return up;
    }
    if (settings.jsonFromImage.enabled) {
        auto router = std::make_shared<http::Router>();
        generator_.addRoutes(*router, false);
        router->add("POST", "/api/send",
                    guarded(settings.apiKeys, sendHandler([this](http::Request& request) {
                                return generator_.generate(request);
                            })),
                    {http::Lane::Slow});
        vision_->add(*router);
        vision_->start();
        addPages(*router, "vision.html");
        if (auto up = listen("json_from_image", settings.jsonFromImage.port, router); !up)
            return up;
    }
    if (settings.createJson.enabled) {
        auto router = std::make_shared<http::Router>();
        generator_.addRoutes(*router, true);
        editor_.add(*router);
        addPages(*router, "editor.html");
        if (auto up = listen("create_json", settings.createJson.port, router); !up) return up;
    }
    return Unit{};
}

// The page itself, what it loads, and where the other pages are.
void Services::addPages(http::Router& router, const std::string& page) {
    addPage(router, common_.webDirectory, "/", page);
    addStatic(router, common_.webDirectory);
    addApiDocument(router);
    addMetrics(router, common_);
    router.add("GET", "/config.json", [this](http::Request& request) {
        const std::string generator = common_.links.get("dual_gen");
        http::Response response =
            http::Response::json({{"endpoint", asSeenBy(request, generator)},
                                  {"generatePath", "/api/v1/generate"},
                                  {"lmModel", common_.settings.defaultModel},
                                  {"services", common_.links.seenBy(request)}});
        response.headers.set("Cache-Control", "no-store");
        return response;
    });
}

Status Services::listen(const std::string& service, int port,
                        std::shared_ptr<http::Router> router) {
    const config::Settings& settings = common_.settings;
    http::ServerOptions options;
    options.address = settings.listenAddress;
    options.port = static_cast<std::uint16_t>(port);
    options.name = service;
    options.maxBodyBytes = static_cast<std::uint64_t>(settings.maxBodyBytes);
    options.allowedOrigins = settings.allowedOrigins;
    options.allowedHosts = settings.allowedHosts;
    if (!options.allowedHosts.empty()) options.allowedHosts.push_back(machineName());
    if (service == "dual_gen") options.forwardSecret = common_.forwardSecret;
    for (const auto& route : router->routes()) {
        spdlog::debug("{} serves {} {}{}", service, route.method, route.pattern,
                      route.legacy ? " (legacy)" : "");
    }
    auto server = http::Server::start(std::move(options), front_, std::move(router));
    if (!server) return server.error();
    listening_.push_back({service, urlOf(settings.listenAddress, (*server)->port())});
    common_.links.set(service, listening_.back().url);
    servers_.push_back(std::move(*server));
    return Unit{};
}

void Services::refuseMore() {
    if (vision_) vision_->refuseMore();
    if (calls_) calls_->refuseMore();
}

void Services::stop(std::chrono::milliseconds grace) {
    if (vision_) vision_->stop();
    if (calls_) calls_->stop();
    if (conversions_) conversions_->stop();
    for (const auto& server : servers_)
        server->stop(grace);
    generator_.stop();
}

}  // namespace host::services
