// The generator's HTTP API: http-api.md's routes under /api/v1, /images and the rest. Handlers are
// thin: they parse, ask the pipeline and answer. All of them are thread-safe.
#pragma once

#include <memory>

#include "http/router.hpp"
#include "services/context.hpp"
#include "services/gallery/gallery_api.hpp"
#include "services/generator/event_sources.hpp"
#include "services/generator/from_image.hpp"
#include "services/generator/generate_request.hpp"

namespace host::services {

class GeneratorApi {
  public:
    explicit GeneratorApi(const Context& context);

    // The generator's own port: /api/v1, the legacy spelling, health.
    void addGenerator(http::Router& router);
    // What the other two ports offer of it, so that their pages need no other origin.
    void addShared(http::Router& router, bool legacyToo);

    // POST /api/v1/generate, for requests that came by another path.
    http::Response generate(http::Request& request);

  private:
    void addRoutes(http::Router& router, bool legacyToo);

    http::Response status(http::Request& request);
    http::Response why(http::Request& request);
    http::Response jobs(http::Request& request);
    http::Response queue(http::Request& request);
    http::Response cancel(http::Request& request);
    http::Response clear(http::Request& request);
    http::Response retry(http::Request& request);
    http::Response priority(http::Request& request);
    http::Response limits(http::Request& request);
    http::Response preview(http::Request& request);
    http::Response inputs(http::Request& request);
    http::Response input(http::Request& request);
    http::Response endpoints(http::Request& request);
    http::Response testEndpoint(http::Request& request);
    http::Response events(http::Request& request);
    http::Response jobEvents(http::Request& request);
    http::Response health(http::Request& request);
    // The job's row; JobNotFound when there is none.
    Result<store::JobRow> known(const std::string& jobId) const;
    Result<std::uint64_t> cursorOf(const http::Request& request) const;

    const Context context_;
    const GenerateRules rules_;
    const GalleryRequests galleryRequests_;
    EventSources sources_;
    GalleryApi gallery_;
};

}  // namespace host::services
