// The requests that wait for the vision model: each has a cancellation, thrown when its client
// hangs up or the host shuts down. A thread looks after the clients while there are any.
// Thread-safe.
#pragma once

#include <list>
#include <memory>
#include <thread>

#include "http/request.hpp"
#include "plugins/call.hpp"
#include "support/sync.hpp"

namespace host::services {

class RunningCalls {
  public:
    RunningCalls();
    ~RunningCalls();  // every Entry must be gone before
    RunningCalls(const RunningCalls&) = delete;
    RunningCalls& operator=(const RunningCalls&) = delete;

    // One request, from its construction to its destruction in the same handler.
    class Entry {
      public:
        Entry(RunningCalls& calls, const http::Request& request);
        ~Entry();
        Entry(const Entry&) = delete;
        Entry& operator=(const Entry&) = delete;
        const std::shared_ptr<plugins::Cancellation>& cancellation() const { return cancellation_; }

      private:
        friend class RunningCalls;
        RunningCalls& calls_;
        const http::Request& request_;
        const std::shared_ptr<plugins::Cancellation> cancellation_;
    };

    // From now on refusing() is true, and new calls are cancelled from the start.
    void refuseMore() IPL_EXCLUDES(mutex_);
    bool refusing() const IPL_EXCLUDES(mutex_);
    // The same, and those that run are told to stop. By the owner; safe to repeat.
    void shutdown() IPL_EXCLUDES(mutex_);

  private:
    void watch() IPL_EXCLUDES(mutex_);

    mutable Mutex mutex_;
    CondVar changed_;
    std::list<Entry*> entries_ IPL_GUARDED_BY(mutex_);
    bool refusing_ IPL_GUARDED_BY(mutex_) = false;
    bool ending_ IPL_GUARDED_BY(mutex_) = false;
    std::thread watcher_;
};

}  // namespace host::services
