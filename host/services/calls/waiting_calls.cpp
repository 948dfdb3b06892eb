#include "services/calls/waiting_calls.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace host::services {

WaitingCalls::WaitingCalls(pipeline::Engine& engine)
    : engine_(engine), canceller_([this] { cancelLeft(); }) {}

WaitingCalls::~WaitingCalls() {
    stop();
}

Result<std::unique_ptr<WaitingCalls::Place>> WaitingCalls::enter(const std::string& client) {
    const MutexLock lock(mutex_);
    Error error{ErrorCode::RefusingWork, "The host is shutting down."};
    error.retryAfterSeconds = 10;
    if (refusing_) return error;
    // Jobs that are still to be cancelled count too: who hangs up and calls again gains nothing.
    if (calls_.size() + abandoned_.size() >= kMost) {
        error.code = ErrorCode::RateLimited;
        error.message = "Too many clients wait for pictures here; try again later.";
        return error;
    }
    const std::uint64_t number = next_++;
    auto place = std::make_unique<Place>(*this, number);
    calls_[number].client = client;
    return place;
}

std::string WaitingCalls::latestOf(const std::string& client) const {
    const MutexLock lock(mutex_);
    const auto found = std::find_if(calls_.rbegin(), calls_.rend(), [&](const auto& call) {
        return call.second.client == client && !call.second.jobId.empty();
    });
    return found == calls_.rend() ? std::string() : found->second.jobId;
}

bool WaitingCalls::isWaitedFor(const std::string& jobId) const {
    const MutexLock lock(mutex_);
    return waiting_.contains(jobId);
}

void WaitingCalls::refuseMore() {
    const MutexLock lock(mutex_);
    refusing_ = true;
}

void WaitingCalls::stop() {
    {
        const MutexLock lock(mutex_);
        refusing_ = true;
        ending_ = true;
        changed_.notifyAll();
    }
    if (canceller_.joinable()) canceller_.join();
}

void WaitingCalls::wait(std::uint64_t number, const std::string& jobId) {
    const MutexLock lock(mutex_);
    calls_[number].jobId = jobId;
    ++waiting_[jobId];
}

void WaitingCalls::leave(std::uint64_t number, bool over) {
    const MutexLock lock(mutex_);
    const auto call = calls_.find(number);
    if (call == calls_.end()) return;
    const std::string jobId = std::move(call->second.jobId);
    calls_.erase(call);
    const auto waiting = waiting_.find(jobId);
    if (waiting == waiting_.end() || --waiting->second > 0) return;
    waiting_.erase(waiting);
    if (over || refusing_) return;
    abandoned_.push_back(jobId);
    changed_.notifyAll();
}

void WaitingCalls::cancelLeft() {
    while (true) {
        std::string jobId;
        {
            const MutexLock lock(mutex_);
            while (abandoned_.empty() && !ending_)
                changed_.wait(mutex_);
            if (ending_) return;
            jobId = std::move(abandoned_.front());
            abandoned_.pop_front();
            // Somebody else came for it meanwhile, by its idempotency key.
            if (waiting_.contains(jobId)) continue;
        }
        spdlog::info("job {}: its client hung up, so it is cancelled", jobId);
        // A job that ended meanwhile cannot be cancelled any more, which is as good.
        if (const Status done = engine_.cancel(jobId); !done) {
            spdlog::debug("job {}: {}", jobId, done.error().message);
        }
    }
}

}  // namespace host::services
