// The body of an error, in the shape of the protocol that the path belongs to: the contract's own,
// that of the OpenAI API below /v1/, or A1111's below /sdapi/ and /internal/. Pure, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "support/error.hpp"

namespace host::http {

std::string errorText(const Error& error, int status, const std::string& correlationId,
                      std::string_view path);

}  // namespace host::http
