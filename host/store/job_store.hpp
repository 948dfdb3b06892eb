// The durable state of jobs behind a narrow interface: SQLite for one host today, PostgreSQL for
// many later. Nothing above this floor knows which it is.
//
// Writing: a ChangeSet is one transaction; the store commits many of them in a group with one sync.
// commit() hands it over and returns; the completion runs once, on the store's writer thread, after
// the change is on disk (or has failed): it must be quick and must not call commitAndWait. Only
// when the store is closed or far beyond its bounds does it run on the calling thread, before
// commit() returns, with RefusingWork. Change sets take effect in the order they were handed over.
// Events of a committed group are announced to the listener, in the order of their ids, before the
// completions of that group run.
//
// Reading: any thread; sees everything whose completion has run.
// Errors: Error with ServiceUnavailable/RefusingWork when the disk is full, the database is locked
// or the store is closing (trying again later can help), Internal otherwise.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/records.hpp"

namespace host::store {

// Remembers that a client's Idempotency-Key made this job.
struct IdempotencyRecord {
    std::string client;
    std::string key;
    std::string bodyHash;
};

struct JobUpdate {
    std::string id;
    std::optional<JobStatus> status;
    std::optional<int> priority;
    std::optional<double> startedAt;
    std::optional<double> completedAt;
    std::optional<std::string> error;
};

// A change to one picture's row. The transaction is refused (CommitOutcome::imageGone) when there
// is no such row in the state that the change begins from: Trash wants one outside the trash,
// Restore one inside, under that trashFile.
struct ImageChange {
    enum class Kind { Star, Unstar, Trash, Restore };
    std::string filename;
    Kind kind = Kind::Star;
    double trashedAt = 0;   // for Trash
    std::string trashFile;  // for Trash and Restore
};

// A line for the result log that is not yet in its file. See resultLines().
struct ResultLine {
    std::uint64_t id = 0;
    std::string line;
};

struct ChangeSet {
    std::optional<JobRow> newJob;
    // With newJob. Without it the key is only looked up: the transaction is refused, by
    // existingJobId or, when the key is not known, by CommitOutcome::conflict.
    std::optional<IdempotencyRecord> idempotency;
    // An unknown job is passed over, and so is the status of a finished one: that is final.
    std::vector<JobUpdate> jobs;
    // Whole rows, written by key. A claim is a row with state Running and `claim` naming its key:
    // the transaction is refused (CommitOutcome::conflict) when that item is running or final by
    // then, or its job is finished or unknown.
    std::vector<ItemRow> items;
    std::optional<ItemKey> claim;
    // Puts a finished job back to queued, without start, end and error. The transaction is refused
    // (CommitOutcome::conflict) when it is not finished by then, or unknown.
    std::optional<std::string> reopen;
    std::vector<AttemptRow> attempts;  // whole rows, by (key, number)
    std::vector<ImageRow> images;
    // Pictures seen in the output folder: a row that is there keeps all but size, mtime, width and
    // height. A row in the trash is passed over unless `trashFile` names it: then that row gives
    // its name up to the new picture, as for every row of `images`; see displacedImage().
    std::vector<ImageRow> foundImages;
    std::vector<std::string> removedImages;  // rows in the trash are passed over
    std::vector<ImageChange> imageChanges;
    std::vector<std::string> removedTrash;    // by trashFile: the pictures are gone for good
    std::optional<std::string> outputFolder;  // see JobStore::outputFolder()
    std::vector<std::string> resultLines;
    std::vector<std::uint64_t> writtenResultLines;  // now in the file: forget them
    std::vector<EventRow> events;                   // ids are ignored and given anew
};

struct CommitOutcome {
    bool conflict = false;
    // Set when newJob was not made because the idempotency key is known: the earlier job's id.
    std::string existingJobId;
    bool bodyDiffers = false;  // ... but with another body: nothing was written
    bool idTaken = false;    // newJob's id has been used before: nothing was written, draw another
    bool imageGone = false;  // see ImageChange: nothing was written
};

using Completion = std::function<void(Result<CommitOutcome>)>;
// Called on the writer thread with the events of one group; must be quick.
using EventListener = std::function<void(const std::vector<EventRow>&)>;
// Called on the writer thread with the jobs of which one group has written rows, before anything
// else is told of that group; must be quick.
using ChangeListener = std::function<void(const std::vector<std::string>& jobIds)>;

struct JobPage {
    std::vector<JobRow> jobs;  // newest first
    std::string nextCursor;    // empty on the last page
};

// How long an attempt took that ended well, and what its job asked for.
struct TimedAttempt {
    ItemKind kind = ItemKind::Image;
    std::string endpoint;
    double seconds = 0;
    std::shared_ptr<const Json> request;
};

struct JobDetail {
    JobRow job;
    std::vector<ItemRow> items;  // by run, kind, slot
};

struct ImageQuery {
    int limit = 100;
    // Words that must occur in the prompt or file name. When no picture has them all, the last one
    // counts as the beginning of a word. Chinese, Japanese and Korean are found by any part.
    std::string text;
    std::string endpoint;
    std::string jobId;
    bool starred = false;  // only those
    bool trashed = false;  // what is in the trash instead of what is not
    std::string cursor;    // opaque
};

struct ImagePage {
    std::vector<ImageRow> images;  // newest mtime first, then by name
    std::string nextCursor;
};

// What a folder scan compares with.
struct KnownImage {
    std::string filename;
    std::uint64_t size = 0;
    double mtime = 0;
    std::string trashFile;  // empty outside the trash
};

// For metrics; counted since the store was opened.
struct StoreFigures {
    std::uint64_t changes = 0;  // change sets that are on disk
    std::uint64_t groups = 0;   // transactions they were committed in
    std::uint64_t failedGroups = 0;
    std::uint64_t largestGroup = 0;
    std::size_t waiting = 0;  // change sets in the writer's queue now
    std::size_t waitingBytes = 0;
};

struct EventRange {
    std::uint64_t oldest = 0;  // 0 = there is none
    std::uint64_t newest = 0;
};

class JobStore {
  public:
    virtual ~JobStore() = default;

