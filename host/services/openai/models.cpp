#include "services/openai/models.hpp"

#include "services/generator/raw_fields.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

// The API wants a time; endpoints have none.
constexpr std::int64_t kCreated = 1'700'000'000;

Json entry(const std::string& id) {
    return {{"id", id}, {"object", "model"}, {"created", kCreated}, {"owned_by", "image-pipeline"}};
}

Error unknown(const std::string& id) {
    Error error{ErrorCode::NotFound,
                "There is no model \"" + std::string(utf8Prefix(id, 100)) +
                    "\" here; GET /v1/models lists them, and \"any\" is whichever is free."};
    error.details = {{"code", "model_not_found"},
                     {"errors", {{{"field", "model"}, {"message", "is not known"}}}}};
    return error;
}

}  // namespace

Result<Json> endpointsOfModel(const Json& model, const GenerateRules& rules) {
    if (model.is_null()) return Json(kAnyModel);
    if (!model.is_string()) return validationError({{"model", "must be a string"}});
    const std::string wanted = model;
    if (wanted.empty() || wanted == kAnyModel) return Json(kAnyModel);
    for (const std::string& endpoint : rules.endpoints) {
        if (iequals(endpoint, wanted)) return Json::array({endpoint});
    }
    return unknown(wanted);
}

Json modelList(const GenerateRules& rules) {
    Json data = Json::array({entry(kAnyModel)});
    for (const std::string& endpoint : rules.endpoints)
        data.push_back(entry(endpoint));
    return {{"object", "list"}, {"data", std::move(data)}};
}

Result<Json> modelEntry(const std::string& id, const GenerateRules& rules) {
    const auto known = endpointsOfModel(id, rules);
    if (!known) return known.error();
    return entry(known->is_array() ? known->at(0).get<std::string>() : std::string(kAnyModel));
}

}  // namespace host::services
