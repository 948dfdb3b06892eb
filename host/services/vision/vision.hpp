// The vision service's own routes: POST /api/analyze, GET /api/models, GET /health. The page
// itself, and what it shares with the generator, are added by Services. Threads: handlers are
// thread-safe; start(), refuseMore() and stop() by the owner. Ownership: borrows what `Common`
// borrows, and the stage.
#pragma once

#include "http/router.hpp"
#include "pipeline/vision_stage.hpp"
#include "services/context.hpp"
#include "services/vision/model_health.hpp"
#include "services/vision/running_calls.hpp"

namespace host::services {

class VisionApi {
  public:
    VisionApi(const Common& common, pipeline::Vision& vision);

    void add(http::Router& router);
    void start() { health_.start(); }
    // Requests that come from now on get 503; those that run go on.
    void refuseMore() { calls_.refuseMore(); }
    // Those that run are told to stop.
    void stop();

  private:
    http::Response analyze(http::Request& request);
    http::Response models(http::Request& request);
    http::Response health() const;

    const Common common_;
    pipeline::Vision& vision_;
    RunningCalls calls_;
    ModelHealth health_;
};

}  // namespace host::services
