// Keeps asking a server whether it is there, so that /health can tell without waiting for it.
// Threads: one of its own; state() from any, without blocking. start() and stop() by the owner.
#pragma once

#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>

#include "support/sync.hpp"

namespace host::services {

enum class UpstreamState {
    Disconnected,  // nobody answers
    Connected,     // answered with success
    Error,         // answered with anything else
};
// As /health spells it, such as "connected".
std::string_view upstreamWord(UpstreamState state);

class UpstreamProbe {
  public:
    // `url` is asked with GET. Disconnected until the first answer.
    UpstreamProbe(std::string url, std::chrono::milliseconds interval,
                  std::chrono::milliseconds timeout);
    ~UpstreamProbe();  // stops
    UpstreamProbe(const UpstreamProbe&) = delete;
    UpstreamProbe& operator=(const UpstreamProbe&) = delete;

    void start();
    void stop() IPL_EXCLUDES(mutex_);
    UpstreamState state() const { return state_.load(); }

  private:
    void run() IPL_EXCLUDES(mutex_);

    const std::string url_;
    const std::chrono::milliseconds interval_;
    const std::chrono::milliseconds timeout_;
    std::atomic<UpstreamState> state_{UpstreamState::Disconnected};
    std::atomic<bool> stopping_{false};
    Mutex mutex_;
    CondVar stopped_;
    std::thread thread_;
};

}  // namespace host::services
