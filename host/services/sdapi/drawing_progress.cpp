#include "services/sdapi/drawing_progress.hpp"

#include <algorithm>
#include <cmath>

#include "services/sdapi/drawing_reply.hpp"
#include "support/base64.hpp"
#include "support/clock.hpp"

namespace host::services {

namespace {

Json idle() {
    return {{"progress", 0.0},
            {"eta_relative", 0.0},
            {"state",
             {{"skipped", false},
              {"interrupted", false},
              {"stopping_generation", false},
              {"job", ""},
              {"job_count", 0},
              {"job_timestamp", "0"},
              {"job_no", 0},
              {"sampling_step", 0},
              {"sampling_steps", 0}}},
            {"current_image", nullptr},
            {"textinfo", nullptr}};
}

}  // namespace

Json drawingProgress(const Context& context, const std::string& jobId, bool withPicture) {
    Json shown = idle();
    if (jobId.empty()) return shown;
    const auto job = context.status.job(jobId);
    if (!job || job->value("completed_at", Json()).is_number()) return shown;
    const int count = std::max(job->value("count", 1), 1);
    const int finished = std::min(static_cast<int>(job->at("results").size()), count);
    const int steps = job->at("request").value("steps", 0);
    double running = 0;
    double furthest = 0;
    std::string endpoint;
    for (const pipeline::LiveItem& item : context.engine.live(jobId)) {
        if (item.kind != store::ItemKind::Image) continue;
        const double progress = std::clamp(item.progress.value_or(0), 0.0, 1.0);
        running += progress;
        furthest = std::max(furthest, progress);
        if (item.hasPreview || endpoint.empty()) endpoint = item.endpoint;
    }
    const double progress = std::clamp((finished + running) / count, 0.0, 1.0);
    shown["progress"] = progress;
    const Json started = job->value("started_at", Json());
    if (started.is_number() && progress > 0) {
        const double elapsed = std::max(0.0, epochNow() - started.get<double>());
        shown["eta_relative"] = elapsed / progress * (1 - progress);
    }
    Json& state = shown["state"];
    state["job"] =
        job->at("request").contains("image_mime") ? "scripts_img2img" : "scripts_txt2img";
    state["job_count"] = count;
    state["job_timestamp"] = jobTimestamp(job->value("created_at", 0.0));
    state["job_no"] = finished;
    state["sampling_step"] = static_cast<int>(std::lround(furthest * steps));
    state["sampling_steps"] = steps;
    if (!withPicture || endpoint.empty()) return shown;
    if (const auto preview = context.engine.preview(jobId, endpoint))
        shown["current_image"] = base64Encode(*preview->bytes);
    return shown;
}

}  // namespace host::services
