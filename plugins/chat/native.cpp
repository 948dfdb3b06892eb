#include "chat/native.hpp"

#include <algorithm>
#include <array>

#include "chat/models.hpp"

namespace chat {

namespace {

using upstream::Json;

std::string textAt(const Json& object, const char* name) {
    if (!object.is_object()) return {};
    auto value = object.find(name);
    return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

// The list in a member of the whole; null when it has none.
const Json* listAt(const std::optional<Json>& whole, const char* name) {
    if (!whole || !whole->is_object()) return nullptr;
    auto list = whole->find(name);
    return list != whole->end() && list->is_array() ? &*list : nullptr;
}

// llama-server as a router: every model has a status, also the ones that are not in memory.
std::optional<std::vector<LoadedModel>> inRouter(std::string_view body) {
    const auto whole = upstream::parseJson(body);
    const Json* list = listAt(whole, "data");
    if (list == nullptr) return std::nullopt;
    bool router = false;
    std::vector<LoadedModel> loaded;
    for (const auto& model : *list) {
        auto status = model.is_object() ? model.find("status") : model.end();
        if (!model.is_object() || status == model.end()) continue;
        const std::string value = textAt(*status, "value");
        router = router || !value.empty();
        const std::string id = textAt(model, "id");
        if (value.empty() || value == "unloaded" || id.empty() || loaded.size() >= kMaxModels)
            continue;
        loaded.push_back({id, {id}});
    }
    if (!router) return std::nullopt;
    return loaded;
}

// LM Studio's API v1: `loaded_instances` of each model.
std::optional<std::vector<LoadedModel>> inLmStudio(std::string_view body) {
    const auto whole = upstream::parseJson(body);
    const Json* list = listAt(whole, "models");
    if (list == nullptr) return std::nullopt;
    std::vector<LoadedModel> loaded;
    for (const auto& model : *list) {
        const std::string key = textAt(model, "key");
        if (key.empty() || !model.contains("loaded_instances")) return std::nullopt;
        for (const auto& instance : model["loaded_instances"]) {
            const std::string id = textAt(instance, "id");
            if (!id.empty() && loaded.size() < kMaxModels) loaded.push_back({id, {id, key}});
        }
    }
    return loaded;
}

// Ollama's /api/ps lists what is loaded and nothing else.
std::optional<std::vector<LoadedModel>> inOllama(std::string_view body) {
    const auto whole = upstream::parseJson(body);
    if (!whole || !whole->is_object() || !whole->contains("models")) return std::nullopt;
    std::vector<LoadedModel> loaded;
    const Json* list = listAt(whole, "models");
    if (list == nullptr) return loaded;  // null: none
    for (const auto& model : *list) {
        const std::string name = textAt(model, "name");
        if (!name.empty() && loaded.size() < kMaxModels)
            loaded.push_back({name, {name, textAt(model, "model")}});
    }
    return loaded;
}

constexpr std::array<UnloadApi, 3> kApis{{
    {"llama-server", "/v1/models", "/models/unload", inRouter,
     [](const std::string& id) {
         return upstream::dump({{"model", id}});
     }},
    {"LM Studio", "/api/v1/models", "/api/v1/models/unload", inLmStudio,
     [](const std::string& id) {
         return upstream::dump({{"instance_id", id}});
     }},
    // Without a prompt nothing is written, and without a time to keep it alive it goes at once.
    {"Ollama", "/api/ps", "/api/generate", inOllama,
     [](const std::string& id) {
         return upstream::dump({{"model", id}, {"keep_alive", 0}, {"stream", false}});
     }},
}};

}  // namespace

std::span<const UnloadApi> unloadApis() {
    return kApis;
}

bool isCalled(const LoadedModel& model, std::string_view asked) {
    if (asked.empty()) return false;
    // Ollama finds a model whatever the case of its name.
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::ranges::any_of(model.names, [&](const std::string& name) {
        if (name.size() < asked.size() ||
            !std::ranges::equal(name.substr(0, asked.size()), asked, {}, lower, lower))
            return false;
        const std::string_view rest = std::string_view(name).substr(asked.size());
        if (rest.empty() || rest == ":latest") return true;
        return rest.size() > 1 && rest[0] == ':' &&
               std::all_of(rest.begin() + 1, rest.end(),
                           [](char c) { return c >= '0' && c <= '9'; });
    });
}

std::string serverRoot(std::string_view base) {
    const std::size_t slash = base.rfind('/');
    // Only a version is taken off, which apiBase puts there.
    if (slash != base.npos && slash + 1 < base.size() && base[slash + 1] == 'v')
        base = base.substr(0, slash);
    return std::string(base);
}

bool seesByShow(std::string_view body) {
    const auto whole = upstream::parseJson(body);
    const Json* list = listAt(whole, "capabilities");
    return list != nullptr && std::ranges::find(*list, Json("vision")) != list->end();
}

}  // namespace chat
