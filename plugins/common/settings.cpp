#include "common/settings.hpp"

namespace upstream {

namespace {

constexpr std::size_t kMaxTexts = 32;

// Null when it is not there.
const Json* member(const Json& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() || found->is_null() ? nullptr : &*found;
}

}  // namespace

void wrongSetting(const std::string& name, const std::string& expected) {
    throw ipl::Error(ipl::Status::kInvalidArgument, expected, "/" + name);
}

Json settingsObject(std::string_view text) {
    auto json = parseJson(text.empty() ? "{}" : text);
    if (!json || !json->is_object())
        throw ipl::Error(ipl::Status::kInvalidArgument, "the settings are not a JSON object");
    return std::move(*json);
}

std::string textSetting(const Json& settings, const std::string& name) {
    const Json* value = member(settings, name);
    if (value == nullptr) return {};
    if (!value->is_string()) wrongSetting(name, "expected a text");
    return value->get<std::string>();
}

bool flagSetting(const Json& settings, const std::string& name, bool absent) {
    const Json* value = member(settings, name);
    if (value == nullptr) return absent;
    if (!value->is_boolean()) wrongSetting(name, "expected true or false");
    return value->get<bool>();
}

std::optional<double> numberSetting(const Json& settings, const std::string& name) {
    const Json* value = member(settings, name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) wrongSetting(name, "expected a number");
    return value->get<double>();
}

std::int64_t wholeSetting(const Json& settings, const std::string& name, std::int64_t least,
                          std::int64_t absent) {
    const Json* value = member(settings, name);
    if (value == nullptr) return absent;
    if (!value->is_number_integer() || *value < least)
        wrongSetting(name, "expected a whole number of at least " + std::to_string(least));
    return value->get<std::int64_t>();
}

Json objectSetting(const Json& settings, const std::string& name) {
    const Json* value = member(settings, name);
    if (value == nullptr) return Json::object();
    if (!value->is_object()) wrongSetting(name, "expected an object");
    return *value;
}

std::vector<std::string> textsSetting(const Json& settings, const std::string& name) {
    std::vector<std::string> texts;
    const Json* value = member(settings, name);
    if (value == nullptr) return texts;
    if (!value->is_array() || value->size() > kMaxTexts)
        wrongSetting(name, "expected a list of at most 32 texts");
    for (const Json& each : *value) {
        if (!each.is_string()) wrongSetting(name, "expected a list of texts");
        texts.push_back(each.get<std::string>());
    }
    return texts;
}

}  // namespace upstream
