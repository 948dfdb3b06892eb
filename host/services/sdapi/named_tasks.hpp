// The names that clients gave their drawings (force_task_id) and the jobs that these became; of the
// latest kMost, until the host ends. Thread-safe.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <utility>

#include "support/sync.hpp"

namespace host::services {

class NamedTasks {
  public:
    static constexpr std::size_t kMost = 1000;

    void add(const std::string& task, const std::string& jobId) IPL_EXCLUDES(mutex_) {
        if (task.empty()) return;
        const MutexLock lock(mutex_);
        latest_.emplace_front(task, jobId);
        if (latest_.size() > kMost) latest_.pop_back();
    }
    // The latest job of that name; empty when there is none.
    std::string jobOf(const std::string& task) const IPL_EXCLUDES(mutex_) {
        const MutexLock lock(mutex_);
        for (const auto& [name, jobId] : latest_) {
            if (name == task) return jobId;
        }
        return "";
    }

  private:
    mutable Mutex mutex_;
    std::list<std::pair<std::string, std::string>> latest_ IPL_GUARDED_BY(mutex_);  // newest first
};

}  // namespace host::services
