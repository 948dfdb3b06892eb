#include "services/generator/event_sources.hpp"

#include "pipeline/job_events.hpp"

namespace host::services {

namespace {

class LogSource : public http::EventSource {
  public:
    LogSource(pipeline::EventLog& log, std::string jobId) : log_(log), jobId_(std::move(jobId)) {}

    http::EventBatch read(std::uint64_t cursor, std::size_t maxBytes) override {
        pipeline::EventText found = log_.read(cursor, maxBytes, jobId_);
        return {std::move(found.text), found.cursor, found.jobEnded};
    }

  private:
    pipeline::EventLog& log_;
    const std::string jobId_;
};

// Of a job that is over: what followed the cursor, and if that does not tell that the job is over,
// its last state, so that a client that comes late does not wait for ever.
class FinishedSource : public http::EventSource {
  public:
    FinishedSource(pipeline::EventLog& log, const store::JobRow& job) : log_(log), job_(job) {}

    http::EventBatch read(std::uint64_t cursor, std::size_t maxBytes) override {
        pipeline::EventText found = log_.read(cursor, maxBytes, job_.id);
        if (found.text || found.cursor != cursor) {
            return {std::move(found.text), found.cursor, found.jobEnded};
        }
        return {log_.renderNow(pipeline::jobEvent(job_)), cursor, true};
    }

  private:
    pipeline::EventLog& log_;
    const store::JobRow job_;
};

}  // namespace

EventSources::EventSources(pipeline::EventLog& log)
    : log_(log), all_(std::make_shared<LogSource>(log, "")) {}

std::shared_ptr<http::EventSource> EventSources::ofJob(const std::string& jobId,
                                                       const store::JobRow* finished) {
    if (finished != nullptr) return std::make_shared<FinishedSource>(log_, *finished);
    const MutexLock lock(mutex_);
    std::erase_if(jobs_, [](const auto& entry) { return entry.second.expired(); });
    std::weak_ptr<http::EventSource>& known = jobs_[jobId];
    if (auto source = known.lock()) return source;
    auto source = std::make_shared<LogSource>(log_, jobId);
    known = source;
    return source;
}

}  // namespace host::services
