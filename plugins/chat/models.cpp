#include "chat/models.hpp"

#include <algorithm>
#include <set>

#include "common/upstream.hpp"

namespace chat {

namespace {

using upstream::Json;

std::string stringAt(const Json& object, const char* name) {
    auto value = object.find(name);
    return value != object.end() && value->is_string() ? value->get<std::string>() : "";
}

bool holdsAny(const Json& list, std::initializer_list<const char*> words) {
    return list.is_array() && std::ranges::any_of(list, [&](const Json& word) {
               return std::ranges::any_of(words, [&](const char* one) { return word == one; });
           });
}

// `capabilities`: a list of words (llama-server, Ollama) or an object of flags (LM Studio);
// llama-server as a router names the modalities.
bool canSee(const Json& json) {
    const Json capabilities = json.value("capabilities", Json());
    const Json architecture = json.value("architecture", Json());
    if (capabilities.is_object() && capabilities.value("vision", Json()) == true) return true;
    if (holdsAny(capabilities, {"multimodal", "vision"})) return true;
    return architecture.is_object() &&
           holdsAny(architecture.value("input_modalities", Json()), {"image"});
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
    entry.ownedBy = stringAt(json, "owned_by");
    auto created = json.find("created");
    if (created != json.end() && created->is_number_integer())
        entry.created = created->get<std::int64_t>();
    entry.vision = stringAt(json, "type") == "vlm" || canSee(json);
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

// llama-server says what a model can do in the other one of its two lists.
void addSight(std::vector<ModelEntry>& models, const Json& json) {
    if (!json.is_object()) return;
    auto list = json.find("models");
    if (list == json.end() || !list->is_array()) return;
    std::set<std::string> seeing;
    for (const auto& item : *list) {
        if (seeing.size() == kMaxModels) break;
        if (auto entry = entryOf(item); entry.vision) seeing.insert(entry.id);
    }
    for (auto& model : models)
        model.vision = model.vision || seeing.contains(model.id);
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
    addSight(models, *json);
    return models;
}

bool addKnown(std::vector<ModelEntry>& models, const std::vector<ModelEntry>& native) {
    bool any = false;
    for (auto& model : models) {
        const auto known = std::ranges::find(native, model.id, &ModelEntry::id);
        if (known == native.end()) continue;
        any = true;
        model.loaded = model.loaded || known->loaded;
        model.embedding = model.embedding || known->embedding;
        model.vision = model.vision || known->vision;
    }
    return any;
}

std::string defaultModel(const std::vector<ModelEntry>& models, bool forVision) {
    const auto rank = [forVision](const ModelEntry& model) {
        return (forVision && model.vision ? 2 : 0) + (model.loaded ? 1 : 0);
    };
    const ModelEntry* best = nullptr;
    for (const auto& model : models) {
        if (model.embedding) continue;
        if (best == nullptr || rank(model) > rank(*best)) best = &model;
    }
    return best == nullptr ? "" : best->id;
}

std::string modelsJson(const std::vector<ModelEntry>& models) {
    Json data = Json::array();
    for (const auto& model : models) {
        Json entry{{"id", model.id}};
        if (model.created) entry["created"] = *model.created;
        if (!model.ownedBy.empty()) entry["owned_by"] = model.ownedBy;
        data.push_back(std::move(entry));
    }
    return upstream::dump({{"data", std::move(data)}});
}

}  // namespace chat
