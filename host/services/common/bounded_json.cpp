#include "services/common/bounded_json.hpp"

#include <string>

#include "services/generator/raw_fields.hpp"

namespace host::services {

Result<Json> parseObject(std::string_view body, int deepest) {
    bool tooDeep = false;
    Json parsed = Json::parse(
        body,
        [&](int depth, Json::parse_event_t, Json&) {
            tooDeep = tooDeep || depth > deepest;
            return depth <= deepest;
        },
        false);
    if (tooDeep) {
        return validationError(
            {{"body", "is nested more than " + std::to_string(deepest) + " levels deep"}});
    }
    if (!parsed.is_object()) return validationError({{"body", "is not a JSON object"}});
    return parsed;
}

}  // namespace host::services
