// JSON of foreign bytes, of bounded depth and number of members. Pure, thread-safe.
#pragma once

#include <optional>
#include <string_view>

#include "support/error.hpp"

namespace host::services {

// The object that `body` is. Error: Validation, of the field "body", for anything else and for what
// is nested deeper than `deepest` or has more than 5,000 members in all.
Result<Json> parseObject(std::string_view body, int deepest = 32);

// The number or the boolean that a text of at most 64 bytes stands for, as JSON spells it.
std::optional<Json> plainValue(std::string_view text);

}  // namespace host::services
