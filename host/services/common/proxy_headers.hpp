// Which header fields a proxy passes on, in both directions. Those that concern one connection only
// (hop by hop) never pass, neither do the ones that the front or the HTTP client sets itself. What
// else passes depends on whose server it is. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"
#include "support/http_client.hpp"

namespace host::services {

struct HeaderRules {
    // Our own service gets the client's credentials and, with the secret, its address. A foreign
    // server gets no cookie and nothing that holds one of `ownKeys`.
    bool ownService = false;
    std::string forwardSecret;         // for our own service; empty: its address does not travel
    std::string apiKey;                // for a foreign server: replaces the client's Authorization
    std::vector<std::string> ownKeys;  // keys of this host
};

HttpHeaders upstreamHeaders(const http::Request& request, const HeaderRules& rules);

struct DownstreamHead {
    http::Headers headers;
    std::optional<std::uint64_t> length;  // of the body, when the upstream said it
};
DownstreamHead downstreamHead(const HttpHeaders& answer, const HeaderRules& rules);

}  // namespace host::services
