// The events of a job's life, under the names that the API uses. Pure functions.
#pragma once

#include <optional>
#include <string>

#include "pipeline/event_log.hpp"
#include "store/records.hpp"

namespace host::pipeline {

store::EventRow jobEvent(const store::JobRow& row);
// A run's prompt has been written (or given up).
store::EventRow promptEvent(const std::string& jobId, int run, const std::string& slot,
                            const Json& result);
store::EventRow endpointEvent(const std::string& jobId, int run, const std::string& endpoint,
                              const std::string& state);
// One entry of a run's `images`.
store::EventRow imageEvent(const std::string& jobId, int run, const Json& image);
// Where the latest preview of what an endpoint draws for a job is found.
std::string previewUrl(const std::string& jobId, const std::string& endpoint);
store::EventRow queueEvent(std::size_t queueSize);

}  // namespace host::pipeline
