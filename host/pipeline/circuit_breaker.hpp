// Circuit breaker of one endpoint. Closed: work flows. After kThreshold failures in a row that
// blame the endpoint it opens: no work for a cool-down that doubles from 5 s to 60 s. Then it is
// half open: one probe decides. Not thread-safe: its owner holds a lock.
#pragma once

#include <algorithm>
#include <chrono>

namespace host::pipeline {

class CircuitBreaker {
  public:
    using Time = std::chrono::steady_clock::time_point;
    enum class State { Closed, Open, HalfOpen };

    static constexpr int kThreshold = 3;
    static constexpr std::chrono::seconds kFirstCoolDown{5};
    static constexpr std::chrono::seconds kLongestCoolDown{60};

    State state() const { return state_; }
    bool closed() const { return state_ == State::Closed; }
    Time openedAt() const { return openedAt_; }
    Time probeAt() const { return probeAt_; }
    bool probeDue(Time now) const { return state_ == State::Open && now >= probeAt_; }

    void beginProbe() { state_ = State::HalfOpen; }

    void succeeded() {
        state_ = State::Closed;
        failures_ = 0;
        coolDown_ = kFirstCoolDown;
    }

    // Opens at once, whatever was counted.
    void trip(Time now) {
        failures_ = kThreshold;
        failed(now);
    }

    // A failure that blames the endpoint; of work, or of the probe.
    void failed(Time now) {
        ++failures_;
        if (state_ == State::Closed && failures_ < kThreshold) return;
        if (state_ == State::Closed) openedAt_ = now;
        if (state_ == State::HalfOpen) coolDown_ = std::min(coolDown_ * 2, kLongestCoolDown);
        state_ = State::Open;
        probeAt_ = now + coolDown_;
    }

  private:
    State state_ = State::Closed;
    int failures_ = 0;
    std::chrono::seconds coolDown_ = kFirstCoolDown;
    Time openedAt_{};
    Time probeAt_{};
};

}  // namespace host::pipeline
