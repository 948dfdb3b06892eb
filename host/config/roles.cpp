#include "config/roles.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "config/load.hpp"
#include "config/schema.hpp"
#include "support/text.hpp"

namespace host::config {

namespace {

constexpr char kChat[] = "chat";
constexpr char kEndpoint[] = "endpoint";

void fault(std::vector<Fault>& faults, const std::string& pointer, std::string message) {
    faults.push_back({0, pointer, std::move(message), false});
}

// True when one of the faults lies at `pointer` or inside it.
bool isFaulty(const std::vector<Fault>& faults, const std::string& pointer) {
    return std::any_of(faults.begin(), faults.end(), [&pointer](const Fault& one) {
        if (one.warning || !one.pointer.starts_with(pointer)) return false;
        return one.pointer.size() == pointer.size() || one.pointer[pointer.size()] == '/';
    });
}

bool isUrl(std::string_view text) {
    for (const std::string_view scheme : {"http://", "https://"}) {
        if (!iequals(text.substr(0, scheme.size()), scheme)) continue;
        const std::string_view rest = text.substr(scheme.size());
        const auto isBad = [](char c) { return c <= ' ' || c == '\x7F' || c == '?' || c == '#'; };
        return !rest.empty() && rest.front() != '/' && rest.front() != ':' &&
               std::none_of(rest.begin(), rest.end(), isBad);
    }
    return false;
}

// Without the slashes and the /v1 that people may or may not write.
std::string serverUrl(std::string_view url) {
    url = trim(url);
    const auto dropSlashes = [&url] {
        while (url.ends_with('/'))
            url.remove_suffix(1);
    };
    dropSlashes();
    if (url.ends_with("/v1")) url.remove_suffix(3);
    dropSlashes();
    return std::string(url);
}

// The text of a key that has a second name: {value, pointer of the one that is set}.
std::pair<std::string, std::string> eitherOf(const Json& full, const char* key, const char* other,
                                             std::string (*normal)(std::string_view),
                                             std::vector<Fault>& faults) {
    const std::string first = normal(full[key].get<std::string>());
    const std::string second = normal(full[other].get<std::string>());
    if (!first.empty() && !second.empty() && first != second) {
        fault(faults, std::string("/") + other,
              "found " + shown(second) + " here and " + shown(first) + " in \"" + key +
                  "\", another name for the same, expected one of them");
    }
    if (first.empty() && !second.empty()) return {second, std::string("/") + other};
    return {first, std::string("/") + key};
}

std::string textOf(const Json& settings, const char* key) {
    const auto at = settings.find(key);
    return at != settings.end() && at->is_string() ? at->get<std::string>() : "";
}

bool isPluginId(std::string_view id) {
    return std::all_of(id.begin(), id.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-';
    });
}

// What roles and endpoints have in common.
PluginUse pluginUse(const Json& full, const std::string& pointer, std::vector<Fault>& faults) {
    PluginUse use;
    use.plugin = full["plugin"].get<std::string>();
    use.settings = full["settings"];
    use.concurrency = full["concurrency"].get<int>();
    use.timeout = std::chrono::seconds(full["timeout_seconds"].get<int>());
    use.pointer = pointer;
    use.settingsPointer = pointer + "/settings";
    if (!isPluginId(use.plugin)) {
        fault(faults, pointer + "/plugin",
              "found " + shown(use.plugin) +
                  ", expected the id of a plugin: letters, digits, '.', '_' and '-'");
    }
    return use;
}

struct ModelServer {
    std::string url;
    std::string model;
    std::string pointer;  // of the key that names the server
};

// `plugin` is empty in a role that cannot be used.
PluginUse role(const Json& given, const Json& full, const std::string& name,
               const ModelServer& server, std::vector<Fault>& faults) {
    const std::string pointer = '/' + name;
    PluginUse use = pluginUse(full[name], pointer, faults);
    const bool named = given.contains(name);
    const bool choosesPlugin = named && given[name].contains("plugin");
    if (!choosesPlugin && !server.url.empty()) use.plugin = kChat;
    if (!named) {
        use.pointer = server.url.empty() ? "" : server.pointer;
        use.settingsPointer = use.pointer;
    }
    if (use.plugin == kChat) {
        if (!use.settings.contains("url") && !server.url.empty()) use.settings["url"] = server.url;
        if (!use.settings.contains("model") && !server.model.empty()) {
            use.settings["model"] = server.model;
        }
    }
    if (isFaulty(faults, pointer) || (use.plugin == kChat && isFaulty(faults, server.pointer))) {
        use.plugin.clear();
    }
    return use;
}

bool isHost(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](unsigned char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               c == '.' || c == '_' || c == '-' || c == ':' || c == '%';
    });
}

