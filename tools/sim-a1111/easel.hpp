// What draws inside a simulated web UI: one drawing at a time, the others wait in line without a
// word, a client that leaves changes nothing, an interrupt ends whatever is drawn at its next step.
// Thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <string>

#include "sim-common/server.hpp"

namespace sim {

class Easel {
  public:
    using Json = nlohmann::ordered_json;

    // seconds: one drawing, +- jitter (a part of it). occupied: so many seconds from the first
    // drawing that is asked for, the program's own page draws.
    Easel(double seconds, double jitter, double occupied);

    enum class End { Done, Interrupted, Stopping };
    struct Drawing {
        End end = End::Done;
        std::string timestamp;  // that of the program's state while it was drawn
    };
    // Blocks. stopAt: the step at which somebody else interrupts it, 0 = nobody.
    Drawing draw(Connection& connection, const std::string& task, int steps, int stopAt);

    // False when nothing is drawn.
    bool interrupt();
    // The bodies of /sdapi/v1/progress and /internal/progress.
    Json progress(const std::string& preview) const;
    Json taskProgress(const std::string& task, const std::string& preview) const;
    // The latter of a task that the program does not know.
    static Json untoldTask();

  private:
    using Clock = std::chrono::steady_clock;
    bool occupied() const { return Clock::now() < occupiedUntil_; }
    bool takeTurn(Connection& connection, std::uint64_t ticket);
    double fraction() const;

    const double seconds_;
    const double jitter_;
    const double occupiedSeconds_;
    mutable std::mutex mutex_;
    std::mt19937_64 random_{std::random_device{}()};
    Clock::time_point occupiedUntil_ = Clock::time_point::min();
    std::uint64_t tickets_ = 0;
    std::uint64_t turn_ = 0;
    std::set<std::string> waiting_;
    std::deque<std::string> ended_;
    bool drawing_ = false;
    bool interrupted_ = false;
    std::string task_;
    std::string timestamp_ = "0";
    int step_ = 0;
    int steps_ = 0;
};

}  // namespace sim
