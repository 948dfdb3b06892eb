// A job that is not finished, as the engine holds it in memory: what is ready, what runs, what is
// left. Small, also for jobs of many runs; finished items live in the database alone. Not
// thread-safe: the engine's mutex guards all of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "pipeline/job_spec.hpp"
#include "pipeline/ready_runs.hpp"
#include "plugins/call.hpp"
#include "store/records.hpp"

namespace host::pipeline {

using SteadyTime = std::chrono::steady_clock::time_point;

// Stands in Slot::lane for a slot that any endpoint may serve.
inline constexpr int kAnyLane = -1;
// ... for an endpoint that has left the configuration since the job was submitted.
inline constexpr int kGoneLane = -2;

// The items of a job that differ in their run alone.
struct Slot {
    std::string name;  // ItemKey::slot
    int lane = kAnyLane;
    ReadyRuns ready;
    std::map<int, std::set<int>> excluded;  // by run: lanes that failed it; only for kAnyLane
    std::set<int> barred;                   // lanes that cannot do any of it; only for kAnyLane
    int failedItems = 0;                    // in a row, without a picture
    int finals = 0;                         // items that have ended, however
    std::optional<SteadyTime> readySince;   // since when something is ready here

    // Whether a lane may do a run, were it ready.
    bool mayDo(int candidate, int run) const;
    // Whether a lane belongs to those that may do its runs at all.
    bool serves(int candidate) const {
        return lane == candidate || (lane == kAnyLane && !barred.contains(candidate));
    }
};

struct RunningItem {
    int lane = 0;
    bool leftLane = false;  // its call has ended, its result is being recorded
    std::string endpoint;
    std::shared_ptr<plugins::Cancellation> cancellation;
    double startedAt = 0;
    std::optional<double> progress;
    std::string phase;
    std::string previewMime;
    std::shared_ptr<const std::string> preview;
};

using ItemId = std::tuple<store::ItemKind, int, std::string>;  // kind, run, slot

inline ItemId idOf(const store::ItemKey& key) {
    return {key.kind, key.run, key.slot};
}

// Where a job stands in JobLists.
struct Listing {
    enum Kind { Nowhere, Waiting, Running };
    Kind kind = Nowhere;
    int priority = 0;
    double startedAt = 0;
};

struct OpenJob {
    store::JobRow row;
    double waitingSince = 0;  // its submission, or when it was opened again
    std::shared_ptr<const JobSpec> spec;
    std::vector<Slot> slots;
    std::vector<Slot> promptSlots;  // empty when no model writes the prompt

    std::map<ItemId, RunningItem> running;
    std::map<ItemId, store::ItemRow> touched;  // claimed before and not final
    // Of items that an endpoint was too busy for: since when, and when it was to be asked again.
    struct Busy {
        SteadyTime since;
        SteadyTime again;
    };
    std::map<ItemId, Busy> busy;
    std::map<ItemId, SteadyTime> retryAt;  // wait for another attempt until then
    std::map<std::pair<int, std::string>, std::string> prompts;  // by run and prompt slot
    std::map<int, int> finalsOfRun;  // image items that are final, of runs that are not finished
    int finishedRuns = 0;
    int finalItems = 0;
    int pictures = 0;  // items that ended with one
    int failures = 0;
    std::string lastError;
    bool startRecorded = false;   // "running" is on disk
    bool cancelled = false;       // wants to end: nothing more is started
    bool cancelRecorded = false;  // ... and that is on disk
    bool stopped = false;         // hopeless: nothing more is started, see stopReason
    std::string stopReason;
    int retried = 0;       // items that the retry which opened it again is for
    bool closing = false;  // its final status is on its way to the disk

    std::vector<bool> indexed;  // by lane: whether the scheduler lists it there
    Listing listing;

    const std::string& id() const { return row.id; }
    int totalItems() const { return row.count * static_cast<int>(slots.size()); }
    Slot* slot(store::ItemKind kind, const std::string& name);
    // The prompt slot that an endpoint's pictures of a run are made from.
    const std::string& promptSlotFor(const std::string& endpoint) const;
    // A picture's item is final, however it ended: with a picture, a failure, or left out.
    void pictureEnded(const store::ItemKey& key);
    // The items of a slot that have not ended, by what they wait for.
    struct Left {
        int ready = 0;
        int delayed = 0;    // until another attempt
        int unwritten = 0;  // until their prompt is there
        SteadyTime firstRetry{};
        ItemId firstDelayed{};  // meaningful when some are delayed
        int waiting() const { return ready + delayed + unwritten; }
    };
    Left left(store::ItemKind kind, const Slot& slot) const;
    // Remembers what a prompt's row holds, if it was written.
    void takePrompt(const store::ItemRow& item);
    // Counts as queued: nothing of it has begun, and it is to go on.
    bool waits() const { return row.status == store::JobStatus::Queued && !cancelled; }
    bool ending() const { return closing || cancelled; }
    bool drained() const { return running.empty(); }
};

// A job as it is after its submission, with nothing done. `laneOf` gives the lanes of the
// configured endpoints.
std::unique_ptr<OpenJob> makeOpenJob(store::JobRow row, std::shared_ptr<const JobSpec> spec,
                                     const std::map<std::string, int>& laneOf, int promptLane);

}  // namespace host::pipeline
