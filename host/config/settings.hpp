// What config.json says, as plain values: every default filled in, every relative path resolved
// against the file's folder, both shapes of the file brought to one form.
//
// Plain data without threads or locks: load once (see load.hpp), then share as const.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "support/error.hpp"

namespace host::config {

enum class LogLevel { Debug, Info, Warning, Error };

// One plugin at work: for a role, or for an endpoint.
struct PluginUse {
    std::string plugin;  // its id, such as "chat"
    Json settings =
        Json::object();  // its own settings, always an object; the plugin's schema judges
    int concurrency = 1;
    std::chrono::seconds timeout{0};
    // Where it came from, for faults: the JSON pointer of the role or endpoint, the one of its
    // settings (the same for an endpoint of the old shape), and the line. Empty and 0 for built-in
    // defaults.
    std::string pointer;
    std::string settingsPointer;
    int line = 0;
};

struct EndpointSettings : PluginUse {
    std::string name;                     // unique without regard to case; never "all" or "any"
    std::string promptDialect = "as_is";  // a word of the schema
    bool learnTimeout = true;             // `timeout` stays the upper bound
    bool sharesGpu = false;               // with the language model, which frees it before drawing
    // What the API shows of it; set for the plugin "endpoint" only.
    std::optional<std::string> ip;
    std::optional<int> port;
};

// An inclusive range for a number in a request.
struct Limits {
    int min = 1;
    int max = 1;
};

struct ServiceSettings {
    bool enabled = true;
    int port = 0;  // 0: any free port
};

struct Settings {
    std::filesystem::path configPath;  // all paths are absolute
    std::filesystem::path outputDirectory;
    std::filesystem::path databasePath;
    std::vector<std::filesystem::path> pluginPaths;

    LogLevel logLevel = LogLevel::Info;
    std::string listenAddress;  // an IPv4 or IPv6 address without brackets
    ServiceSettings dualGen;
    ServiceSettings jsonFromImage;
    ServiceSettings createJson;

    // Where the generator of another process is, as "http://host:port"; empty when this one runs
    // it.
    std::string generatorUrl;

    PluginUse prompt;
    // Not set when the file is at fault, or when nothing in this process looks at pictures.
    std::optional<PluginUse> vision;
    std::vector<EndpointSettings> endpoints;  // at least one, in file order

    // The model server without a trailing slash or /v1, from lm_studio_url or else from the "url"
    // of a role that uses `chat`; empty when there is none.
    std::string modelServerUrl;
    std::string modelServerKey;  // the "api_key" of the role that uses `chat` with that server
    std::string defaultModel;    // lm_studio_model or the prompt role's "model"; may be empty
    std::string visionModel;     // vision_model, the vision role's "model", or defaultModel

    Limits count;  // runs of a job
    Limits steps;
    std::int64_t maxQueuedJobs = 0;
    std::int64_t maxBodyBytes = 0;
    std::chrono::seconds shutdownGrace{0};
    std::vector<std::string> allowedOrigins;  // lower case, as browsers send them
    std::vector<std::string> allowedHosts;    // lower case names; empty: any
    bool promptFallback = true;
    std::vector<std::string> apiKeys;  // empty: no key is asked for
    int trashDays = 0;
};

}  // namespace host::config
