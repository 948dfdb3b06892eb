// The rendered status of jobs that stand still, which pages and clients ask for again and again: of
// those that are over, and for lists also of those that were not begun yet. A text stays true until
// something of its job is written again (a retry, what a cancelled job's last call left): the store
// tells of every job that a commit has touched, before anybody learns of that commit. Bounded in
// number and bytes; what was asked for longest ago goes first. Thread-safe; no call takes more than
// microseconds.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "support/sync.hpp"

namespace host::pipeline {

class StatusCache {
  public:
    using Text = std::shared_ptr<const std::string>;
    static constexpr std::size_t kMaxEntries = 2000;
    static constexpr std::size_t kMaxBytes = std::size_t{8} << 20;
    static constexpr std::size_t kMaxText = std::size_t{256} << 10;

    // What a text is true for: a list leaves out why a job waits, which changes all the time.
    enum class Use { Everywhere, Lists };

    // Null when there is none for that.
    Text find(const std::string& jobId, Use use = Use::Everywhere) IPL_EXCLUDES(mutex_);

    // To be taken before the job is read from the store; put() then leaves out what may be older
    // than a commit that came in between.
    std::uint64_t beforeReading() const IPL_EXCLUDES(mutex_);
    void put(const std::string& jobId, Text text, std::uint64_t before, Use use = Use::Everywhere)
        IPL_EXCLUDES(mutex_);

    // These jobs were written.
    void changed(const std::vector<std::string>& jobIds) IPL_EXCLUDES(mutex_);

  private:
    struct Entry {
        std::string jobId;
        Text text;
        Use use;
    };
    void drop(std::list<Entry>::iterator entry) IPL_REQUIRES(mutex_);

    mutable Mutex mutex_;
    std::list<Entry> recent_ IPL_GUARDED_BY(mutex_);  // asked for last first
    std::unordered_map<std::string, std::list<Entry>::iterator> byJob_ IPL_GUARDED_BY(mutex_);
    std::size_t bytes_ IPL_GUARDED_BY(mutex_) = 0;
    std::uint64_t commits_ IPL_GUARDED_BY(mutex_) = 0;
};

}  // namespace host::pipeline
