// Holds what a host answers against docs/openapi.json: the route and its method are described
// there, and so are the status, the type and the shape of the answer. Every answer that an
// HttpClient gets from a HostProcess is checked by itself; a fault fails the running test.
// Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "common/http_client.hpp"

namespace test {

// While it lives, answers from `port` of this machine are those of `service` (as in /health).
class ServicePort {
  public:
    ServicePort(int port, std::string service);
    ~ServicePort();
    ServicePort(const ServicePort&) = delete;
    ServicePort& operator=(const ServicePort&) = delete;

  private:
    int port_;
};

// "" when nothing is known to listen there.
std::string serviceAt(int port);

// What is wrong with an answer; nothing when it is as described. `target` is the path with its
// query.
std::optional<std::string> apiFault(const std::string& service, const std::string& method,
                                    const std::string& target, const HttpAnswer& answer);

// Fails the running test when what came from `port` is not as described; says nothing where no
// service is known to listen.
void expectDescribed(int port, const std::string& method, const std::string& target,
                     const HttpAnswer& answer);

// "GET /api/v1/jobs" and so on: what the document describes for a service.
std::vector<std::string> describedRoutes(const std::string& service);

}  // namespace test
