// Keeps asking the vision backend whether it can work, so that /health tells without waiting for a
// model server.
// Threads: one of its own from start() to stop(); everything else from any, without blocking.
#pragma once

#include <atomic>
#include <memory>
#include <string_view>
#include <thread>

#include "plugins/backend.hpp"
#include "support/sync.hpp"

namespace host::services {

class ModelHealth {
  public:
    enum class State { Disconnected, Connected, Error, Embedded };

    explicit ModelHealth(std::shared_ptr<plugins::VisionBackend> backend);
    ~ModelHealth() { stop(); }
    ModelHealth(const ModelHealth&) = delete;
    ModelHealth& operator=(const ModelHealth&) = delete;

    void start();
    void stop() IPL_EXCLUDES(mutex_);

    // Disconnected until the first probe is back.
    State state() const { return state_.load(); }
    // As /health spells it.
    static std::string_view word(State state);
    static bool isHealthy(State state) {
        return state == State::Connected || state == State::Embedded;
    }

  private:
    void run() IPL_EXCLUDES(mutex_);
    State probe(const std::shared_ptr<plugins::Cancellation>& cancellation);

    const std::shared_ptr<plugins::VisionBackend> backend_;
    const bool embedded_;
    std::atomic<State> state_{State::Disconnected};
    Mutex mutex_;
    CondVar changed_;
    std::shared_ptr<plugins::Cancellation> probing_ IPL_GUARDED_BY(mutex_);
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
    std::thread thread_;
};

}  // namespace host::services
