// The ipl_host that a plugin or an instance gets, and the host interfaces behind it: config,
// metrics, http, websocket. Also the place where log lines and misbehaviours of a plugin end up.
// Threads: all of it is thread-safe. Ownership: by shared_ptr; must outlive every call that uses
// it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ipl/websocket.h"
#include "support/error.hpp"
#include "support/metrics.hpp"
#include "support/sync.hpp"

namespace host {
class HttpClient;
}

namespace host::plugins {

// What the host shares with its plugins. Null members: the interface is there but does nothing.
struct HostServices {
    std::shared_ptr<MetricsRegistry> metrics;
    std::shared_ptr<HttpClient> http;
    std::vector<std::string> privateFolders;  // never to be seen in a message for clients
};

class HostContext {
  public:
    HostContext(std::string pluginId, std::string instance, Json settings, HostServices services);
    HostContext(const HostContext&) = delete;
    HostContext& operator=(const HostContext&) = delete;

    const ipl_host* abi() const { return &abi_; }
    static HostContext& of(const ipl_host* host) { return *static_cast<HostContext*>(host->ctx); }

    const std::string& pluginId() const { return pluginId_; }
    const std::string& instance() const { return instance_; }
    const Json& settings() const { return settings_; }
    const HostServices& services() const { return services_; }

    // One line into the host's log, cleaned, cut, and dropped when a plugin floods it.
    void log(std::int32_t level, std::string_view message, std::string_view correlationId);
    // Counts it, and logs the first of its kind. `kind` is a literal.
    void misbehaviour(const char* kind, std::string_view correlationId) noexcept;

  private:
    bool mayLog() IPL_EXCLUDES(mutex_);

    const std::string pluginId_;
    const std::string instance_;
    const Json settings_;
    const HostServices services_;
    ipl_host abi_{};
    Mutex mutex_;
    std::set<std::string_view> knownMisbehaviours_ IPL_GUARDED_BY(mutex_);
    std::chrono::steady_clock::time_point logWindow_ IPL_GUARDED_BY(mutex_);
    int linesInWindow_ IPL_GUARDED_BY(mutex_) = 0;
    int droppedLines_ IPL_GUARDED_BY(mutex_) = 0;
};

// The tables behind get_interface.
const ipl_host_config& hostConfigInterface();
const ipl_host_metrics& hostMetricsInterface();
const ipl_host_http& hostHttpInterface();
const ipl_host_websocket& hostWebsocketInterface();

}  // namespace host::plugins
