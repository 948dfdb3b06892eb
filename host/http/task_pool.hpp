// Threads that run tasks from one bounded queue. Threads start when there is work and none is idle,
// up to the bound, and stay. Public functions may be called from any thread.
#pragma once

#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "support/sync.hpp"

namespace host::http {

class TaskPool {
  public:
    TaskPool(unsigned maxThreads, std::size_t maxQueue)
        : maxThreads_(maxThreads), maxQueue_(maxQueue) {}
    ~TaskPool() { stop(); }
    TaskPool(const TaskPool&) = delete;
    TaskPool& operator=(const TaskPool&) = delete;

    // False when the queue is full or the pool stopped. Tasks must not throw.
    bool post(std::function<void()> task) IPL_EXCLUDES(mutex_);
    // Runs what is queued and joins the threads. Safe to repeat.
    void stop() IPL_EXCLUDES(mutex_);
    std::size_t queued() const IPL_EXCLUDES(mutex_);

  private:
    void run() IPL_EXCLUDES(mutex_);

    const unsigned maxThreads_;
    const std::size_t maxQueue_;
    mutable Mutex mutex_;
    CondVar ready_;
    std::deque<std::function<void()>> tasks_ IPL_GUARDED_BY(mutex_);
    std::vector<std::thread> threads_ IPL_GUARDED_BY(mutex_);
    std::size_t idle_ IPL_GUARDED_BY(mutex_) = 0;
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
};

}  // namespace host::http
