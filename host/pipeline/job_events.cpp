#include "pipeline/job_events.hpp"

#include "support/text.hpp"

namespace host::pipeline {

store::EventRow jobEvent(const store::JobRow& row) {
    Json data = Json::object();
    data["status"] = store::toString(row.status);
    data["created_at"] = row.createdAt;
    data["started_at"] = row.startedAt ? Json(*row.startedAt) : Json();
    data["completed_at"] = row.completedAt ? Json(*row.completedAt) : Json();
    data["count"] = row.count;
    data["priority"] = row.priority;
    data["error"] = row.error.empty() ? Json() : Json(row.error);
    return makeEvent("job", row.id, data);
}

store::EventRow promptEvent(const std::string& jobId, int run, const std::string& slot,
                            const Json& result) {
    Json data = Json::object();
    data["run"] = run + 1;
    if (!slot.empty()) data["endpoint"] = slot;
    data["prompt"] = result.value("prompt", "");
    data["llm_status"] = {{"state", result.value("state", "done")},
                          {"source", result.contains("source") ? result["source"] : Json()},
                          {"error", result.contains("error") ? result["error"] : Json()}};
    return makeEvent("run", jobId, data);
}

store::EventRow endpointEvent(const std::string& jobId, int run, const std::string& endpoint,
                              const std::string& state) {
    Json data = Json::object();
    data["run"] = run + 1;
    data["endpoint"] = endpoint;
    data["state"] = state;
    return makeEvent("endpoint", jobId, data);
}

store::EventRow imageEvent(const std::string& jobId, int run, const Json& image) {
    Json data = Json::object();
    data["run"] = run + 1;
    data.update(image);
    return makeEvent("image", jobId, data);
}

std::string previewUrl(const std::string& jobId, const std::string& endpoint) {
    return "/api/v1/jobs/" + jobId + "/previews/" + percentEncode(endpoint);
}

store::EventRow queueEvent(std::size_t queueSize) {
    Json data = Json::object();
    data["queue_size"] = queueSize;
    return makeEvent("queue", "", data);
}

}  // namespace host::pipeline
