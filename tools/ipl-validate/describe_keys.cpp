#include "describe_keys.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>

namespace validate {
namespace {

constexpr std::array<std::string_view, 4> kRoles{"start", "mask", "reference", "control"};
constexpr std::array<std::string_view, 3> kCancelWays{"immediate", "step", "none"};
constexpr std::array<std::string_view, 4> kSizeRules{"min_side", "max_side", "multiple_of",
                                                     "max_pixels"};

using Holds = bool (*)(const Json&);

bool isFlag(const Json& value) {
    return value.is_boolean();
}
bool isText(const Json& value) {
    return value.is_string();
}
bool isPositive(const Json& value) {
    return value.is_number() && value.get<double>() >= 1;
}
bool isCount(const Json& value) {
    return value.is_number_integer() && value.get<double>() >= 0;
}
bool isTextList(const Json& value) {
    return value.is_array() && std::all_of(value.begin(), value.end(), isText);
}
bool isRoleList(const Json& value) {
    return isTextList(value) && std::all_of(value.begin(), value.end(), [](const Json& role) {
               return std::find(kRoles.begin(), kRoles.end(), role.get<std::string>()) !=
                      kRoles.end();
           });
}
bool isRangeOrFalse(const Json& value) {
    if (value.is_boolean()) return !value.get<bool>();
    if (!value.is_object()) return false;
    const Json min = value.value("min", Json(0));
    const Json max = value.value("max", Json(1e9));
    if (!min.is_number() || !max.is_number() || min.get<double>() > max.get<double>()) return false;
    const Json usual = value.value("default", min);
    return usual.is_number() && usual.get<double>() >= min.get<double>() &&
           usual.get<double>() <= max.get<double>();
}
bool isSizeList(const Json& value) {
    return value.is_array() && std::all_of(value.begin(), value.end(), [](const Json& size) {
               return size.is_object() && isPositive(size.value("width", Json())) &&
                      isPositive(size.value("height", Json()));
           });
}
bool isSizeRules(const Json& value) {
    if (!value.is_object()) return false;
    for (const std::string_view rule : kSizeRules) {
        if (value.contains(rule) && !isPositive(value[std::string(rule)])) return false;
    }
    return !value.contains("min_side") || !value.contains("max_side") ||
           value["min_side"].get<double>() <= value["max_side"].get<double>();
}
bool isCancelWay(const Json& value) {
    return isText(value) && std::find(kCancelWays.begin(), kCancelWays.end(),
                                      value.get<std::string>()) != kCancelWays.end();
}

struct Key {
    const char* name;
    Holds holds;
    const char* form;
};

constexpr std::array<Key, 17> kKeys{{
    {"image_formats", isTextList, "a list of media types"},
    {"max_image_side", isPositive, "a number of pixels"},
    {"image_to_image", isFlag, "true or false"},
    {"input_roles", isRoleList, "a list of start, mask, reference, control"},
    {"max_inputs", isCount, "a number of pictures"},
    {"negative_prompt", isFlag, "true or false"},
    {"seed", isFlag, "true or false"},
    {"steps", isRangeOrFalse, "{\"min\": ..., \"max\": ...} or false"},
    {"guidance_scale", isRangeOrFalse, "{\"min\": ..., \"max\": ...} or false"},
    {"sizes", isSizeList, "a list of {\"width\": ..., \"height\": ...}"},
    {"size", isSizeRules, "an object of min_side, max_side, multiple_of, max_pixels"},
    {"model", isText, "a name"},
    {"models", isTextList, "a list of names"},
    {"progress", isFlag, "true or false"},
    {"previews", isFlag, "true or false"},
    {"cancel", isCancelWay, "one of immediate, step, none"},
    {"language_model", isFlag, "true or false"},
}};

}  // namespace

std::string faultsOfDescription(const Json& description) {
    std::string faults;
    for (const Key& key : kKeys) {
        const auto found = description.find(key.name);
        if (found == description.end() || found->is_null() || key.holds(*found)) continue;
        faults += (faults.empty() ? "" : "; ") + std::string(key.name) + " is not " + key.form +
                  ": " + found->dump().substr(0, 100);
    }
    return faults;
}

}  // namespace validate
