// Which web pages may use this host: those it served itself, and those of `allowed_origins`.
// Requests without an Origin header (curl, other services) are not a browser's cross-origin
// requests and pass. Immutable, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace host::http {

class OriginPolicy {
  public:
    explicit OriginPolicy(std::vector<std::string> allowed);

    // The answer instead of a handler's: a refusal, or the answer to a preflight. `allow` are the
    // path's methods. Nothing: go on.
    std::optional<Response> check(const Request& request, const std::string& allow) const;
    // Adds the headers that let a listed page read the answer.
    void decorate(const Request& request, Headers& headers) const;

  private:
    bool sameOrigin(const std::string& origin, const Request& request) const;
    bool listed(const std::string& origin) const;

    std::vector<std::string> allowed_;
    bool any_ = false;
};

}  // namespace host::http
