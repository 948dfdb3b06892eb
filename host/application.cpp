#include "application.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "http/front.hpp"
#include "pipeline/endpoint_monitor.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/event_log.hpp"
#include "pipeline/gallery.hpp"
#include "pipeline/result_log.hpp"
#include "pipeline/status_view.hpp"
#include "pipeline/vision_stage.hpp"
#include "plugins/locate.hpp"
#include "plugins/manager.hpp"
#include "services/common/service_key.hpp"
#include "store/disk_picture_store.hpp"
#include "store/sqlite_store.hpp"
#include "support/metrics.hpp"

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

// The model that the file names, or the plugin when that has none to choose from.
std::string modelOf(const config::PluginUse& use) {
    const auto model = use.settings.find("model");
    if (model != use.settings.end() && model->is_string()) return model->get<std::string>();
    return use.plugin == "chat" ? "" : use.plugin;
}

std::unique_ptr<pipeline::Vision> makeVision(const config::PluginUse& use,
                                             std::shared_ptr<plugins::VisionBackend> backend) {
    return std::make_unique<pipeline::Vision>(
        pipeline::VisionSetup{std::move(backend), modelOf(use), use.concurrency, use.timeout});
}

pipeline::EngineOptions engineOptions(const config::Settings& settings,
                                      const plugins::BackendSet& backends,
                                      pipeline::Vision* vision) {
    pipeline::EngineOptions options;
    for (std::size_t i = 0; i < settings.endpoints.size(); ++i) {
        const config::EndpointSettings& endpoint = settings.endpoints[i];
        options.endpoints.push_back({endpoint.name, endpoint.ip, endpoint.port, endpoint.plugin,
                                     endpoint.concurrency, endpoint.timeout, backends.endpoints[i],
                                     pipeline::promptDialectFrom(endpoint.promptDialect)
                                         .value_or(pipeline::PromptDialect::AsIs),
                                     endpoint.sharesGpu, endpoint.learnTimeout});
    }
    options.prompt.backend = backends.prompt;
    options.prompt.embedded = backends.fallbackWriter;
    options.prompt.vision = vision;
    options.prompt.model = modelOf(settings.prompt);
    if (vision != nullptr) options.prompt.visionModel = vision->setup().model;
    options.prompt.concurrency = settings.prompt.concurrency;
    options.prompt.timeout = settings.prompt.timeout;
    options.prompt.fallback = settings.promptFallback;
    options.maxQueuedJobs = settings.maxQueuedJobs;
    return options;
}

}  // namespace

struct Application::Parts {
    explicit Parts(config::LoadResult loaded) : configuration(std::move(loaded)) {
        if (runsGenerator()) return;
        // Nobody draws or writes prompts in this process, so nobody needs those plugins.
        configuration.settings.prompt.plugin.clear();
        configuration.settings.endpoints.clear();
    }

    bool runsGenerator() const { return configuration.settings.dualGen.enabled; }
    bool needsPlugins() const {
        return runsGenerator() || configuration.settings.jsonFromImage.enabled;
    }

    config::LoadResult configuration;
    services::Links links;
    const std::shared_ptr<MetricsRegistry> metrics = std::make_shared<MetricsRegistry>();
    std::chrono::steady_clock::time_point startedAt = std::chrono::steady_clock::now();
    std::unique_ptr<plugins::PluginManager> manager;
    std::unique_ptr<store::JobStore> jobs;
    std::unique_ptr<store::PictureStore> pictures;
    std::unique_ptr<pipeline::EventLog> events;
    std::unique_ptr<pipeline::ResultLog> results;
    std::unique_ptr<pipeline::Vision> vision;
    std::unique_ptr<pipeline::Engine> engine;
    std::unique_ptr<pipeline::StatusView> status;
    std::unique_ptr<pipeline::EndpointMonitor> monitor;
    std::unique_ptr<pipeline::Gallery> gallery;
    std::unique_ptr<http::Front> front;
    std::unique_ptr<services::Services> services;

    plugins::PluginManager& plugins() {
        if (!manager) {
            plugins::ManagerOptions options;
            options.metrics = metrics;
            options.dataFolder = dataDirectory(configuration.settings.databasePath);
            if (!runsGenerator()) options.fallbackWriter.clear();
            manager = std::make_unique<plugins::PluginManager>(std::move(options));
        }
        return *manager;
    }

    // In the order of their lines.
    void addFaults(std::vector<config::Fault>& to, std::vector<config::Fault> more) const;
    Status openStores();
    Status loadPlugins(plugins::BackendSet& backends);
    std::string forwardSecret() const;
    Status startGenerator(const plugins::BackendSet& backends);
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
    if (!parts_->needsPlugins()) return faults;
    parts_->addFaults(faults, parts_->plugins().check(parts_->configuration.settings));
    return faults;
}

std::vector<config::Fault> Application::tryPlugins() {
    std::vector<config::Fault> faults;
    if (!parts_->needsPlugins()) return faults;
    parts_->addFaults(faults, parts_->plugins().tryOut(parts_->configuration.settings));
    return faults;
}

