// What people's words in an error say.
#pragma once

#include <string_view>

#include "ipl/error.hpp"

namespace upstream {

// Whether `text` holds `words`, ASCII letters in either case.
bool speaksOf(std::string_view text, std::string_view words);

// What an answer of that code and text means, of a server that draws: kOutOfMemory; kUnsupported
// for what another server may do, which are a model that is not there and whatever it refuses in a
// request (400, 422); else kUpstream.
ipl::Status refusalStatus(int code, std::string_view text);

}  // namespace upstream