// Valid UTF-8 is certain here: C0, DEL and C1.
bool hasControl(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto c = static_cast<unsigned char>(text[i]);
        if (c < 0x20 || c == 0x7F) return true;
        if (c == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) {
            return true;
        }
    }
    return false;
}

void checkName(const std::string& name, const std::string& pointer, std::vector<Fault>& faults) {
    const std::string at = pointer + "/name";
    if (trim(name).empty()) {
        fault(faults, at, "found " + shown(name) + ", expected a name that is not blank");
    } else if (hasControl(name)) {
        fault(faults, at, "found a control character in " + shown(name) + ", expected none");
    } else if (iequals(name, "all") || iequals(name, "any")) {
        fault(faults, at,
              "found " + shown(name) +
                  ", which requests use for a choice of endpoints, expected another name");
    } else if (name.find(',') != std::string::npos || trim(name) != name) {
        faults.push_back(
            {0, at,
             "found " + shown(name) + ": forms that list endpoints by commas cannot name this one",
             true});
    }
}

// ip and port may stand beside the plugin or in its settings.
void resolveMachine(const Json& given, EndpointSettings& endpoint, std::vector<Fault>& faults) {
    if (endpoint.plugin != kEndpoint) {
        for (const char* key : {"ip", "port"}) {
            if (!given.contains(key)) continue;
            fault(faults, endpoint.pointer + '/' + key,
                  "found it beside the plugin " + shown(endpoint.plugin) +
                      ", expected it with the plugin \"endpoint\" only");
        }
        return;
    }
    Json& settings = endpoint.settings;
    if (!given.contains("settings")) endpoint.settingsPointer = endpoint.pointer;
    for (const char* key : {"ip", "port"}) {
        if (given.contains(key)) {
            if (settings.contains(key) && settings[key] != given[key]) {
                fault(faults, endpoint.pointer + '/' + key,
                      "found another value than in \"settings\", expected it in one place");
            }
            settings[key] = given[key];
        } else if (!settings.contains(key) && !isFaulty(faults, endpoint.pointer + '/' + key)) {
            fault(faults, endpoint.pointer,
                  "found no \"" + std::string(key) + "\", expected " +
                      (key == std::string_view("ip") ? "an address or a host name"
                                                     : "an integer 1-65535"));
        }
    }
    if (const std::string ip = textOf(settings, "ip"); !ip.empty()) {
        endpoint.ip = ip;
        const std::string at = given.contains("ip") ? "/ip" : "/settings/ip";
        if (!isHost(ip)) {
            fault(faults, endpoint.pointer + at,
                  "found " + shown(ip) + ", expected an address or a host name");
        }
    }
    const auto port = settings.find("port");
    if (port != settings.end() && port->is_number_integer()) {
        // A port out of range is the plugin's schema to report when it stands in its settings.
        const auto number = port->get<std::int64_t>();
        if (number >= 1 && number <= 65535) endpoint.port = static_cast<int>(number);
    }
}

// Which endpoints draw on the GPU of the language model: all of them when none is named.
void resolveGpu(const Json& prompt, Settings& settings, std::vector<Fault>& faults) {
    const Json& names = prompt["shares_gpu_with"];
    const bool frees = prompt["release_gpu_before_drawing"].get<bool>();
    if (!frees && !names.empty()) {
        faults.push_back({0, "/prompt/shares_gpu_with",
                          "found it without \"release_gpu_before_drawing\": it changes nothing",
                          true});
    }
    for (EndpointSettings& endpoint : settings.endpoints)
        endpoint.sharesGpu = frees && names.empty();
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (!names[i].is_string()) continue;
        const auto name = names[i].get<std::string>();
        const auto found =
            std::find_if(settings.endpoints.begin(), settings.endpoints.end(),
                         [&name](const EndpointSettings& one) { return one.name == name; });
        if (found != settings.endpoints.end()) {
            found->sharesGpu = frees;
        } else if (!isFaulty(faults, "/endpoints")) {
            fault(faults, "/prompt/shares_gpu_with/" + std::to_string(i),
                  "found " + shown(name) + ", expected the name of an endpoint");
        }
    }
}

