#include "plugins/manager.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "config/schema.hpp"
#include "plugins/backends.hpp"
#include "plugins/locate.hpp"
#include "support/http_client.hpp"
#include "support/ids.hpp"
#include "support/text.hpp"

namespace host::plugins {

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

ManagerOptions complete(ManagerOptions options) {
    if (options.executable.empty()) options.executable = thisExecutable();
    if (options.shippedFolder.empty()) {
        options.shippedFolder = shippedPluginFolder(options.executable);
    }
    if (!options.http) options.http = std::make_shared<HttpClient>();
    return options;
}

// Texts that the schema calls a "config-path" are files beside the configuration, whatever the
// working directory is.
void makeAbsolute(const Json& schema, const fs::path& folder, Json& settings) {
    const auto properties = schema.find("properties");
    if (properties == schema.end() || !properties->is_object() || !settings.is_object()) return;
    for (const auto& [name, property] : properties->items()) {
        const auto value = settings.find(name);
        if (value == settings.end() || !value->is_string() || !property.is_object()) continue;
        if (property.value("format", Json()) != "config-path") continue;
        *value = fs::absolute(folder / value->get<std::string>()).lexically_normal().string();
    }
}

bool isFatal(const config::Fault& fault) {
    return !fault.warning;
}

// Each once: the fallback writer may be the prompt writer.
std::vector<std::shared_ptr<Backend>> everyOne(const BackendSet& set) {
    std::vector<std::shared_ptr<Backend>> all(set.endpoints.begin(), set.endpoints.end());
    if (set.prompt) all.push_back(set.prompt);
    if (set.vision) all.push_back(set.vision);
    if (set.fallbackWriter && set.fallbackWriter != set.prompt) all.push_back(set.fallbackWriter);
    return all;
}

}  // namespace

// One plugin in one role.
struct PluginManager::Use {
    const config::PluginUse* config = nullptr;
    std::string name;
    const char* role = nullptr;
    const char* roleWord = nullptr;
    bool optional = false;
    LocatedPlugin plugin;
    Json settings = Json::object();  // with the schema's defaults
};

struct PluginManager::Plan {
    std::vector<Use> uses;
    std::vector<config::Fault> faults;
    // Held apart: uses point to it, and a plan may move.
    std::unique_ptr<config::PluginUse> fallback = std::make_unique<config::PluginUse>();

    bool ok() const { return std::none_of(faults.begin(), faults.end(), isFatal); }
    void fault(const Use& use, std::string pointer, std::string message, bool warning = false) {
        faults.push_back({use.config->line, std::move(pointer), std::move(message), warning});
    }
};

class PluginManager::State {
  public:
    std::vector<std::shared_ptr<Instance>> instances;  // in the order of their creation
    std::set<Library*> libraries;
    std::set<std::string> folders;  // taken names of data folders
};

bool LoadedBackends::ok() const {
    return std::none_of(faults.begin(), faults.end(), isFatal);
}

PluginManager::PluginManager(ManagerOptions options)
    : options_(complete(std::move(options))), state_(std::make_unique<State>()) {}

PluginManager::~PluginManager() {
    shutdown();
}

PluginManager::Plan PluginManager::plan(const config::Settings& settings) {
    Plan plan;
    std::vector<Use> wanted;
    wanted.push_back({&settings.prompt, "prompt", IPL_ROLE_PROMPT, "prompt"});
    if (settings.vision) {
        wanted.push_back({&*settings.vision, "vision", IPL_ROLE_VISION, "vision"});
    }
    for (const config::EndpointSettings& endpoint : settings.endpoints) {
        wanted.push_back({&endpoint, endpoint.name, IPL_ROLE_IMAGE, "image"});
    }
    plan.fallback->plugin = options_.fallbackWriter;
    if (!plan.fallback->plugin.empty() && plan.fallback->plugin != settings.prompt.plugin) {
        wanted.push_back({plan.fallback.get(), "fallback-writer", IPL_ROLE_PROMPT, "prompt", true});
    }

    std::vector<fs::path> folders = settings.pluginPaths;
    folders.push_back(options_.shippedFolder);
    for (std::size_t i = 0; i < settings.pluginPaths.size(); ++i) {
        std::error_code error;
        if (fs::is_directory(settings.pluginPaths[i], error)) continue;
        plan.faults.push_back({0, "/plugin_paths/" + std::to_string(i),
                               "there is no folder " + settings.pluginPaths[i].string(), true});
    }
    std::set<std::string> ids;
    std::error_code ignored;
    for (const Use& use : wanted) {
        // An optional plugin is not worth a scan of all there is.
        if (use.optional &&
            !fs::exists(options_.shippedFolder / (use.config->plugin + ".so"), ignored))
            continue;
        if (!use.config->plugin.empty()) ids.insert(use.config->plugin);
    }
    fs::create_directories(options_.dataFolder, ignored);
    const auto located = locatePlugins(ids, folders,
                                       {.executable = options_.executable,
                                        .cacheFile = options_.dataFolder / "plugin-scan.json",
                                        .timeout = options_.scanTimeout});
    for (Use& use : wanted) {
        const auto found = located.find(use.config->plugin);
        if (found == located.end()) continue;
        const auto& place = found->second;
        const std::string pointer = use.config->pointer + "/plugin";
        if (!place) {
            plan.fault(use, pointer, place.error().message, use.optional);
            continue;
        }
        use.plugin = *place;
        if (!use.plugin.info.offers(use.role)) {
            plan.fault(
                use, pointer,
                "the plugin \"" + use.config->plugin + "\" does not offer the role " + use.roleWord,
                use.optional);
            continue;
        }
        use.settings = use.config->settings;
        const Json& schema = use.plugin.info.settingsSchema;
        if (schema.is_object()) {
            for (const auto& each :
                 config::validateSettings(schema, use.settings, use.config->settingsPointer)) {
                plan.fault(use, each.pointer, each.message, each.warning || use.optional);
            }
            use.settings = config::withDefaults(schema, std::move(use.settings));
            makeAbsolute(schema, settings.configPath.parent_path(), use.settings);
        }
        plan.uses.push_back(std::move(use));
    }
    return plan;
}

