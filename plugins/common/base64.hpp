// Base64 of RFC 4648 as backends send and take it. Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace upstream {

// With padding, without line breaks.
std::string base64(std::string_view bytes);
// Takes a data URL's prefix off, skips line breaks and blanks, and does not ask for padding.
// Nothing when a character is of another alphabet.
std::optional<std::string> fromBase64(std::string_view text);

}  // namespace upstream
