// Why a job is not finished yet: what each part of it waits for, and when it will be finished, in
// plain values that make JSON. Pure functions, no threads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/records.hpp"
#include "support/error.hpp"

namespace host::pipeline {

// What some items of a job wait for at one place.
struct WaitReason {
    enum class Code {
        Busy,         // the endpoint does other items, of this job or of others
        Turn,         // it is about to begin another job's item
        Starting,     // it is about to begin this one
        CircuitOpen,  // the endpoint failed several times in a row
        Probing,      // ... and is being asked whether it is back
        Retry,        // a failed attempt is repeated after a pause
        BackendBusy,  // the endpoint asked to be left alone for a while
        Prompt,       // its prompt is not written yet
        Gpu,          // the GPU is the language model's at the moment, or the endpoints'
        Database,     // the host's database takes no changes: nothing is begun
        Stopping      // the host is shutting down
    };
    Code code = Code::Starting;
    store::ItemKind kind = store::ItemKind::Image;
    std::string endpoint;  // empty: the language model, or any endpoint
    int items = 0;
    std::string message;            // a sentence for people
    std::vector<std::string> jobs;  // what it is busy with
    std::string nextJob;            // goes first there, if another
    std::optional<double> since;    // seconds since the epoch
    std::optional<double> until;    // the next look, attempt or probe
    std::string error;              // the failure that it waits because of
};

// What an estimate rests on.
struct EtaBasis {
    std::string endpoint;  // empty: the language model
    double secondsPerItem = 0;
    int samples = 0;
};

struct JobWhy {
    std::string jobId;
    store::JobStatus status = store::JobStatus::Queued;
    int position = 0;  // in the queue; 0 once it runs
    int running = 0;   // items that are being worked on
    int left = 0;      // pictures that have not ended, those included
    bool ending = false;
    std::vector<WaitReason> waitsFor;  // at most kMostReasons
    bool truncated = false;
    std::optional<double> endsAt;  // seconds since the epoch
    std::string etaReason;         // why there is no estimate
    std::vector<EtaBasis> basis;   // at most kMostReasons
};

inline constexpr std::size_t kMostReasons = 16;
// Of WaitReason::jobs.
inline constexpr std::size_t kMostJobsNamed = 8;

// One or two sentences for people.
std::string summaryOf(const JobWhy& why);
// The `why` of a status; `now` is seconds since the epoch.
Json whyJson(const JobWhy& why, double now);
// The same for a job that is over.
Json overJson(store::JobStatus status);

}  // namespace host::pipeline
