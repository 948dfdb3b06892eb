// Turns at the vision model: so many at a time, the others wait in the order of their coming.
// Shared by the vision service and by prompts that are written from pictures.
// Thread-safe. A turn must end before the lane does.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "plugins/call.hpp"
#include "support/error.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

class VisionLane {
  public:
    // `maxWaiting`: of those who are not to wait behind more, see Crowd.
    VisionLane(int concurrency, std::size_t maxWaiting)
        : free_(concurrency), maxWaiting_(maxWaiting) {}

    // Holds the place until it is destroyed.
    class Turn {
      public:
        explicit Turn(VisionLane& lane) : lane_(&lane) {}
        Turn(Turn&& other) noexcept : lane_(std::exchange(other.lane_, nullptr)) {}
        Turn(const Turn&) = delete;
        Turn& operator=(const Turn&) = delete;
        Turn& operator=(Turn&&) = delete;
        ~Turn() {
            if (lane_ != nullptr) lane_->leave();
        }

      private:
        VisionLane* lane_;
    };

    // Bounded: refused when maxWaiting wait already. Patient: the lane's own workers, whose number
    // is bounded elsewhere.
    enum class Crowd { Bounded, Patient };

    // RefusingWork when too many wait, when `until` is over, or when it was cancelled meanwhile.
    Result<Turn> enter(Crowd crowd, std::chrono::steady_clock::time_point until,
                       const plugins::Cancellation& cancellation) IPL_EXCLUDES(mutex_);
    std::size_t waiting() const IPL_EXCLUDES(mutex_);

  private:
    void leave() IPL_EXCLUDES(mutex_);

    mutable Mutex mutex_;
    CondVar changed_;
    int free_ IPL_GUARDED_BY(mutex_);
    const std::size_t maxWaiting_;
    std::uint64_t nextTicket_ IPL_GUARDED_BY(mutex_) = 0;
    std::deque<std::uint64_t> queue_ IPL_GUARDED_BY(mutex_);  // tickets of those who wait
};

}  // namespace host::pipeline
