// The open jobs by where they stand: those that wait, in scheduling order, and those that run.
// Looks at few jobs even when very many wait: a submission, the queue page and /health ask it each
// time. Order of waiting: priority, then one job of each client in turn, then age. Pure
// bookkeeping, the engine's mutex guards it. Jobs are borrowed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/open_job.hpp"

namespace host::pipeline {

class JobLists {
  public:
    // Puts the job where its row says it belongs; to be called whenever its status, its priority or
    // `cancelled` has changed. A cancelled job stands nowhere.
    void update(OpenJob& job);
    void remove(OpenJob& job);

    // From 1. Also for a job that does not stand here: where it would.
    int position(const OpenJob& job) const;
    std::vector<const OpenJob*> waiting(std::size_t limit) const;
    std::vector<const OpenJob*> running() const;  // longest running first
    const OpenJob* longestRunning() const;        // null when none runs

    std::size_t waitingCount() const { return waitingCount_; }
    std::size_t runningCount() const { return running_.size(); }
    // Seconds since the epoch since when the first of them has been waiting.
    std::optional<double> waitingSince() const;

  private:
    struct Level {
        std::size_t count = 0;
        std::map<std::string, std::deque<OpenJob*>> clients;  // each by seq
    };
    using RunningKey = std::pair<double, std::int64_t>;  // start, seq

    std::map<int, Level, std::greater<>> levels_;  // by priority
    std::size_t waitingCount_ = 0;
    std::map<RunningKey, OpenJob*> running_;
};

}  // namespace host::pipeline
