#include "services/services.hpp"

#include <spdlog/spdlog.h>

#include "services/health.hpp"
#include "services/pages.hpp"

namespace host::services {

namespace {

// What a person can open in a browser on this machine.
std::string urlOf(const std::string& address, std::uint16_t port) {
    std::string name = address;
    if (address == "0.0.0.0" || address == "::") name = "localhost";
    if (name.find(':') != std::string::npos) name = "[" + name + "]";
    return "http://" + name + ":" + std::to_string(port);
}

}  // namespace

Services::Services(Context context, http::Front& front)
    : context_(std::move(context)), front_(front), api_(context_) {}

Status Services::start() {
    const config::Settings& settings = context_.settings;
    const auto& web = context_.webDirectory;
    if (settings.dualGen.enabled) {
        auto router = std::make_shared<http::Router>();
        api_.addGenerator(*router);
        addPage(*router, web, "/", "index.html");
        addPage(*router, web, "/gallery", "gallery.html");
        addStatic(*router, web);
        if (auto up = listen("dual_gen", settings.dualGen.port, router); !up) return up;
        generatorUrl_ = listening_.back().url;
    }
    if (settings.jsonFromImage.enabled) {
        auto router = std::make_shared<http::Router>();
        api_.addShared(*router);
        addHealth(*router, "json_from_image");
        addPage(*router, web, "/", "vision.html");
        addStatic(*router, web);
        if (auto up = listen("json_from_image", settings.jsonFromImage.port, router); !up)
            return up;
    }
    if (settings.createJson.enabled) {
        auto router = std::make_shared<http::Router>();
        api_.addShared(*router);
        addHealth(*router, "create_json");
        addPage(*router, web, "/", "editor.html");
        addStatic(*router, web);
        if (auto up = listen("create_json", settings.createJson.port, router); !up) return up;
    }
    return Unit{};
}

// The health of the two services beside the generator.
void Services::addHealth(http::Router& router, const std::string& service) {
    router.add("GET", "/health",
               [this, service](http::Request&) {
                   Json body = healthBase(context_, service);
                   if (!generatorUrl_.empty()) body["generator_url"] = generatorUrl_;
                   return http::Response::json(body);
               },
               {http::Lane::Loop});
}

Status Services::listen(const std::string& service, int port,
                        std::shared_ptr<http::Router> router) {
    http::ServerOptions options;
    options.address = context_.settings.listenAddress;
    options.port = static_cast<std::uint16_t>(port);
    options.name = service;
    options.maxBodyBytes = static_cast<std::uint64_t>(context_.settings.maxBodyBytes);
    options.allowedOrigins = context_.settings.allowedOrigins;
    auto server = http::Server::start(std::move(options), front_, std::move(router));
    if (!server) return server.error();
    listening_.push_back({service, urlOf(context_.settings.listenAddress, (*server)->port())});
    servers_.push_back(std::move(*server));
    return Unit{};
}

void Services::stop(std::chrono::milliseconds grace) {
    for (const auto& server : servers_)
        server->stop(grace);
}

}  // namespace host::services
