// Base64 (RFC 4648, standard alphabet). Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace host {

// White space is skipped and missing padding forgiven; anything else that is not base64 is refused.
std::optional<std::string> base64Decode(std::string_view text);
// The same with what stands from `begin` on in `text`, which becomes the bytes; false, and `text`
// holds anything, when that is no base64. Needs no memory, which is most of the time that large
// pictures take.
bool base64DecodeInPlace(std::string& text, std::size_t begin = 0);
// With padding, in one line.
std::string base64Encode(std::string_view bytes);

}  // namespace host
