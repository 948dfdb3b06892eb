// API keys: when config.json names some, routes under /api need one of them, as "Authorization:
// Bearer", "X-API-Key" or the cookie ipl_key (which the pages set, because pictures and event
// streams cannot send headers of their own).
#pragma once

#include <string>
#include <vector>

#include "http/router.hpp"

namespace host::services {

// `handler` behind the check; unchanged when no keys are configured.
http::Handler guarded(const std::vector<std::string>& keys, http::Handler handler);
// The same for a protocol whose clients know Basic alone: the password is the key, the name is
// free.
http::Handler guardedBasic(const std::vector<std::string>& keys, http::Handler handler);
// As guarded() for /images/{filename}: a signed link does as well as a key.
http::Handler guardedLink(const std::vector<std::string>& keys, http::Handler handler);
// As guarded() for a quick handler: without a known key it has no answer.
http::QuickHandler guardedQuick(const std::vector<std::string>& keys, http::QuickHandler handler);

}  // namespace host::services
