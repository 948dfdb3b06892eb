// Asks every endpoint at once whether it is there. Requests that come while a round is under way
// share it. An endpoint that does not answer in time is reported as such, and not asked again until
// its probe has returned. Thread-safe.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "pipeline/engine.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

class EndpointMonitor {
  public:
    explicit EndpointMonitor(Engine& engine);
    ~EndpointMonitor();
    EndpointMonitor(const EndpointMonitor&) = delete;
    EndpointMonitor& operator=(const EndpointMonitor&) = delete;

    // The array of /api/v1/endpoints, within 3 s.
    Json probeAll();
    // Its entry for one endpoint, asked now, within 3 s; NotFound when there is none of that name.
    // When it answers, an open circuit closes.
    Result<Json> test(const std::string& name);

  private:
    struct Probe {
        std::thread thread;
        std::shared_ptr<plugins::Cancellation> cancellation;
        bool running = false;
        bool learning = false;           // has answered and is asked what it can
        std::string status = "unknown";  // online, offline, timeout, error, unknown
        std::string error;
        double latencyMs = -1;
    };

    void begin(std::size_t index) IPL_REQUIRES(mutex_);
    Json entryOf(const EndpointView& view, const Probe& probe) const;

    Engine& engine_;
    Mutex mutex_;
    CondVar changed_;
    std::vector<Probe> probes_ IPL_GUARDED_BY(mutex_);
};

}  // namespace host::pipeline
