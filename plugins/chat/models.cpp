#include "chat/models.hpp"

#include "common/upstream.hpp"

namespace chat {

namespace {

using upstream::Json;

std::string stringAt(const Json& object, const char* name) {
    auto value = object.find(name);
    return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

ModelEntry entryOf(const Json& json) {
    ModelEntry entry;
    if (json.is_string()) entry.id = json.get<std::string>();
    if (!json.is_object()) return entry;
    for (const char* name : {"id", "key", "name", "model"}) {
        entry.id = stringAt(json, name);
        if (!entry.id.empty()) break;
    }
    // llama-server as a router, LM Studio's older and newer native lists.
    auto status = json.find("status");
    auto instances = json.find("loaded_instances");
    entry.loaded =
        stringAt(json, "state") == "loaded" ||
        (status != json.end() && status->is_object() && stringAt(*status, "value") == "loaded") ||
        (instances != json.end() && instances->is_array() && !instances->empty());
    entry.embedding =
        stringAt(json, "type").starts_with("embedding") || entry.id.find("embed") != entry.id.npos;
    return entry;
}

const Json* listIn(const Json& json) {
    if (json.is_array()) return &json;
    for (const char* name : {"data", "models"}) {
        auto list = json.find(name);
        if (list != json.end() && list->is_array() && !list->empty()) return &*list;
    }
    return nullptr;
}

}  // namespace

std::vector<ModelEntry> parseModels(std::string_view body) {
    auto json = upstream::parseJson(body);
    if (!json || (!json->is_object() && !json->is_array()))
        throw ipl::Error(ipl::Status::kBadOutput,
                         "the list of models is not valid JSON: " + upstream::excerpt(body));
    std::vector<ModelEntry> models;
    const Json* list = listIn(*json);
    if (list == nullptr) return models;
    for (const auto& item : *list) {
        if (models.size() == kMaxModels) break;
        auto entry = entryOf(item);
        if (!entry.id.empty()) models.push_back(std::move(entry));
    }
    return models;
}

std::string defaultModel(const std::vector<ModelEntry>& models) {
    const ModelEntry* best = nullptr;
    for (const auto& model : models) {
        if (model.embedding) continue;
        if (best == nullptr || (model.loaded && !best->loaded)) best = &model;
    }
    return best == nullptr ? "" : best->id;
}

std::string modelsJson(const std::vector<ModelEntry>& models) {
    Json data = Json::array();
    for (const auto& model : models)
        data.push_back({{"id", model.id}});
    return upstream::dump({{"data", std::move(data)}});
}

}  // namespace chat
