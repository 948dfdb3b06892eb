// Where a browser finds the three services: under the name by which it reached this one, when they
// are on this machine. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "http/request.hpp"
#include "support/error.hpp"
#include "support/sync.hpp"

namespace host::services {

// `url` as the client that sent `request` can use it: an address that means "this machine" is
// replaced by the name in the request's Host field. Other addresses stay.
std::string asSeenBy(const http::Request& request, const std::string& url);

class Links {
  public:
    // `service` as in /health. A later URL replaces an earlier one.
    void set(const std::string& service, const std::string& url) IPL_EXCLUDES(mutex_);
    std::string get(const std::string& service) const IPL_EXCLUDES(mutex_);
    // {"dual_gen": "http://...", ...}: the services that are known.
    Json seenBy(const http::Request& request) const IPL_EXCLUDES(mutex_);

  private:
    mutable Mutex mutex_;
    std::vector<std::pair<std::string, std::string>> urls_ IPL_GUARDED_BY(mutex_);
};

}  // namespace host::services
