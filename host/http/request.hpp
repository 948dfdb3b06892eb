// One complete HTTP request as a handler sees it: head parsed, path decoded, body whole in memory.
// A plain value that belongs to the thread that runs the handler; a handler may move the body out.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "http/fields.hpp"

namespace host::http {

struct Request {
    std::string method;     // as sent, such as "GET"; HEAD stays "HEAD" on GET routes
    std::string path;       // percent-decoded, valid UTF-8, begins with '/', no control characters
    std::string rawTarget;  // path and query exactly as sent, for proxies: begins with '/'
    Params query;           // decoded, valid UTF-8, repeated names kept
    Headers headers;        // names compared without case
    std::string body;       // de-chunked
    std::string correlationId;  // always set and sane
    std::string clientAddress;  // numeric address without port; see ServerOptions::forwardSecret
    Params pathParams;          // what the route's {name} segments matched
    bool legacy = false;        // came by the /api/X spelling of /api/v1/X
    std::uint16_t localPort = 0;
    // Asks whether the client closed its side; for handlers that wait for others. Set on workers;
    // may be called, a copy as well, until the answer is out, be it a streamed one.
    std::function<bool()> askClientGone;

    bool clientGone() const { return askClientGone && askClientGone(); }

    // A header's first value, empty when absent.
    std::string header(std::string_view name) const { return headers.get(name); }
    // A path parameter; empty when the route has none of that name.
    std::string pathParam(std::string_view name) const { return pathParams.get(name); }
    // The media type of the body in lower case without parameters, such as "application/json".
    std::string contentType() const;
};

}  // namespace host::http
