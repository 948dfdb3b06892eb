#include "application.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "http/front.hpp"
#include "pipeline/endpoint_monitor.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/event_log.hpp"
#include "pipeline/result_log.hpp"
#include "pipeline/status_view.hpp"
#include "plugins/locate.hpp"
#include "plugins/manager.hpp"
#include "store/directory_watcher.hpp"
#include "store/disk_picture_store.hpp"
#include "store/sqlite_store.hpp"

namespace host {

namespace {

// Group commit gathers what this many submitters wait for.
constexpr unsigned kWorkers = 16;
constexpr std::chrono::seconds kAnswerGrace{3};

std::filesystem::path dataDirectory(const std::filesystem::path& database) {
    return store::inputDirectoryFor(database).parent_path();
}

// web/ beside the executable: in a build tree, or as installed.
std::filesystem::path findWebDirectory() {
    const std::filesystem::path root = plugins::thisExecutable().parent_path().parent_path();
    std::filesystem::path built = root / "web";
    std::error_code ignored;
    if (std::filesystem::is_directory(built, ignored)) return built;
    return root / "share" / "image-pipeline" / "web";
}

pipeline::EngineOptions engineOptions(const config::Settings& settings,
                                      const plugins::BackendSet& backends) {
    pipeline::EngineOptions options;
    for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
        const config::EndpointSettings& endpoint = settings.endpoints[i];
        options.endpoints.push_back({endpoint.name, endpoint.ip, endpoint.port, endpoint.plugin,
                                     endpoint.concurrency, endpoint.timeout,
                                     backends.endpoints[i]});
    }
    options.prompt.backend = backends.prompt;
    options.prompt.embedded = backends.fallbackWriter;
    options.prompt.model = settings.prompt.settings.value("model", settings.prompt.plugin);
    options.prompt.concurrency = settings.prompt.concurrency;
    options.prompt.timeout = settings.prompt.timeout;
    options.prompt.fallback = settings.promptFallback;
    options.maxQueuedJobs = settings.maxQueuedJobs;
    return options;
}

}  // namespace

struct Application::Parts {
    explicit Parts(config::LoadResult loaded) : configuration(std::move(loaded)) {
        // No service uses the vision role yet, so a plugin that lacks it is no reason to refuse to
        // start.
        configuration.settings.vision.reset();
    }

    config::LoadResult configuration;
    std::chrono::steady_clock::time_point startedAt = std::chrono::steady_clock::now();
    std::unique_ptr<plugins::PluginManager> manager;
    std::unique_ptr<store::JobStore> jobs;
    std::unique_ptr<store::PictureStore> pictures;
    std::unique_ptr<pipeline::EventLog> events;
    std::unique_ptr<pipeline::ResultLog> results;
    std::unique_ptr<pipeline::Engine> engine;
    std::unique_ptr<pipeline::StatusView> status;
    std::unique_ptr<pipeline::EndpointMonitor> monitor;
    std::unique_ptr<store::DirectoryWatcher> watcher;
    std::unique_ptr<http::Front> front;
    std::unique_ptr<services::Services> services;

    plugins::PluginManager& plugins() {
        if (!manager) {
            plugins::ManagerOptions options;
            options.dataFolder = dataDirectory(configuration.settings.databasePath);
            manager = std::make_unique<plugins::PluginManager>(std::move(options));
        }
        return *manager;
    }

    Status openStores();
    Status loadPlugins(plugins::BackendSet& backends);
};

Application::Application(config::LoadResult configuration)
    : parts_(std::make_unique<Parts>(std::move(configuration))) {}

Application::~Application() {
    stop();
}

