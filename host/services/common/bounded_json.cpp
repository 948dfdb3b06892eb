#include "services/common/bounded_json.hpp"

#include <string>

#include "services/generator/raw_fields.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

// Members are looked up one after the other while they are added, so that many take long.
constexpr int kMostMembers = 5000;

struct TooMany {};

}  // namespace

Result<Json> parseObject(std::string_view body, int deepest) {
    bool tooDeep = false;
    int members = 0;
    Json parsed;
    try {
        parsed = Json::parse(
            body,
            [&](int depth, Json::parse_event_t event, Json&) {
                if (event == Json::parse_event_t::key && ++members > kMostMembers) throw TooMany();
                tooDeep = tooDeep || depth > deepest;
                return depth <= deepest;
            },
            false);
    } catch (const TooMany&) {
        return validationError(
            {{"body", "has more than " + std::to_string(kMostMembers) + " members"}});
    }
    if (tooDeep) {
        return validationError(
            {{"body", "is nested more than " + std::to_string(deepest) + " levels deep"}});
    }
    if (!parsed.is_object()) return validationError({{"body", "is not a JSON object"}});
    return parsed;
}

std::optional<Json> plainValue(std::string_view text) {
    constexpr std::size_t kLongest = 64;
    text = trim(text);
    if (text.empty() || text.size() > kLongest) return std::nullopt;
    Json value = Json::parse(text, nullptr, false);
    if (!value.is_number() && !value.is_boolean()) return std::nullopt;
    return value;
}

}  // namespace host::services
