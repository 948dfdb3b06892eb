// Reading and writing what a backend speaks over HTTP: bounded JSON, the text of error answers in
// their many shapes, data URLs. Pure functions, thread-safe; none trusts a byte of its input.
#pragma once

#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "ipl/error.hpp"
#include "ipl/http.hpp"
#include "ipl/views.hpp"

namespace upstream {

using Json = nlohmann::ordered_json;

// How much of an error text is kept.
inline constexpr std::size_t kErrorCharacters = 500;

// Nothing when it is not JSON, not UTF-8, or nested deeper than 64 levels.
std::optional<Json> parseJson(std::string_view text);
// Never throws: bytes that are not UTF-8 are replaced.
std::string dump(const Json& json);

// At most `characters` of it, as valid UTF-8 without control characters, white space trimmed.
std::string excerpt(std::string_view text, std::size_t characters = kErrorCharacters);
// What an `error` member says: a text, or an object with a message; empty when there is neither.
std::string errorText(const Json& error);
// The words of an error answer. An object under `error` holds them itself; a text there may be no
// more than a class (A1111's middleware, stable-diffusion.cpp's server), so that `detail` (also as
// FastAPI's list), `errors` and `message` go before it. Else the body itself.
std::string errorBodyText(std::string_view body);
// The Error for an answer that is no success: kBusy with retry_after_ms for 429 and 503, else
// kUpstream. `who` begins the message, such as "the endpoint".
ipl::Error errorOf(std::string_view who, int status, std::string_view body,
                   std::optional<std::string_view> retryAfter);

std::string dataUrl(const ipl::ImageInput& image);
// As one segment of a path: everything but letters, digits, '-', '_', '.' and '~' is escaped.
std::string pathSegment(std::string_view text);

}  // namespace upstream
