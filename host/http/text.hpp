// Text helpers that only HTTP needs; the general ones are in support/text.hpp. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host::http {

// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);
// A comma-separated header value holds that token, without regard to case.
bool hasToken(std::string_view list, std::string_view token);

bool hasControls(std::string_view text);  // bytes below 0x20, and 0x7f

// Replaces %XX; '+' becomes a space when asked. Nothing when an escape is malformed.
std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace);

// The value of a parameter such as `boundary` in "multipart/form-data; boundary=\"x\"": unquoted.
// The first one of that name counts; nothing when it is absent.
std::optional<std::string> headerParameter(std::string_view value, std::string_view name);

}  // namespace host::http
