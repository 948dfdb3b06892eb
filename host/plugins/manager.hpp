// The plugins of a configuration: finds, checks, loads and creates what config.json asks for, and
// takes it down again. The only door of host/plugins that main needs.
// Threads: check, load and shutdown on the loader thread; the backends as backend.hpp says.
// Ownership: backends are shared, and stay valid objects after shutdown (they fail then).
// Errors: faults of the configuration, all at once. Their line is that of the role or endpoint; the
// pointer may lead deeper.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/fault.hpp"
#include "config/settings.hpp"
#include "plugins/backend.hpp"

namespace host {
class HttpClient;
class MetricsRegistry;
}  // namespace host

namespace host::plugins {

struct ManagerOptions {
    std::filesystem::path executable;          // for the scan; empty = this one
    std::filesystem::path shippedFolder;       // empty = beside the executable, see locate.hpp
    std::filesystem::path dataFolder;          // for plugin-scan.json and plugins/<name>/
    std::shared_ptr<HttpClient> http;          // null = one is made
    std::shared_ptr<MetricsRegistry> metrics;  // null = figures are dropped
    // Writes prompts when the configured writer fails; null in the set when it is not there.
    std::string fallbackWriter = "wordsmith";
    std::chrono::milliseconds scanTimeout{5000};
    std::chrono::milliseconds createTimeout{30'000};
    std::chrono::milliseconds describeTimeout = kDescribeTimeout;
    std::chrono::milliseconds grace{5000};  // after deadline and cancel
};

struct BackendSet {
    std::shared_ptr<PromptBackend> prompt;
    std::shared_ptr<VisionBackend> vision;                 // null when the configuration has none
    std::vector<std::shared_ptr<ImageBackend>> endpoints;  // in the order of the configuration
    std::shared_ptr<PromptBackend> fallbackWriter;         // may be `prompt` itself, or null
};

struct LoadedBackends {
    BackendSet backends;  // complete only when ok()
    std::vector<config::Fault> faults;

    bool ok() const;
};

class Library;

class PluginManager {
  public:
    explicit PluginManager(ManagerOptions options);
    ~PluginManager();  // shutdown()
    PluginManager(const PluginManager&) = delete;
    PluginManager& operator=(const PluginManager&) = delete;

    // Every fault that shows without creating an instance: unknown or broken plugins, roles that
    // are not offered, settings that the plugin's schema refuses. Loads nothing into this process.
    std::vector<config::Fault> check(const config::Settings& settings);

    // Creates every instance in this process and takes it down again: for settings of which only
    // the plugin itself can tell that they are wrong, such as the contents of a file that they
    // name. Asks no backend. In place of load.
    std::vector<config::Fault> tryOut(const config::Settings& settings);

    // check(), then loads the libraries, creates the instances and asks them what they can
    // (Backend::capabilities()). Once per manager.
    LoadedBackends load(const config::Settings& settings);

    // Destroys the instances and lets the plugins go. Instances with a call that never came back
    // are left alone, and so are their plugins. False if there were any. No call may be under way.
    bool shutdown();

  private:
    struct Use;
    struct Plan;
    class State;
    Plan plan(const config::Settings& settings);
    LoadedBackends create(const config::Settings& settings);

    const ManagerOptions options_;
    std::unique_ptr<State> state_;
};

}  // namespace host::plugins
