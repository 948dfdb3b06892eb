// The three services on their ports. start() brings up those that the configuration names; stop()
// lets begun requests finish. To be used by one thread, the process's main one.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "http/front.hpp"
#include "http/server.hpp"
#include "services/context.hpp"
#include "services/generator/api.hpp"

namespace host::services {

struct Listening {
    std::string service;  // as in /health
    std::string url;
};

class Services {
  public:
    Services(Context context, http::Front& front);

    Status start();
    const std::vector<Listening>& listening() const { return listening_; }
    void stop(std::chrono::milliseconds grace);

  private:
    void addHealth(http::Router& router, const std::string& service);
    Status listen(const std::string& service, int port, std::shared_ptr<http::Router> router);

    const Context context_;
    http::Front& front_;
    GeneratorApi api_;
    std::vector<std::unique_ptr<http::Server>> servers_;
    std::vector<Listening> listening_;
    std::string
        generatorUrl_;  // set before the other services start; empty when it is switched off
};

}  // namespace host::services
