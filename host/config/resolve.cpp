#include "config/resolve.hpp"

#include <algorithm>
#include <array>
#include <system_error>

#include "config/roles.hpp"
#include "config/schema.hpp"
#include "support/text.hpp"

namespace host::config {

namespace {

constexpr std::array<const char*, 5> kOldKeys = {"lm_studio_url", "lm_studio_model", "llm_url",
                                                 "llm_model", "vision_model"};
constexpr std::array<const char*, 14> kSharedKeys = {
    "version",   "output_directory",  "logging_level",    "database_path",       "lm_studio_url",
    "llm_url",   "lm_studio_model",   "llm_model",        "vision_model",        "dual_gen_port",
    "endpoints", "validation_limits", "create_json_port", "json_from_image_port"};

std::string majorOf(const std::string& version) {
    return version.substr(0, version.find('.'));
}

// The rule is in the schema, at "version".
bool isOldShape(const Json& given) {
    if (given.contains("version")) return majorOf(given["version"].get<std::string>()) == "1";
    bool old = false;
    for (const char* key : kOldKeys)
        old = old || given.contains(key);
    if (given.contains("endpoints")) {
        for (const Json& one : given["endpoints"]) {
            if (!one.is_object()) continue;
            if (one.contains("plugin") || one.contains("settings")) return false;
            old = true;
        }
    }
    const Json& known = configSchema()["properties"];
    for (const auto& [key, value] : given.items()) {
        const bool shared =
            std::find(kSharedKeys.begin(), kSharedKeys.end(), key) != kSharedKeys.end();
        if (known.contains(key) && !shared) return false;
    }
    return old;
}

bool isHostName(std::string_view name) {
    return !name.empty() && name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-_") ==
                                std::string_view::npos;
}

// "http(s)://host" or with ":port", as browsers send it.
bool isOrigin(std::string_view text) {
    const std::size_t colon = text.find("://");
    if (colon == std::string_view::npos) return false;
    const std::string_view scheme = text.substr(0, colon);
    if (scheme != "http" && scheme != "https") return false;
    std::string_view host = text.substr(colon + 3);
    const std::size_t portMark = host.find_last_of(":]");
    if (portMark != std::string_view::npos && host[portMark] == ':') {
        const std::string_view port = host.substr(portMark + 1);
        if (port.empty() || port.size() > 5) return false;
        if (port.find_first_not_of("0123456789") != std::string_view::npos) return false;
        host = host.substr(0, portMark);
    }
    if (host.starts_with('[') && host.ends_with(']')) {
        return isIpAddress(std::string(host.substr(1, host.size() - 2)));
    }
    return isHostName(host);
}

class Resolver {
  public:
    Resolver(const Json& given, const std::filesystem::path& file, std::vector<Fault>& faults)
        : given_(given), full_(withDefaults(configSchema(), given)), faults_(faults) {
        std::error_code ignored;
        settings_.configPath = std::filesystem::absolute(file, ignored);
        if (ignored) settings_.configPath = file;
        settings_.configPath = settings_.configPath.lexically_normal();
    }

    Settings run() {
        version();
        paths();
        settings_.logLevel = logLevel();
        listenAddress();
        services();
        generatorUrl();
        resolveRoles(given_, full_, settings_, faults_);
        resolveEndpoints(given_, full_, settings_, faults_);
        settings_.count = limits("count");
        settings_.steps = limits("steps");
        settings_.maxQueuedJobs = full_["max_queued_jobs"].get<std::int64_t>();
        settings_.maxBodyBytes = full_["max_body_bytes"].get<std::int64_t>();
        settings_.shutdownGrace = std::chrono::seconds(full_["shutdown_grace_seconds"].get<int>());
        settings_.promptFallback = full_["prompt_fallback"].get<bool>();
        settings_.trashDays = full_["trash_days"].get<int>();
        origins();
        hosts();
        keys();
        return std::move(settings_);
    }

  private:
    void fault(const std::string& pointer, std::string message) {
        faults_.push_back({0, pointer, std::move(message), false});
    }
    void warning(const std::string& pointer, std::string message) {
        faults_.push_back({0, pointer, std::move(message), true});
    }

    void version() {
        if (!given_.contains("version")) return;
        const auto version = given_["version"].get<std::string>();
        const std::string major = majorOf(version);
        if (major == "1" || major == "2") return;
        fault("/version", "found " + shown(version) + ", expected \"1.0\" or \"2.0\"");
    }

    // Absolute; a fault when it cannot be a path.
    std::filesystem::path path(const std::string& text, const std::string& pointer) {
        if (text.find('\0') != std::string::npos) {
            fault(pointer, "found a NUL character in " + shown(text) + ", expected a path");
            return {};
        }
        return (settings_.configPath.parent_path() / text).lexically_normal();
    }

    void paths() {
        settings_.outputDirectory =
            path(full_["output_directory"].get<std::string>(), "/output_directory");
        settings_.databasePath = path(full_["database_path"].get<std::string>(), "/database_path");
        std::error_code ignored;
        const auto output = std::filesystem::status(settings_.outputDirectory, ignored);
        if (std::filesystem::exists(output) && !std::filesystem::is_directory(output)) {
            fault("/output_directory", "found a file at " +
                                           shown(settings_.outputDirectory.string()) +
                                           ", expected a folder or nothing");
        }
        if (std::filesystem::is_directory(settings_.databasePath, ignored)) {
            fault("/database_path", "found a folder at " + shown(settings_.databasePath.string()) +
                                        ", expected a file or nothing");
        }
        const Json& folders = full_["plugin_paths"];
        for (std::size_t i = 0; i < folders.size(); ++i) {
            if (!folders[i].is_string()) continue;
            settings_.pluginPaths.push_back(
                path(folders[i].get<std::string>(), "/plugin_paths/" + std::to_string(i)));
        }
    }

