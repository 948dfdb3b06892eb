// Links to pictures that need no key for an hour: for clients that cannot send one, such as an
// <img> in somebody else's page. Signed with an API key, so they end with it, and outlive a
// restart. Pure but for the clock, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "http/request.hpp"

namespace host::services {

// "?expires=SECONDS&signature=HEX" for /images/FILENAME.
std::string signedQuery(const std::string& key, const std::string& filename);

// Whether a request for /images/{filename} has such a query, made with one of the keys, that is
// still good.
bool isSigned(const std::vector<std::string>& keys, const http::Request& request);

}  // namespace host::services
