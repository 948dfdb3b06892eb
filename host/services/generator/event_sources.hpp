// Event streams over the event log: one source for everything, one per job that somebody follows.
// Thread-safe.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "http/event_stream.hpp"
#include "pipeline/event_log.hpp"
#include "store/records.hpp"
#include "support/sync.hpp"

namespace host::services {

class EventSources {
  public:
    explicit EventSources(pipeline::EventLog& log);

    std::shared_ptr<http::EventSource> all() { return all_; }
    // Ends after the job's last event. Streams of an open job share one; for a job that is finished
    // already, the stream ends after what is left to read, or after one event with its final state.
    std::shared_ptr<http::EventSource> ofJob(const std::string& jobId,
                                             const store::JobRow* finished);

  private:
    pipeline::EventLog& log_;
    std::shared_ptr<http::EventSource> all_;
    Mutex mutex_;
    std::map<std::string, std::weak_ptr<http::EventSource>> jobs_ IPL_GUARDED_BY(mutex_);
};

}  // namespace host::services
