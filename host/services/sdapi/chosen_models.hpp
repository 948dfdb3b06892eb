// Which model each client chose with POST /sdapi/v1/options. A1111 has one for all; here nobody
// changes another's. By address, of the latest kMost clients, until the host ends. Thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <utility>

#include "support/sync.hpp"

namespace host::services {

class ChosenModels {
  public:
    static constexpr std::size_t kMost = 1000;

    void choose(const std::string& client, const std::string& model) IPL_EXCLUDES(mutex_);
    // "any" for a client that never chose.
    std::string of(const std::string& client) const IPL_EXCLUDES(mutex_);

  private:
    mutable Mutex mutex_;
    std::list<std::pair<std::string, std::string>> latest_ IPL_GUARDED_BY(mutex_);  // newest first
};

}  // namespace host::services