std::vector<config::Fault> Application::check() {
    std::vector<config::Fault> faults = parts_->configuration.faults;
    // Nothing could be read: there are no plugins to look at and no place to remember verdicts.
    if (parts_->configuration.settings.databasePath.empty()) return faults;
    for (config::Fault& fault : parts_->plugins().check(parts_->configuration.settings)) {
        const int line = parts_->configuration.lineOf(fault.pointer);
        if (line > 0) fault.line = line;
        faults.push_back(std::move(fault));
    }
    std::stable_sort(faults.begin(), faults.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
    return faults;
}

Status Application::Parts::openStores() {
    const config::Settings& settings = configuration.settings;
    auto opened = store::openSqliteStore(settings.databasePath);
    if (!opened) return opened.error();
    jobs = std::move(*opened);
    auto folder = store::openDiskPictureStore(settings.outputDirectory,
                                              store::inputDirectoryFor(settings.databasePath));
    if (!folder) return folder.error();
    pictures = std::move(*folder);
    pictures->sweep([this](const std::string& name) {
        const auto job = jobs->job(name.substr(0, name.find('-')));
        return !job || (job->has_value() && (*job)->job.inputFile == name);
    });
    return Unit{};
}

Status Application::Parts::loadPlugins(plugins::BackendSet& backends) {
    plugins::LoadedBackends loaded = plugins().load(configuration.settings);
    if (loaded.ok()) {
        backends = std::move(loaded.backends);
        return Unit{};
    }
    std::string all;
    for (const config::Fault& fault : loaded.faults) {
        if (!all.empty()) all += "\n";
        all += config::format(fault, configuration.settings.configPath);
    }
    return Error{ErrorCode::Internal, all};
}

Status Application::start() {
    Parts& parts = *parts_;
    const config::Settings& settings = parts.configuration.settings;
    if (Status opened = parts.openStores(); !opened) return opened;
    plugins::BackendSet backends;
    if (Status loaded = parts.loadPlugins(backends); !loaded) return loaded;

    parts.events = std::make_unique<pipeline::EventLog>(*parts.jobs);
    parts.results = std::make_unique<pipeline::ResultLog>(*parts.jobs, settings.outputDirectory);
    http::FrontOptions frontOptions;
    frontOptions.workers = kWorkers;
    parts.front = std::make_unique<http::Front>(frontOptions);
    parts.events->setWake([&parts] {
        parts.front->events().wake();
        parts.results->wake();
    });
    parts.jobs->setEventListener(
        [&parts](const std::vector<store::EventRow>& events) { parts.events->committed(events); });
    parts.engine = std::make_unique<pipeline::Engine>(engineOptions(settings, backends),
                                                      *parts.jobs, *parts.pictures, *parts.events);
    parts.status = std::make_unique<pipeline::StatusView>(*parts.engine, *parts.jobs);
    parts.monitor = std::make_unique<pipeline::EndpointMonitor>(*parts.engine);
    parts.watcher =
        std::make_unique<store::DirectoryWatcher>(*parts.jobs, settings.outputDirectory);

    parts.results->start();
    if (Status running = parts.engine->start(); !running) return running;
    parts.watcher->start();
    services::Context context{settings,      *parts.engine, *parts.status,      *parts.monitor,
                              *parts.events, *parts.jobs,   findWebDirectory(), parts.startedAt};
    parts.services = std::make_unique<services::Services>(std::move(context), *parts.front);
    return parts.services->start();
}

const std::vector<services::Listening>& Application::listening() const {
    return parts_->services->listening();
}

void Application::stop() {
    if (!parts_) return;
    Parts& parts = *parts_;
    if (parts.engine) parts.engine->stop(parts.configuration.settings.shutdownGrace);
    if (parts.services) parts.services->stop(kAnswerGrace);
    if (parts.front) parts.front->stop();
    if (parts.watcher) parts.watcher->stop();
    if (parts.results) parts.results->stop();
    if (parts.jobs) parts.jobs->close();
    parts.monitor.reset();
    if (parts.manager) parts.manager->shutdown();
    // What is left are values that nothing uses any more; calls that never came back may hold some.
    static_cast<void>(parts_.release());
}

}  // namespace host
