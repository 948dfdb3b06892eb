// Jobs as the API shows them, made of the same rows that events are made of, plus what is running
// right now. Thread-safe; blocks on database reads.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pipeline/engine.hpp"
#include "store/job_store.hpp"

namespace host::pipeline {

class StatusView {
  public:
    StatusView(const Engine& engine, store::JobStore& store) : engine_(engine), store_(store) {}

    // The whole job; ErrorCode::JobNotFound when there is none.
    Result<Json> job(const std::string& id) const;

    struct Page {
        Json jobs;  // array, newest first
        std::string nextCursor;
    };
    Result<Page> jobs(std::optional<store::JobStatus> status, int limit,
                      const std::string& cursor) const;
    Result<Json> queue() const;

  private:
    // `budget`: how many result images may still be shown.
    Json render(const store::JobDetail& detail, int& budget) const;

    const Engine& engine_;
    store::JobStore& store_;
};

}  // namespace host::pipeline
