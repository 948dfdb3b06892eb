// The running host: builds its parts in order, and takes them down in the reverse one. The order of
// the shutdown is: no new work, running items get their grace and are handed back, begun requests
// are answered, the result log is written out, the database is closed, plugins are destroyed. To be
// used by one thread at a time.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "config/load.hpp"
#include "services/services.hpp"
#include "support/error.hpp"

namespace host {

class Application {
  public:
    explicit Application(config::LoadResult configuration);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    // Faults of the configuration and of the plugins it names, all at once, sorted by line. Nothing
    // is loaded into this process.
    std::vector<config::Fault> check();
    // What shows only when the plugins are loaded and their instances created; all are taken down
    // again. After check() without faults, in place of start().
    std::vector<config::Fault> tryPlugins();

    Status start();
    const std::vector<services::Listening>& listening() const;
    void stop();

  private:
    struct Parts;
    std::unique_ptr<Parts> parts_;
};

}  // namespace host
