// What the services are built on: the parts of the running host, borrowed. All of it outlives the
// servers. Common is what every service has; Context what the generator adds, in the process that
// runs it.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "config/settings.hpp"
#include "http/event_hub.hpp"
#include "pipeline/endpoint_monitor.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/event_log.hpp"
#include "pipeline/status_view.hpp"
#include "pipeline/thumbnailer.hpp"
#include "pipeline/trash.hpp"
#include "services/common/links.hpp"
#include "store/job_store.hpp"
#include "store/picture_store.hpp"

namespace host {
class MetricsRegistry;
}

namespace host::services {

struct Common {
    const config::Settings& settings;
    Links& links;
    std::filesystem::path webDirectory;
    std::chrono::steady_clock::time_point startedAt;
    // Known to our own services in other processes; empty when there are none.
    std::string forwardSecret;
    std::shared_ptr<MetricsRegistry> metrics;  // null: there is no /metrics
};

struct Context : Common {
    pipeline::Engine& engine;
    pipeline::StatusView& status;
    pipeline::EndpointMonitor& monitor;
    pipeline::EventLog& events;
    store::JobStore& store;
    pipeline::Trash& trash;
    pipeline::Thumbnailer& thumbnails;
    store::PictureStore& pictures;
};

}  // namespace host::services
