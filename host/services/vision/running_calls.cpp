#include "services/vision/running_calls.hpp"

namespace host::services {

namespace {

constexpr std::chrono::milliseconds kLook{50};  // how soon a model is free of a client that left

}  // namespace

RunningCalls::Entry::Entry(RunningCalls& calls, const http::Request& request)
    : calls_(calls), request_(request), cancellation_(std::make_shared<plugins::Cancellation>()) {
    const MutexLock lock(calls_.mutex_);
    calls_.entries_.push_back(this);
    if (calls_.refusing_) cancellation_->cancel(plugins::CancelReason::Shutdown);
    calls_.changed_.notifyAll();
}

RunningCalls::Entry::~Entry() {
    const MutexLock lock(calls_.mutex_);
    calls_.entries_.remove(this);
}

RunningCalls::RunningCalls() : watcher_([this] { watch(); }) {}

RunningCalls::~RunningCalls() {
    shutdown();
}

void RunningCalls::refuseMore() {
    const MutexLock lock(mutex_);
    refusing_ = true;
}

bool RunningCalls::refusing() const {
    const MutexLock lock(mutex_);
    return refusing_;
}

void RunningCalls::shutdown() {
    {
        const MutexLock lock(mutex_);
        refusing_ = true;
        ending_ = true;
        for (const Entry* entry : entries_)
            entry->cancellation_->cancel(plugins::CancelReason::Shutdown);
        changed_.notifyAll();
    }
    if (watcher_.joinable()) watcher_.join();
}

void RunningCalls::watch() {
    const MutexLock lock(mutex_);
    while (!ending_) {
        if (entries_.empty()) {
            changed_.wait(mutex_);
            continue;
        }
        // Asking takes one poll of a socket each, which does not block.
        for (const Entry* entry : entries_) {
            if (entry->request_.clientGone())
                entry->cancellation_->cancel(plugins::CancelReason::User);
        }
        changed_.waitUntil(mutex_, std::chrono::steady_clock::now() + kLook);
    }
}

}  // namespace host::services
