// What the services are built on: the parts of the running host, borrowed. All of it outlives the
// servers.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>

#include "config/settings.hpp"
#include "http/event_hub.hpp"
#include "pipeline/endpoint_monitor.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/event_log.hpp"
#include "pipeline/status_view.hpp"
#include "store/job_store.hpp"

namespace host::services {

struct Context {
    const config::Settings& settings;
    pipeline::Engine& engine;
    pipeline::StatusView& status;
    pipeline::EndpointMonitor& monitor;
    pipeline::EventLog& events;
    store::JobStore& store;
    std::filesystem::path webDirectory;
    std::chrono::steady_clock::time_point startedAt;
};

}  // namespace host::services