std::string keyFor(const PluginUse& use, const std::string& url) {
    if (use.plugin != kChat || url.empty()) return "";
    return serverUrl(textOf(use.settings, "url")) == url ? textOf(use.settings, "api_key") : "";
}

}  // namespace

void resolveRoles(const Json& given, const Json& full, Settings& settings,
                  std::vector<Fault>& faults) {
    const auto asIs = [](std::string_view text) { return std::string(trim(text)); };
    const auto [url, urlPointer] = eitherOf(full, "lm_studio_url", "llm_url", serverUrl, faults);
    const auto [model, modelPointer] = eitherOf(full, "lm_studio_model", "llm_model", asIs, faults);
    if (!url.empty() && !isUrl(url)) {
        fault(faults, urlPointer,
              "found " + shown(url) + ", expected a URL such as \"http://localhost:1234\"");
    }
    const std::string visionModel = asIs(full["vision_model"].get<std::string>());

    settings.prompt = role(given, full, "prompt", {url, model, urlPointer}, faults);
    const bool promptChats = settings.prompt.plugin == kChat;
    settings.vision = role(given, full, "vision",
                           {url, visionModel.empty() ? model : visionModel, urlPointer}, faults);
    const bool visionChats = settings.vision->plugin == kChat;

    settings.modelServerUrl = url;
    settings.defaultModel = model;
    settings.visionModel = visionModel;
    if (promptChats) {
        if (url.empty())
            settings.modelServerUrl = serverUrl(textOf(settings.prompt.settings, "url"));
        const std::string its = textOf(settings.prompt.settings, "model");
        if (!its.empty()) settings.defaultModel = its;
    }
    if (visionChats) {
        const Json& its = settings.vision->settings;
        if (settings.modelServerUrl.empty())
            settings.modelServerUrl = serverUrl(textOf(its, "url"));
        if (const std::string name = textOf(its, "model"); !name.empty())
            settings.visionModel = name;
    }
    // Never the key of one server to another one.
    settings.modelServerKey = keyFor(settings.prompt, settings.modelServerUrl);
    if (settings.modelServerKey.empty() && settings.vision) {
        settings.modelServerKey = keyFor(*settings.vision, settings.modelServerUrl);
    }
    if (settings.visionModel.empty()) settings.visionModel = settings.defaultModel;
    if (settings.vision && settings.vision->plugin.empty()) settings.vision.reset();
}

void resolveEndpoints(const Json& given, const Json& full, Settings& settings,
                      std::vector<Fault>& faults) {
    Json list = full["endpoints"];
    bool fromFile = given.contains("endpoints");
    if (fromFile && list.empty()) {
        faults.push_back({0, "/endpoints",
                          "found an empty list: drawing with the embedded sketches instead", true});
        Json without = given;
        without.erase("endpoints");
        list = withDefaults(configSchema(), std::move(without))["endpoints"];
        fromFile = false;
    }
    std::map<std::string, std::string> seen;  // name in lower case -> pointer
    for (std::size_t i = 0; i < list.size(); ++i) {
        if (!list[i].is_object()) continue;
        const std::string pointer = "/endpoints/" + std::to_string(i);
        EndpointSettings endpoint;
        static_cast<PluginUse&>(endpoint) = pluginUse(list[i], pointer, faults);
        endpoint.name = list[i].value("name", "Endpoint " + std::to_string(i + 1));
        endpoint.learnTimeout = list[i].value("learn_timeout", endpoint.learnTimeout);
        endpoint.promptDialect = list[i].value("prompt_dialect", endpoint.promptDialect);
        const bool named = !isFaulty(faults, pointer + "/name");
        if (named) checkName(endpoint.name, pointer, faults);
        const auto [first, isNew] = seen.try_emplace(toLower(endpoint.name), pointer);
        if (named && !isNew) {
            fault(faults, pointer + "/name",
                  "found " + shown(endpoint.name) + ", the name of " + first->second +
                      " too, expected a name of its own for each endpoint");
        }
        resolveMachine(fromFile ? given["endpoints"][i] : list[i], endpoint, faults);
        if (isFaulty(faults, pointer)) continue;
        if (!fromFile) endpoint.pointer = endpoint.settingsPointer = "";
        settings.endpoints.push_back(std::move(endpoint));
    }
    resolveGpu(full["prompt"], settings, faults);
}

}  // namespace host::config
