// Passes requests on to one other server and its answers back, piece by piece: bodies are never
// collected, a client that leaves ends the upstream request, and an answer that breaks off cuts the
// client's connection, so that half an answer never looks whole. The server's address is fixed:
// nothing in a request can change it.
// Threads: forward() may be called from any number of them, on Lane::Slow only: it holds its thread
// until the answer is through. Errors: 502 when the server cannot be reached, 504 when it is too
// slow, 503 beyond maxAtOnce, 400 for a path that climbs.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"
#include "services/common/proxy_headers.hpp"

namespace host::services {

struct ProxyOptions {
    std::string name;  // for people, such as "the generator"
    std::string url;   // "http(s)://host:port", and a path if need be; no slash at the end
    HeaderRules headers;
    std::chrono::milliseconds answerWithin{60'000};  // up to the answer's head
    std::chrono::milliseconds idleLimit{60'000};     // between two pieces of its body
    unsigned maxAtOnce = 32;                         // requests under way
};

struct ProxyTraffic;

class Proxy {
  public:
    explicit Proxy(ProxyOptions options);
    ~Proxy();
    Proxy(const Proxy&) = delete;
    Proxy& operator=(const Proxy&) = delete;

    // Asks for `target` (path and query as they are to be sent, beginning with '/'). Takes the
    // request's body.
    http::Response forward(http::Request& request, std::string_view target);

  private:
    const ProxyOptions options_;
    const std::shared_ptr<ProxyTraffic> traffic_;
};

// A segment of the decoded path is "." or "..", whichever slash stands around it.
bool hasDotSegment(std::string_view path);

}  // namespace host::services
