// Which item a free lane takes: the highest priority; within it the client that this lane has
// served least (start-time fair queuing: a client that joins starts at the lane's present virtual
// time, so it neither waits behind another's backlog nor is paid for the time it was away); within
// a client the oldest job and its lowest run. One lane per endpoint and one for prompt writing;
// items that any endpoint may do stand in every lane. Pure bookkeeping: no I/O, no threads; the
// engine's mutex guards it. Jobs are borrowed.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "pipeline/open_job.hpp"

namespace host::pipeline {

class Scheduler {
  public:
    // Lanes [0, endpoints) draw, lane `endpoints` writes prompts.
    explicit Scheduler(int endpoints);

    int promptLane() const { return static_cast<int>(lanes_.size()) - 1; }

    // To be called whenever what is ready in a job has changed.
    void refresh(OpenJob& job);
    void remove(OpenJob& job);

    struct Pick {
        OpenJob* job = nullptr;
        Slot* slot = nullptr;
        store::ItemKind kind = store::ItemKind::Image;
        int run = 0;
    };
    // The item that `lane` should do next, not yet taken.
    std::optional<Pick> best(int lane) const;
    // Takes it: the run is no longer ready, its client is charged.
    void take(int lane, const Pick& pick);

    // How many jobs have something ready for a lane.
    std::size_t readyJobs(int lane) const { return lanes_[static_cast<std::size_t>(lane)].jobs; }
    // The priority of best(lane).
    std::optional<int> topPriority(int lane) const;

    // Every job listed at a lane, in no useful order: for a lane whose circuit is open.
    std::vector<OpenJob*> listed(int lane) const;
    // The first ready item of a job at a lane.
    static std::optional<Pick> firstOf(OpenJob& job, int lane, int promptLane);

  private:
    using Clients = std::map<std::string, std::map<std::int64_t, OpenJob*>>;
    struct Lane {
        std::map<int, Clients, std::greater<>> byPriority;
        std::unordered_map<std::string, double> served;  // virtual time by client
        std::unordered_map<std::string, int> presence;   // listed jobs by client
        double now = 0;                                  // virtual time
        std::size_t jobs = 0;
    };

    void insert(Lane& lane, OpenJob& job);
    void erase(Lane& lane, OpenJob& job);

    std::vector<Lane> lanes_;
};

}  // namespace host::pipeline
