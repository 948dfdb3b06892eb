// Under which names this host may be called. A web page can let its own name lead to this machine
// (DNS rebinding); its requests are then of the same origin to the browser, and only the Host
// header tells. IP addresses and localhost cannot be taken over so. Immutable, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "http/response.hpp"

namespace host::http {

class HostPolicy {
  public:
    // `allowed`: names without a port; with none of them every name is answered.
    explicit HostPolicy(const std::vector<std::string>& allowed);

    // The refusal instead of a handler's answer. A request without a Host header is no browser's.
    std::optional<Response> check(const Request& request) const;

  private:
    std::vector<std::string> allowed_;
};

}  // namespace host::http
