// The generator's HTTP API: http-api.md's routes under /api/v1, /images and the rest. Handlers are
// thin: they parse, ask the pipeline and answer. All of them are thread-safe.
#pragma once

#include <memory>

#include "http/router.hpp"
#include "http/static_files.hpp"
#include "services/context.hpp"
#include "services/generator/event_sources.hpp"
#include "services/generator/generate_request.hpp"

namespace host::services {

class GeneratorApi {
  public:
    explicit GeneratorApi(const Context& context);

    // The generator's own port: /api/v1, the legacy spelling, health.
    void addGenerator(http::Router& router);
    // What the other two ports offer of it, so that their pages need no other origin.
    void addShared(http::Router& router);

  private:
    void addRoutes(http::Router& router, bool legacyToo);

    http::Response generate(http::Request& request);
    http::Response status(http::Request& request);
    http::Response jobs(http::Request& request);
    http::Response queue(http::Request& request);
    http::Response cancel(http::Request& request);
    http::Response clear(http::Request& request);
    http::Response gallery(http::Request& request);
    http::Response image(http::Request& request);
    http::Response preview(http::Request& request);
    http::Response endpoints(http::Request& request);
    http::Response events(http::Request& request);
    http::Response jobEvents(http::Request& request);
    http::Response health(http::Request& request);
    Result<std::uint64_t> cursorOf(const http::Request& request) const;

    const Context context_;
    const GenerateRules rules_;
    EventSources sources_;
    http::StaticFiles pictures_;
};

}  // namespace host::services