void Application::Parts::addFaults(std::vector<config::Fault>& to,
                                   std::vector<config::Fault> more) const {
    for (config::Fault& fault : more) {
        const int line = configuration.lineOf(fault.pointer);
        if (line > 0) fault.line = line;
        to.push_back(std::move(fault));
    }
    std::stable_sort(to.begin(), to.end(),
                     [](const auto& a, const auto& b) { return a.line < b.line; });
}

Status Application::Parts::openStores() {
    const config::Settings& settings = configuration.settings;
    store::OpenOptions options;
    options.metrics = metrics.get();
    auto opened = store::openSqliteStore(settings.databasePath, options);
    if (!opened) return opened.error();
    jobs = std::move(*opened);
    auto folder = store::openDiskPictureStore(settings.outputDirectory,
                                              store::inputDirectoryFor(settings.databasePath));
    if (!folder) return folder.error();
    pictures = std::move(*folder);
    pictures->sweep([this](const std::string& name) {
        const auto job = jobs->job(name.substr(0, name.find('-')));
        if (!job) return true;
        if (!job->has_value()) return false;
        const auto inputs = pipeline::JobSpec::fromJson((*job)->job.request).inputs;
        return (*job)->job.inputFile == name ||
               std::any_of(inputs.begin(), inputs.end(),
                           [&](const pipeline::InputPicture& one) { return one.file == name; });
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

// Known to all processes of this installation, and needed only when there are several.
std::string Application::Parts::forwardSecret() const {
    const config::Settings& settings = configuration.settings;
    if (settings.dualGen.enabled && settings.jsonFromImage.enabled && settings.createJson.enabled)
        return "";
    auto key = services::serviceKey(dataDirectory(settings.databasePath));
    if (key) return std::move(*key);
    spdlog::warn("clients of the other services will share one turn in the queue: {}",
                 key.error().message);
    return "";
}

Status Application::Parts::startGenerator(const plugins::BackendSet& backends) {
    const config::Settings& settings = configuration.settings;
    events = std::make_unique<pipeline::EventLog>(*jobs);
    results = std::make_unique<pipeline::ResultLog>(*jobs, settings.outputDirectory);
    events->setWake([this] {
        front->events().wake();
        results->wake();
    });
    gallery = std::make_unique<pipeline::Gallery>(
        *jobs, *pictures,
        pipeline::GalleryFolders{settings.outputDirectory,
                                 dataDirectory(settings.databasePath) / "thumbnails"},
        settings.trashDays);
    jobs->setEventListener([this](const std::vector<store::EventRow>& rows) {
        events->committed(rows);
        gallery->thumbnails().committed(rows);
    });
    engine = std::make_unique<pipeline::Engine>(engineOptions(settings, backends, vision.get()),
                                                *jobs, *pictures, *events);
    status = std::make_unique<pipeline::StatusView>(*engine, *jobs);
    monitor = std::make_unique<pipeline::EndpointMonitor>(*engine);

    results->start();
    if (Status running = engine->start(); !running) return running;
    gallery->start();
    return Unit{};
}

Status Application::start() {
    Parts& parts = *parts_;
    if (parts.runsGenerator()) {
        if (Status opened = parts.openStores(); !opened) return opened;
    }
    plugins::BackendSet backends;
    if (parts.needsPlugins()) {
        if (Status loaded = parts.loadPlugins(backends); !loaded) return loaded;
    }
    if (backends.vision) {
        parts.vision = makeVision(*parts.configuration.settings.vision, backends.vision);
    }
    http::FrontOptions frontOptions;
    frontOptions.workers = kWorkers;
    frontOptions.metrics = parts.metrics;
    if (!parts.runsGenerator()) frontOptions.slowWorkers = services::kRemoteGeneratorThreads;
    parts.front = std::make_unique<http::Front>(frontOptions);

    const services::Common common{parts.configuration.settings, parts.links,
                                  findWebDirectory(),           parts.startedAt,
                                  parts.forwardSecret(),        parts.metrics};
    if (!parts.runsGenerator()) {
        parts.services =
            std::make_unique<services::Services>(common, nullptr, parts.vision.get(), *parts.front);
        return parts.services->start();
    }
    if (Status started = parts.startGenerator(backends); !started) return started;
    const services::Context context{
        common,         *parts.engine, *parts.status,          *parts.monitor,
        *parts.events,  *parts.jobs,   parts.gallery->trash(), parts.gallery->thumbnails(),
        *parts.pictures};
    parts.services =
        std::make_unique<services::Services>(common, &context, parts.vision.get(), *parts.front);
    return parts.services->start();
}

const std::vector<services::Listening>& Application::listening() const {
    return parts_->services->listening();
}

void Application::stop() {
    if (!parts_) return;
    Parts& parts = *parts_;
    if (parts.services) parts.services->refuseMore();
    if (parts.engine) parts.engine->stop(parts.configuration.settings.shutdownGrace);
    if (parts.services) parts.services->stop(kAnswerGrace);
    if (parts.front) parts.front->stop();
    if (parts.gallery) parts.gallery->stop();
    if (parts.results) parts.results->stop();
    if (parts.jobs) parts.jobs->close();
    parts.monitor.reset();
    if (parts.manager) parts.manager->shutdown();
    // What is left are values that nothing uses any more; calls that never came back may hold some.
    static auto& kept = *new std::vector<std::unique_ptr<Parts>>;
    kept.push_back(std::move(parts_));
}

}  // namespace host
