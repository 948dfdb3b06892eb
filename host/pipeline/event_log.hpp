// The events of the pipeline as server-sent event text. Durable events come from the store, with
// ids that grow for ever; progress is announced between them without being stored and carries the
// id of the durable event before it, so a client that resumes from any id it saw misses no state
// change.
//
// A cursor is a place in this stream: (event id << 20) + the number of the passing event after it.
// Recent events are rendered once and kept in a bounded ring; older ones are read from the store.
// Thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "support/sync.hpp"

namespace host::pipeline {

struct EventText {
    std::shared_ptr<const std::string> text;  // null when there is nothing new
    std::uint64_t cursor = 0;
    bool jobEnded = false;  // the asked job's last event is in the text
};

class EventLog {
  public:
    explicit EventLog(store::JobStore& store);

    // Called after every addition; must be quick. Set before anything is added.
    void setWake(std::function<void()> wake) { wake_ = std::move(wake); }

    // The store's listener.
    void committed(const std::vector<store::EventRow>& events);
    // An event that nobody needs after the fact, such as progress. `data` gets job_id and time.
    void passing(const std::string& type, const std::string& jobId, const Json& data);

    std::uint64_t cursorNow() const;
    // Where to go on after the event `lastEventId`; a cursor that reads one `reset` event when what
    // followed it is gone or the id was never given.
    std::uint64_t cursorAfter(std::uint64_t lastEventId) const;
    // Up to about maxBytes of what follows the cursor; of one job when jobId is not empty.
    EventText read(std::uint64_t cursor, std::size_t maxBytes, const std::string& jobId);

    // An event that was not recorded, under the id of the newest one.
    std::shared_ptr<const std::string> renderNow(const store::EventRow& event) const;

  private:
    struct Entry {
        std::uint64_t cursor = 0;
        std::string jobId;
        std::string text;
        bool endsJob = false;
    };

    void add(Entry entry) IPL_REQUIRES(mutex_);
    EventText readStore(std::uint64_t cursor, std::size_t maxBytes, const std::string& jobId,
                        std::uint64_t until);

    store::JobStore& store_;
    std::function<void()> wake_;
    mutable Mutex mutex_;
    std::deque<Entry> ring_ IPL_GUARDED_BY(mutex_);
    std::size_t ringBytes_ IPL_GUARDED_BY(mutex_) = 0;
    std::uint64_t evicted_ IPL_GUARDED_BY(mutex_) =
        0;  // the ring holds all that follows this cursor
    std::uint64_t newest_ IPL_GUARDED_BY(mutex_) = 0;  // cursor of the last event
};

// An event row of the pipeline: `data` with job_id and time put in front.
store::EventRow makeEvent(const std::string& type, const std::string& jobId, const Json& data);

}  // namespace host::pipeline
