#include "settings.hpp"

#include <algorithm>

namespace validate {
namespace {

constexpr int kMaxDepth = 16;

bool isRequired(const Json& schema, const std::string& key) {
    const auto required = schema.find("required");
    return required != schema.end() && required->is_array() &&
           std::find(required->begin(), required->end(), Json(key)) != required->end();
}

void fill(const Json& schema, const std::string& pointer, int depth, Json& settings,
          std::string& missing) {
    const auto properties = schema.is_object() ? schema.find("properties") : schema.end();
    if (properties == schema.end() || !properties->is_object() || depth > kMaxDepth) return;
    for (const auto& [key, property] : properties->items()) {
        if (!property.is_object()) continue;
        const std::string here = pointer + "/" + key;
        if (property.contains("default")) {
            settings[key] = property["default"];
        } else if (property.contains("properties")) {
            Json inner = Json::object();
            fill(property, here, depth + 1, inner, missing);
            if (!inner.empty() || isRequired(schema, key)) settings[key] = inner;
        } else if (isRequired(schema, key)) {
            const auto examples = property.find("examples");
            if (examples != property.end() && examples->is_array() && !examples->empty()) {
                settings[key] = examples->front();
            } else if (missing.empty()) {
                missing = here;
            }
        }
    }
}

}  // namespace

DefaultSettings defaultsOf(const Json& schema) {
    DefaultSettings result;
    fill(schema, "", 0, result.settings, result.missing);
    return result;
}

}  // namespace validate
