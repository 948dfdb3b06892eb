// Circuit breaker of one endpoint. Closed: work flows. After kThreshold failures in a row that
// blame the endpoint it opens: no work for a cool-down that doubles from 5 s to 60 s. Then it is
// half open: one probe decides. An endpoint that is suspected to be away is asked at once, before
// more work is lost to it. Not thread-safe: its owner holds a lock.
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

    // Open or half open though it never failed often enough: by suspect() or ask().
    bool suspected() const { return suspected_; }

    void beginProbe() { state_ = State::HalfOpen; }

    // Of an endpoint that was not heard of for long: no work until a probe, which begins now.
    void ask(Time now) {
        state_ = State::HalfOpen;
        suspected_ = true;
        openedAt_ = now;
    }

    // Work succeeded, or somebody has made sure that the endpoint is well.
    void succeeded() {
        state_ = State::Closed;
        suspected_ = false;
        failures_ = 0;
        coolDown_ = kFirstCoolDown;
    }

    // Answering a probe is not yet working: what a suspicion was counted for still counts.
    void probeSucceeded() {
        if (!suspected_) return succeeded();
        state_ = State::Closed;
        suspected_ = false;
    }

    // The probe ended without an answer, such as by a cancel: another one may begin at once.
    void undecided(Time now) {
        if (state_ != State::HalfOpen) return;
        state_ = State::Open;
        probeAt_ = now;
    }

    // A failure of work that tells of an endpoint that is away: counts as one, and no more work
    // until a probe, due now, has decided.
    void suspect(Time now) {
        const bool wasClosed = closed();
        failed(now);
        if (!wasClosed || !closed()) return;
        state_ = State::Open;
        suspected_ = true;
        openedAt_ = now;
        probeAt_ = now;
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
        if (state_ == State::HalfOpen && !suspected_) {
            coolDown_ = std::min(coolDown_ * 2, kLongestCoolDown);
        }
        suspected_ = false;
        state_ = State::Open;
        probeAt_ = now + coolDown_;
    }

  private:
    State state_ = State::Closed;
    bool suspected_ = false;
    int failures_ = 0;
    std::chrono::seconds coolDown_ = kFirstCoolDown;
    Time openedAt_{};
    Time probeAt_{};
};

}  // namespace host::pipeline
