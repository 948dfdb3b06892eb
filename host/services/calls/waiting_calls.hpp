// The calls of clients that wait in one request for a whole job: how many there are, and who gives
// a job up when the last client that waits for it hangs up. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "pipeline/engine.hpp"
#include "support/sync.hpp"

namespace host::services {

class WaitingCalls {
  public:
    static constexpr std::size_t kMost = 1000;

    explicit WaitingCalls(pipeline::Engine& engine);
    ~WaitingCalls();  // stops; every Place must be gone before
    WaitingCalls(const WaitingCalls&) = delete;
    WaitingCalls& operator=(const WaitingCalls&) = delete;

    // One waiting call, until it is destroyed. By one thread at a time; may outlive stop().
    class Place {
      public:
        Place(WaitingCalls& calls, std::uint64_t number) : calls_(calls), number_(number) {}
        ~Place() { calls_.leave(number_, over_); }
        Place(const Place&) = delete;
        Place& operator=(const Place&) = delete;

        void waitFor(const std::string& jobId) { calls_.wait(number_, jobId); }
        // The job is over, or somebody will come back for it: from now on leaving cancels nothing.
        void over() { over_ = true; }

      private:
        WaitingCalls& calls_;
        const std::uint64_t number_;
        bool over_ = false;
    };

    // Errors: RateLimited when there are kMost already, RefusingWork while the host shuts down.
    Result<std::unique_ptr<Place>> enter(const std::string& client) IPL_EXCLUDES(mutex_);
    // The job that the latest of this client's calls waits for; empty when none does.
    std::string latestOf(const std::string& client) const IPL_EXCLUDES(mutex_);
    bool isWaitedFor(const std::string& jobId) const IPL_EXCLUDES(mutex_);
    // Nobody enters any more, and who leaves cancels nothing: the jobs go on after a restart.
    void refuseMore() IPL_EXCLUDES(mutex_);
    // The same, and the thread ends. By the owner; safe to repeat.
    void stop() IPL_EXCLUDES(mutex_);

  private:
    struct Call {
        std::string client;
        std::string jobId;  // empty until the job is there
    };

    void wait(std::uint64_t number, const std::string& jobId) IPL_EXCLUDES(mutex_);
    void leave(std::uint64_t number, bool over) IPL_EXCLUDES(mutex_);
    void cancelLeft() IPL_EXCLUDES(mutex_);

    pipeline::Engine& engine_;
    mutable Mutex mutex_;
    CondVar changed_;
    std::uint64_t next_ IPL_GUARDED_BY(mutex_) = 1;
    std::map<std::uint64_t, Call> calls_ IPL_GUARDED_BY(mutex_);
    std::map<std::string, int> waiting_ IPL_GUARDED_BY(mutex_);  // calls by job
    std::deque<std::string> abandoned_ IPL_GUARDED_BY(mutex_);   // jobs to cancel
    bool refusing_ IPL_GUARDED_BY(mutex_) = false;
    bool ending_ IPL_GUARDED_BY(mutex_) = false;
    std::thread canceller_;  // cancelling waits for the disk, which leaving must not
};

}  // namespace host::services