    virtual void commit(ChangeSet change, Completion completion) = 0;
    Result<CommitOutcome> commitAndWait(ChangeSet change);

    // Every job that is not finished, and finished ones of which items are still queued or running,
    // in order of submission. At start, before anything is claimed.
    virtual Result<std::vector<JobDetail>> openJobs() = 0;
    virtual Result<std::optional<JobDetail>> job(const std::string& id) = 0;
    // Those of them that there are, in this order, at one moment.
    virtual Result<std::vector<JobDetail>> jobs(const std::vector<std::string>& ids) = 0;
    virtual Result<std::vector<AttemptRow>> attempts(const std::string& jobId) = 0;
    // Those that ended well among the last `limit` of all attempts, oldest first.
    virtual Result<std::vector<TimedAttempt>> recentSuccesses(int limit) = 0;
    virtual Result<JobPage> jobs(std::optional<JobStatus> status, int limit,
                                 const std::string& cursor) = 0;
    // The last finished ones (completed, failed, cancelled), newest first.
    virtual Result<std::vector<JobRow>> recentlyFinished(int limit) = 0;

    virtual Result<ImagePage> images(const ImageQuery& query) = 0;
    virtual Result<std::optional<ImageRow>> image(const std::string& filename) = 0;
    // By name, for comparing with the folder: those of `filenames` that have a row; the next
    // `limit` after a name.
    virtual Result<std::vector<KnownImage>> knownImages(
        const std::vector<std::string>& filenames) = 0;
    virtual Result<std::vector<KnownImage>> knownImagesAfter(const std::string& filename,
                                                             int limit) = 0;

    // Which folder the pictures' rows were last compared with, as the one who compared has put it.
    virtual Result<std::string> outputFolder() = 0;
    // What is in the trash, by (trashedAt, trashFile): the next `limit` rows after that place and,
    // when given, thrown away before that time.
    virtual Result<std::vector<ImageRow>> trashedImages(double afterTime,
                                                        const std::string& afterFile,
                                                        std::optional<double> before,
                                                        int limit) = 0;
    // Whether some row has its file in the trash under that name.
    virtual Result<bool> knowsTrashFile(const std::string& trashFile) = 0;
    // The row in the trash that lost the name `filename` to a newer picture last.
    virtual Result<std::optional<ImageRow>> displacedImage(const std::string& filename) = 0;

    // Events with an id above `after`, oldest first; of one job when jobId is not empty.
    virtual Result<std::vector<EventRow>> events(std::uint64_t after, int limit,
                                                 const std::string& jobId) = 0;
    virtual Result<EventRange> eventRange() = 0;
    // Lines handed over but not yet marked as written, oldest first.
    virtual Result<std::vector<ResultLine>> resultLines(int limit) = 0;

    virtual StoreFigures figures() const = 0;
    // What keeps changes from being written or rows from being read, and what to do about it; ""
    // when nothing does. Any thread, without waiting; lives for ever.
    virtual std::string_view trouble() const = 0;

    // Set once, before the first commit.
    virtual void setEventListener(EventListener listener) = 0;
    virtual void setChangeListener(ChangeListener listener) = 0;
    // Writes out what was handed over, then refuses more. Called once.
    virtual void close() = 0;
};

}  // namespace host::store
