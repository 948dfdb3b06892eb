// Members of a plugin's settings. The host has held them against the schema already; what is
// checked here is what the code stands on. An absent or null member gives what is absent. Pure
// functions, thread-safe; each throws ipl::Error kInvalidArgument with the member's name for
// another type.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/upstream.hpp"

namespace upstream {

// The object that `create` gets as text; empty text is an empty object.
Json settingsObject(std::string_view text);

std::string textSetting(const Json& settings, const std::string& name);
bool flagSetting(const Json& settings, const std::string& name, bool absent);
std::optional<double> numberSetting(const Json& settings, const std::string& name);
// Not below `least`.
std::int64_t wholeSetting(const Json& settings, const std::string& name, std::int64_t least,
                          std::int64_t absent);
Json objectSetting(const Json& settings, const std::string& name);
// At most 32.
std::vector<std::string> textsSetting(const Json& settings, const std::string& name);

[[noreturn]] void wrongSetting(const std::string& name, const std::string& expected);

}  // namespace upstream
