// The runs of one slot that are ready to be worked on: an untouched range, which costs nothing
// however many runs a job has, and a few that came back or became ready one by one. Not
// thread-safe.
#pragma once

#include <optional>
#include <set>

namespace host::pipeline {

class ReadyRuns {
  public:
    ReadyRuns() = default;
    // Runs [0, limit) are ready.
    explicit ReadyRuns(int limit) : limit_(limit) {}

    bool empty() const { return next_ >= limit_ && single_.empty(); }
    int size() const { return (limit_ - next_) + static_cast<int>(single_.size()); }
    void add(int run) { single_.insert(run); }
    void clear() {
        next_ = limit_;
        single_.clear();
    }

    // The lowest ready run that `suits`; asks for single runs first, then once for the range, where
    // all runs are alike.
    template <typename Suits>
    std::optional<int> first(Suits suits) const {
        std::optional<int> best;
        for (const int run : single_) {
            if (!suits(run)) continue;
            best = run;
            break;
        }
        if (next_ < limit_ && (!best || next_ < *best) && suits(next_)) best = next_;
        return best;
    }

    void take(int run) {
        if (single_.erase(run) == 0 && run == next_ && next_ < limit_) ++next_;
    }

  private:
    int next_ = 0;
    int limit_ = 0;
    std::set<int> single_;
};

}  // namespace host::pipeline
