#include "pipeline/vision_lane.hpp"

#include <algorithm>

namespace host::pipeline {

namespace {

constexpr std::chrono::milliseconds kLook{50};  // how often a waiting one looks for a cancel
constexpr int kRetryAfterSeconds = 10;

Error refused(std::string message) {
    Error error{ErrorCode::RefusingWork, std::move(message)};
    error.retryAfterSeconds = kRetryAfterSeconds;
    return error;
}

}  // namespace

Result<VisionLane::Turn> VisionLane::enter(Crowd crowd, std::chrono::steady_clock::time_point until,
                                           const plugins::Cancellation& cancellation) {
    const MutexLock lock(mutex_);
    if (crowd == Crowd::Bounded && queue_.size() >= maxWaiting_ && !(free_ > 0 && queue_.empty())) {
        return refused("Too many pictures wait for the vision model, try again later.");
    }
    const std::uint64_t ticket = nextTicket_++;
    queue_.push_back(ticket);
    std::optional<Error> why;
    while (!why && (free_ == 0 || queue_.front() != ticket)) {
        const auto now = std::chrono::steady_clock::now();
        if (cancellation.reason() != plugins::CancelReason::None) {
            why = refused("The call was cancelled while it waited for the vision model.");
        } else if (now >= until) {
            why = refused("The vision model was busy with other pictures, try again later.");
        } else {
            changed_.waitUntil(mutex_, std::min(until, now + kLook));
        }
    }
    queue_.erase(std::find(queue_.begin(), queue_.end(), ticket));
    if (why) {
        changed_.notifyAll();  // somebody else may be the first now
        return *why;
    }
    --free_;
    changed_.notifyAll();
    return Turn(*this);
}

void VisionLane::leave() {
    const MutexLock lock(mutex_);
    ++free_;
    changed_.notifyAll();
}

std::size_t VisionLane::waiting() const {
    const MutexLock lock(mutex_);
    return queue_.size();
}

}  // namespace host::pipeline
