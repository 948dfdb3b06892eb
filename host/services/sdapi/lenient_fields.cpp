#include "services/sdapi/lenient_fields.hpp"

#include <cmath>

#include "services/common/bounded_json.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

constexpr double kLargest = 9007199254740991;  // beyond it a double is no whole number any more

}  // namespace

const Json* LenientFields::find(const char* name) const {
    const auto found = body_.find(name);
    return found == body_.end() || found->is_null() ? nullptr : &*found;
}

std::string LenientFields::text(const char* name, const std::string& fallback) {
    const Json* value = find(name);
    if (value == nullptr) return fallback;
    if (value->is_string()) return value->get<std::string>();
    if (value->is_number()) return value->dump();
    faults.emplace_back(name, "str type expected");
    return fallback;
}

std::optional<double> LenientFields::number(const char* name) {
    const Json* value = find(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_number()) return value->get<double>();
    if (value->is_string()) {
        const auto given = plainValue(value->get_ref<const std::string&>());
        if (given && given->is_number()) return given->get<double>();
    }
    faults.emplace_back(name, "value is not a valid float");
    return std::nullopt;
}

std::optional<std::int64_t> LenientFields::whole(const char* name) {
    if (const Json* value = find(name); value != nullptr && value->is_number_integer())
        return value->get<std::int64_t>();
    const std::size_t before = faults.size();
    const auto given = number(name);
    if (given && std::abs(*given) <= kLargest) return static_cast<std::int64_t>(*given);
    faults.resize(before);
    if (find(name) != nullptr) faults.emplace_back(name, "value is not a valid integer");
    return std::nullopt;
}

bool LenientFields::flag(const char* name, bool fallback) {
    const Json* value = find(name);
    if (value == nullptr) return fallback;
    if (value->is_boolean()) return value->get<bool>();
    if (value->is_number()) return value->get<double>() != 0;
    faults.emplace_back(name, "value could not be parsed to a boolean");
    return fallback;
}

}  // namespace host::services
