// What the engine holds at the moment, in numbers. See Engine::figures().
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace host {
class Histogram;
}

namespace host::pipeline {

struct LaneFigures {
    std::string endpoint;  // empty for the lane that writes prompts
    int busy = 0;
    int capacity = 0;
    std::size_t readyJobs = 0;  // that have something the lane could do now
    bool circuitClosed = true;
};

struct EngineFigures {
    std::size_t queued = 0;
    std::size_t running = 0;
    // Seconds since the epoch.
    std::optional<double> queuedSince;   // the job that has waited longest
    std::optional<double> runningSince;  // the job that has run longest
    std::size_t delayedItems = 0;        // wait for another attempt
    std::vector<LaneFigures> lanes;      // in the order of the configuration, prompts last
    // From a lane's choice of its next item until the claim is on disk. The engine's; lives as
    // long.
    const Histogram* claimSeconds = nullptr;
};

}  // namespace host::pipeline
