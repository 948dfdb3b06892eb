// JSON of foreign bytes, of bounded depth. Pure, thread-safe.
#pragma once

#include <string_view>

#include "support/error.hpp"

namespace host::services {

// The object that `body` is. Error: Validation, of the field "body", for anything else and for what
// is nested deeper than `deepest`.
Result<Json> parseObject(std::string_view body, int deepest = 32);

}  // namespace host::services
