// The generator as the two other services reach it: its handlers themselves when it runs in this
// process, otherwise HTTP to the process that runs it. See docs/decisions/editor-proxy.md.
// Threads: start() and stop() by the owner; everything else from any thread.
#pragma once

#include <memory>
#include <string>

#include "http/router.hpp"
#include "services/common/proxy.hpp"
#include "services/common/upstream_probe.hpp"
#include "services/context.hpp"
#include "services/generator/api.hpp"

namespace host::services {

// Of the threads of Lane::Slow, so many are enough for these proxies and the one to the model
// server.
inline constexpr unsigned kRemoteGeneratorThreads = 256;

class GeneratorAccess {
  public:
    // `own` is null when the generator runs elsewhere, at settings.generatorUrl.
    GeneratorAccess(const Common& common, GeneratorApi* own);

    void start();
    void stop();

    // /api/v1/*, /images/* and /thumbnails/*; with `legacyToo` all of /api/*.
    void addRoutes(http::Router& router, bool legacyToo);
    // Answers a request as POST /api/v1/generate, whatever its path. On Lane::Slow.
    http::Response generate(http::Request& request);
    UpstreamState state() const;

  private:
    void addRemote(http::Router& router, const char* pattern, bool readOnly);
    http::Response forward(http::Request& request);

    const Common common_;
    GeneratorApi* const own_;
    std::unique_ptr<Proxy> requests_;
    std::unique_ptr<Proxy>
        events_;  // apart: streams stay for hours, and must not crowd requests out
    std::unique_ptr<UpstreamProbe> probe_;
};

}  // namespace host::services
