// A small part of JSON Schema, enough for settings that people write by hand: type, properties,
// required, additionalProperties: false, items, minItems, maxItems, enum, minimum, maximum,
// minLength, maxLength (code points), default; description is ignored. An integer is written
// without a fraction.
//
// Pure functions, thread-safe. Neither a wrong schema nor a wrong value throws: keywords of the
// wrong type are ignored, so check a schema of foreign origin with schemaFault() first.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.hpp"

namespace host::config {

struct SettingsFault {
    std::string pointer;   // JSON pointer: the prefix, then the place inside the value
    std::string message;   // what was found and what was expected; never the value of a secret
    bool warning = false;  // an unknown key that the schema does not forbid
};

// Every fault of `value`, in its own order. An unknown key that is close to a known one is a fault
// that names it; any other is a fault with `additionalProperties: false`, else a warning. Objects
// whose schema lists no properties, or that say `additionalProperties: true`, take any key.
std::vector<SettingsFault> validateSettings(const Json& schema, const Json& value,
                                            const std::string& pointerPrefix);

// `value` with the schema's defaults for what is absent, in nested objects that are present too.
Json withDefaults(const Json& schema, Json value);

// Why this is no usable schema (unknown type name, keyword of a wrong type, nested too deep), if
// so. Keywords beyond the subset are accepted and not enforced.
std::optional<std::string> schemaFault(const Json& schema);

// One key or index as a part of a JSON pointer, with its slash: "/a~1b".
std::string pointerPart(std::string_view key);

// The known name that somebody who wrote `name` most likely meant; empty when none is near.
std::string_view nearestName(std::string_view name, const std::vector<std::string_view>& known);

}  // namespace host::config