    LogLevel logLevel() {
        const auto name = full_["logging_level"].get<std::string>();
        if (name == "DEBUG") return LogLevel::Debug;
        if (name == "WARNING") return LogLevel::Warning;
        return name == "ERROR" ? LogLevel::Error : LogLevel::Info;
    }

    void listenAddress() {
        settings_.listenAddress = full_["listen_address"].get<std::string>();
        if (!given_.contains("listen_address") && isOldShape(given_)) {
            settings_.listenAddress = "0.0.0.0";
            warning(
                "",
                "found no \"listen_address\" in a file of the old shape: listening on 0.0.0.0, "
                "which other machines can reach, as it always did; set it to \"127.0.0.1\" to "
                "serve this machine only, or to \"0.0.0.0\" to keep it so without this warning");
        }
        if (iequals(settings_.listenAddress, "localhost")) settings_.listenAddress = "127.0.0.1";
        if (!isIpAddress(settings_.listenAddress)) {
            fault("/listen_address", "found " + shown(settings_.listenAddress) +
                                         ", expected an IPv4 or IPv6 address or \"localhost\"");
        }
    }

    void services() {
        struct Row {
            const char* name;
            const char* portKey;
            ServiceSettings* to;
        };
        const std::array<Row, 3> rows = {
            Row{"dual_gen", "dual_gen_port", &settings_.dualGen},
            Row{"json_from_image", "json_from_image_port", &settings_.jsonFromImage},
            Row{"create_json", "create_json_port", &settings_.createJson}};
        bool any = false;
        for (const Row& row : rows) {
            row.to->enabled = full_["services"][row.name].get<bool>();
            row.to->port = full_[row.portKey].get<int>();
            any = any || row.to->enabled;
            for (const Row& earlier : rows) {
                if (&earlier == &row) break;
                if (!row.to->enabled || !earlier.to->enabled || row.to->port == 0) continue;
                if (earlier.to->port != row.to->port) continue;
                // At the one that the file names, if only one is.
                const bool here = given_.contains(row.portKey);
                const std::string at = here ? row.portKey : earlier.portKey;
                const std::string other = here ? earlier.portKey : row.portKey;
                fault('/' + at, "found " + std::to_string(row.to->port) + ", the port of \"" +
                                    other + "\" too, expected a port of its own for each service");
            }
        }
        if (!any) fault("/services", "found every service off, expected at least one on");
    }

    // The other processes' default is the port of the same machine that a shared file names.
    void generatorUrl() {
        std::string url = toLower(trim(full_["generator_url"].get<std::string>()));
        while (url.ends_with('/'))
            url.pop_back();
        if (settings_.dualGen.enabled) {
            if (!url.empty()) {
                warning("/generator_url",
                        "found a URL, but this process runs the generator itself: it is ignored");
            }
            return;
        }
        if (url.empty() && settings_.dualGen.port != 0) {
            const std::string& address = settings_.listenAddress;
            std::string host = address == "0.0.0.0" ? "127.0.0.1" : address;
            if (host == "::") host = "::1";
            if (host.find(':') != std::string::npos) host = '[' + host + ']';
            url = "http://" + host + ':' + std::to_string(settings_.dualGen.port);
        }
        if (isOrigin(url)) {
            settings_.generatorUrl = std::move(url);
            return;
        }
        fault("/generator_url",
              "found " + shown(url) +
                  ", expected http(s)://host:port without a path: this process has to reach the "
                  "generator that it does not run");
    }

    Limits limits(const std::string& name) {
        const Json& given = full_["validation_limits"][name];
        const Limits limits{given["min"].get<int>(), given["max"].get<int>()};
        if (limits.min > limits.max) {
            fault("/validation_limits/" + name, "found min " + std::to_string(limits.min) +
                                                    " above max " + std::to_string(limits.max) +
                                                    ", expected min to be at most max");
        }
        return limits;
    }

    void origins() {
        const Json& list = full_["allowed_origins"];
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!list[i].is_string()) continue;
            const std::string origin = toLower(list[i].get<std::string>());
            if (isOrigin(origin)) {
                settings_.allowedOrigins.push_back(origin);
                continue;
            }
            fault("/allowed_origins/" + std::to_string(i),
                  "found " + shown(origin) +
                      ", expected http(s)://host or http(s)://host:port, without a path");
        }
    }

    void hosts() {
        const Json& list = full_["allowed_hosts"];
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!list[i].is_string()) continue;
            const std::string name = toLower(list[i].get<std::string>());
            if (isHostName(name)) {
                settings_.allowedHosts.push_back(name);
                continue;
            }
            fault("/allowed_hosts/" + std::to_string(i),
                  "found " + shown(name) + ", expected the name of a machine, without a port");
        }
    }

    void keys() {
        const Json& list = full_["api_keys"];
        for (std::size_t i = 0; i < list.size(); ++i) {
            if (!list[i].is_string()) continue;
            auto key = list[i].get<std::string>();
            if (std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7F'; })) {
                settings_.apiKeys.push_back(std::move(key));
                continue;
            }
            fault("/api_keys/" + std::to_string(i),
                  "found a space or another character that no header can carry, expected visible "
                  "ASCII characters only");
        }
    }

    const Json& given_;
    const Json full_;
    std::vector<Fault>& faults_;
    Settings settings_;
};

}  // namespace

Settings resolve(const Json& given, const std::filesystem::path& file, std::vector<Fault>& faults) {
    return Resolver(given, file, faults).run();
}

}  // namespace host::config
