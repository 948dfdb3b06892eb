// Jobs as the API shows them, made of the same rows that events are made of, plus what is running
// right now. Thread-safe; blocks on database reads.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/engine.hpp"
#include "pipeline/status_cache.hpp"
#include "store/job_store.hpp"

namespace host::pipeline {

class StatusView {
  public:
    // Becomes the store's change listener.
    StatusView(const Engine& engine, store::JobStore& store);

    // The whole job; ErrorCode::JobNotFound when there is none.
    Result<Json> job(const std::string& id) const;
    // The same as text, which is kept once the job is over.
    Result<StatusCache::Text> jobText(const std::string& id) const;
    // Only what is kept; null otherwise. Never blocks.
    StatusCache::Text keptText(const std::string& id) const { return kept_->find(id); }

    // Why the job is not finished yet, see job_why.hpp; JobNotFound when there is no such job.
    Result<Json> why(const std::string& id) const;

    struct Page {
        std::string jobs;  // a JSON array, newest first
        std::string nextCursor;
    };
    Result<Page> jobs(std::optional<store::JobStatus> status, int limit,
                      const std::string& cursor) const;
    // A JSON object.
    Result<std::string> queue() const;

  private:
    // A job by itself: all its pictures, and what it waits for.
    Json renderWhole(const store::JobDetail& detail) const;
    std::vector<LiveItem> liveOf(const store::JobDetail& detail) const;
    // At most so many result images are shown.
    Json render(const store::JobDetail& detail, std::vector<LiveItem> live,
                std::size_t images) const;
    // Renders for a list, and keeps the text of a job that stands still when nothing was left out.
    StatusCache::Text renderText(const store::JobDetail& detail, std::size_t images,
                                 std::uint64_t before) const;
    // The JSON array of these jobs; `bytes`: how much text may still be shown with all results.
    Result<std::string> list(const std::vector<std::string>& ids, std::size_t& bytes) const;

    const Engine& engine_;
    store::JobStore& store_;
    const std::shared_ptr<StatusCache> kept_;
};

}  // namespace host::pipeline
