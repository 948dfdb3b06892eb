// The scene editor's own routes: GET /config.json, /lm/* to the model server, GET /health. The page
// itself, and what it shares with the generator, are added by Services.
// Threads: handlers are thread-safe. Ownership: borrows what `Common` borrows.
#pragma once

#include <memory>

#include "http/router.hpp"
#include "services/common/generator_access.hpp"
#include "services/common/proxy.hpp"
#include "services/context.hpp"

namespace host::services {

class EditorApi {
  public:
    EditorApi(const Common& common, const GeneratorAccess& generator);

    void add(http::Router& router);

  private:
    http::Response modelServer(http::Request& request);
    http::Response health(http::Request& request);

    const Common common_;
    const GeneratorAccess& generator_;
    std::unique_ptr<Proxy> modelServer_;  // null when none is configured
};

}  // namespace host::services
