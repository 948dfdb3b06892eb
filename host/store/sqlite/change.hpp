// Writes one ChangeSet to an open transaction. What is costly and needs no database (turning JSON
// into text) is done beforehand, on the thread that hands the change over.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite/connection.hpp"

namespace host::store {

// A ChangeSet with its JSON as text.
struct PreparedChange {
    ChangeSet change;
    std::string request;                 // of newJob
    std::string prompt;                  // of newJob, for people who look into the table
    std::vector<std::string> itemFiles;  // by index of change.items
    std::vector<std::string> itemResults;
    std::size_t bytes = 0;  // roughly what it holds
};

PreparedChange prepareChange(ChangeSet change);

// Threads: the writer's only.
class ChangeWriter {
  public:
    ChangeWriter(Connection& connection, std::function<double()> now)
        : connection_(connection), now_(std::move(now)) {}

    // Reads where the numbering of jobs goes on. Once, before the first write.
    void begin();
    // The caller has begun a savepoint, and goes back to it when the outcome says that nothing is
    // to be written or when the connection has failed. Event ids are filled in.
    CommitOutcome write(PreparedChange& prepared);
    // True when the outcome means that nothing may stay of the change.
    static bool refuses(const CommitOutcome& outcome);

    // Drops what is too old, a little at a time: events beyond `keepEvents`, idempotency keys.
    void trim(std::uint64_t keepEvents);

  private:
    bool findKey(const IdempotencyRecord& key, CommitOutcome& outcome);
    bool knownKey(const PreparedChange& prepared, CommitOutcome& outcome);
    bool addJob(const PreparedChange& prepared, CommitOutcome& outcome);
    void updateJob(const JobUpdate& update);
    bool reopenJob(const std::string& id);
    bool mayClaim(const ItemKey& key);
    void writeItem(const ItemRow& item, const std::string& files, const std::string& result);
    void writeAttempt(const AttemptRow& attempt);
    void writeEvents(std::vector<EventRow>& events);

    Connection& connection_;
    std::function<double()> now_;
    std::int64_t lastSeq_ = 0;
    std::uint64_t eventsWritten_ = 0;  // since the last trim
};

}  // namespace host::store