std::vector<config::Fault> PluginManager::check(const config::Settings& settings) {
    return plan(settings).faults;
}

std::vector<config::Fault> PluginManager::tryOut(const config::Settings& settings) {
    LoadedBackends loaded = create(settings);
    loaded.backends = {};
    shutdown();
    std::erase_if(loaded.faults, [](const auto& fault) { return fault.warning; });  // check's
    return std::move(loaded.faults);
}

LoadedBackends PluginManager::load(const config::Settings& settings) {
    LoadedBackends loaded = create(settings);
    if (loaded.ok()) {
        learnCapabilities(everyOne(loaded.backends), options_.describeTimeout);
        return loaded;
    }
    loaded.backends = {};
    shutdown();
    return loaded;
}

// Faulty when not ok(), with what was created before.
LoadedBackends PluginManager::create(const config::Settings& settings) {
    LoadedBackends loaded;
    Plan all = plan(settings);
    if (!all.ok()) {
        loaded.faults = std::move(all.faults);
        return loaded;
    }
    const HostServices services{
        options_.metrics,
        options_.http,
        {options_.dataFolder.string(), options_.shippedFolder.string(),
         settings.outputDirectory.string(), settings.databasePath.parent_path().string()}};

    // Creates one instance; its backend, or null with a fault noted.
    const auto make = [&](const Use& use, auto makeBackend)
        -> decltype(makeBackend(std::declval<Library&>(), InstanceOptions(), services).backend) {
        auto library = Library::open(use.plugin.file, services);
        if (!library) {
            all.fault(use, use.config->pointer + "/plugin",
                      "the plugin " + use.plugin.file.string() +
                          " cannot be used: " + library.error().message,
                      use.optional);
            return nullptr;
        }
        std::string folder = slug(use.name);
        for (int i = 2; !state_->folders.insert(folder).second; ++i) {
            folder = slug(use.name) + "-" + std::to_string(i);
        }
        const fs::path data = options_.dataFolder / "plugins" / folder;
        std::error_code error;
        fs::create_directories(data, error);
        if (error) {
            all.fault(use, use.config->pointer,
                      "the folder " + data.string() + " cannot be made: " + error.message());
            return nullptr;
        }
        auto made = makeBackend(**library,
                                InstanceOptions{.name = use.name,
                                                .role = {},
                                                .settings = use.settings,
                                                .dataFolder = data.string(),
                                                .concurrency = use.config->concurrency,
                                                .grace = options_.grace},
                                services);
        CallContext context;
        context.correlationId = newCorrelationId();
        context.deadline = Clock::now() + options_.createTimeout;
        context.cancellation = std::make_shared<Cancellation>();
        state_->libraries.insert(*library);
        state_->instances.push_back(made.instance);
        const CallResult created = made.instance->create(context);
        if (created.ok()) return made.backend;
        const std::string where = created.field.starts_with('/')
                                      ? use.config->settingsPointer + created.field
                                      : use.config->settingsPointer;
        all.fault(use, where,
                  "the plugin \"" + use.config->plugin + "\" cannot start: " + created.message,
                  use.optional);
        return nullptr;
    };

    for (const Use& use : all.uses) {
        const std::string_view role = use.role;
        if (role == IPL_ROLE_IMAGE) {
            loaded.backends.endpoints.push_back(make(use, makeImageBackend));
        } else if (role == IPL_ROLE_VISION) {
            loaded.backends.vision = make(use, makeVisionBackend);
        } else if (use.optional) {
            loaded.backends.fallbackWriter = make(use, makePromptBackend);
        } else {
            loaded.backends.prompt = make(use, makePromptBackend);
        }
    }
    if (settings.prompt.plugin == options_.fallbackWriter) {
        loaded.backends.fallbackWriter = loaded.backends.prompt;
    }
    loaded.faults = std::move(all.faults);
    return loaded;
}

bool PluginManager::shutdown() {
    std::set<Library*> stuck;
    for (auto at = state_->instances.rbegin(); at != state_->instances.rend(); ++at) {
        if (!(*at)->destroy(options_.grace)) stuck.insert(&(*at)->library());
    }
    for (Library* library : state_->libraries) {
        if (!stuck.contains(library)) library->deinit();
    }
    *state_ = {};
    return stuck.empty();
}

}  // namespace host::plugins
