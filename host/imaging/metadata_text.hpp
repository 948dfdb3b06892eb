// Text out of picture files, made fit for JSON: whatever its bytes, valid UTF-8 without NUL comes
// out, and JSON of any depth is looked at before it is parsed. Pure functions, thread-safe.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace host::imaging {

// JSON whose objects find their keys fast: a hostile one may have very many.
using FoundJson = nlohmann::json;

// UTF-8 as it is, without NUL; what is no UTF-8 is taken for Latin-1.
std::string cleanText(std::string_view bytes);
// An odd byte at the end is left out, a lone surrogate becomes U+FFFD.
std::string fromUtf16(std::string_view bytes, bool bigEndian);
// Invalid UTF-8 becomes U+FFFD.
std::string toUtf16(std::string_view utf8);  // big endian

// Nothing when it is no JSON or nested deeper than any real one. NaN and Infinity, which Python
// writes, become null.
std::optional<FoundJson> parseFound(std::string_view text);

std::string textOf(const FoundJson& object, const char* key);
std::optional<double> numberOf(const FoundJson& object, const char* key);
std::optional<std::int64_t> integerOf(const FoundJson& object, const char* key);

}  // namespace host::imaging
