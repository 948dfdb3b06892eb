// Base64 (RFC 4648, standard alphabet). Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host {

// White space is skipped and missing padding forgiven; anything else that is not base64 is refused.
std::optional<std::string> base64Decode(std::string_view text);

}  // namespace host
