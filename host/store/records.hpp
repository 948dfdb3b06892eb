// The rows of the durable state, as plain values. Times are seconds since the epoch (UTC).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.hpp"

namespace host::store {

enum class JobStatus { Queued, Running, Completed, Failed, Cancelled };
// Lower case, as in the database and in the API.
std::string_view toString(JobStatus status);
std::optional<JobStatus> jobStatusFrom(std::string_view text);
inline bool isOpen(JobStatus status) {
    return status == JobStatus::Queued || status == JobStatus::Running;
}

struct JobRow {
    std::string id;
    std::int64_t seq = 0;  // order of submission; given by the store
    JobStatus status = JobStatus::Queued;
    std::string client;  // whom fair share counts it for
    int priority = 0;
    std::string correlationId;
    Json request = Json::object();  // the validated request, without the input picture's bytes
    std::string inputFile;          // name in the input folder of the picture store, or empty
    int count = 1;
    double createdAt = 0;
    std::optional<double> startedAt;
    std::optional<double> completedAt;
    std::string error;
};

enum class ItemKind { Prompt, Image };
// Queued: has been claimed before and waits for another attempt.
enum class ItemState { Queued, Running, Done, Failed, Cancelled };
std::string_view toString(ItemKind kind);
std::optional<ItemKind> itemKindFrom(std::string_view text);
std::string_view toString(ItemState state);
std::optional<ItemState> itemStateFrom(std::string_view text);

// A work item. Its row begins with its first claim: an item that nobody has touched needs no row.
// slot tells items of one run apart: the endpoint's name where the job names its endpoints, "*"
// where any endpoint will do; for prompts the endpoint it is for, or "" when all share it.
struct ItemKey {
    std::string jobId;
    ItemKind kind = ItemKind::Image;
    int run = 0;  // from 0
    std::string slot;

    friend bool operator==(const ItemKey&, const ItemKey&) = default;
};

// A picture's final name, written down before the file takes it. With the inode of the file that is
// about to be renamed, so that a restart removes that file and never another of the same name.
struct PlannedFile {
    std::string name;
    std::uint64_t inode = 0;
};

struct ItemRow {
    ItemKey key;
    ItemState state = ItemState::Queued;
    std::string endpoint;             // where it runs or ran last
    int tries = 0;                    // all attempts so far: AttemptRow::number of the last one
    int attempts = 0;                 // those that count
    int hostDeaths = 0;               // attempts that ended because the host died
    std::optional<double> startedAt;  // of the first attempt
    std::optional<double> finishedAt;
    std::optional<double> leaseUntil;
    std::vector<PlannedFile> files;
    Json result = Json::object();  // what the status shows of it; empty until it is final
    std::string error;
};

// One attempt at an item: (key, number) identifies it.
struct AttemptRow {
    ItemKey key;
    int number = 1;  // counts every attempt, also those that do not count against the item
    std::string endpoint;
    double startedAt = 0;
    std::optional<double> endedAt;
    std::string outcome = "running";  // or "ok", a status name, "host_died", "handed_back"
    std::string error;
};

struct ImageRow {
    std::string filename;
    std::string jobId;  // empty for a picture that somebody dropped into the folder
    int run = 0;
    std::string endpoint;
    std::string prompt;
    std::optional<std::int64_t> seed;
    std::optional<std::uint32_t> width;
    std::optional<std::uint32_t> height;
    std::uint64_t size = 0;
    double mtime = 0;
    bool starred = false;
    std::optional<double> trashedAt;  // when it was thrown away
    std::string trashFile;            // what its file is called in the trash; empty outside of it
};

// A state change. The id is given by the store at commit and grows for ever.
struct EventRow {
    std::uint64_t id = 0;
    double time = 0;
    std::string type;   // job, run, image, endpoint, queue
    std::string jobId;  // may be empty
    std::string data;   // a JSON object as text, complete with job_id and time
};

}  // namespace host::store
