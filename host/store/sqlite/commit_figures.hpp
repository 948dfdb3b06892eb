// Counts what reaches the disk: commits and what was in them. Used by the writer thread alone; the
// figures may be read by any.
#pragma once

#include <cstddef>

#include "store/job_store.hpp"

namespace host {
class Counter;
class Histogram;
class MetricsRegistry;
}  // namespace host

namespace host::store {

class CommitFigures {
  public:
    explicit CommitFigures(MetricsRegistry* metrics);  // null: counts nothing

    void change(const ChangeSet& change);             // is on disk
    void group(std::size_t changes, double seconds);  // ... as were these, with one commit
    void failedGroup();

  private:
    MetricsRegistry* const metrics_;
    Histogram* groupSize_ = nullptr;
    Histogram* groupSeconds_ = nullptr;
    Counter* failed_ = nullptr;
    Counter* submitted_ = nullptr;
};

}  // namespace host::store
