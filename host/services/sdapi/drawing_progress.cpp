#include "services/sdapi/drawing_progress.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>

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

struct Drawing {
    Json job;
    int count = 1;
    int finished = 0;
    double progress = 0;  // of all of it
    double furthest = 0;  // of a picture
    std::optional<double> secondsLeft;
    int position = 0;      // in the queue; 0 once it runs
    std::string endpoint;  // whose preview is to be shown; empty when nothing is drawn
};

// As the queue's forecast says, which knows how fast each endpoint is and what goes first; until it
// does, by what is done of this one.
std::optional<double> secondsLeftOf(const Drawing& drawing,
                                    const std::optional<pipeline::JobWhy>& why) {
    const double now = epochNow();
    // A forecast whose time has come is no help any more.
    if (why && why->endsAt && *why->endsAt > now) return *why->endsAt - now;
    const Json started = drawing.job.value("started_at", Json());
    if (!started.is_number() || drawing.progress <= 0) return std::nullopt;
    const double elapsed = std::max(0.0, now - started.get<double>());
    return elapsed / drawing.progress * (1 - drawing.progress);
}

// Nothing when there is no such job, or it is over.
std::optional<Drawing> drawingOf(const Context& context, const std::string& jobId) {
    if (jobId.empty()) return std::nullopt;
    auto job = context.status.job(jobId);
    if (!job || job->value("completed_at", Json()).is_number()) return std::nullopt;
    Drawing drawing;
    drawing.job = std::move(*job);
    drawing.count = std::max(drawing.job.value("count", 1), 1);
    drawing.finished = std::min(static_cast<int>(drawing.job.at("results").size()), drawing.count);
    double running = 0;
    for (const pipeline::LiveItem& item : context.engine.live(jobId)) {
        if (item.kind != store::ItemKind::Image) continue;
        const double progress = std::clamp(item.progress.value_or(0), 0.0, 1.0);
        running += progress;
        drawing.furthest = std::max(drawing.furthest, progress);
        if (item.hasPreview || drawing.endpoint.empty()) drawing.endpoint = item.endpoint;
    }
    drawing.progress = std::clamp((drawing.finished + running) / drawing.count, 0.0, 1.0);
    const auto why = context.engine.why(jobId);
    drawing.secondsLeft = secondsLeftOf(drawing, why);
    if (why) drawing.position = why->position;
    return drawing;
}

}  // namespace

Json drawingProgress(const Context& context, const std::string& jobId, bool withPicture) {
    Json shown = idle();
    const auto drawing = drawingOf(context, jobId);
    if (!drawing) return shown;
    const Json& job = drawing->job;
    const int steps = job.at("request").value("steps", 0);
    shown["progress"] = drawing->progress;
    shown["eta_relative"] = drawing->secondsLeft.value_or(0);
    Json& state = shown["state"];
    state["job"] = job.at("request").contains("image_mime") ? "scripts_img2img" : "scripts_txt2img";
    state["job_count"] = drawing->count;
    state["job_timestamp"] = jobTimestamp(job.value("created_at", 0.0));
    state["job_no"] = drawing->finished;
    state["sampling_step"] = static_cast<int>(std::lround(drawing->furthest * steps));
    state["sampling_steps"] = steps;
    if (!withPicture || drawing->endpoint.empty()) return shown;
    if (const auto preview = context.engine.preview(jobId, drawing->endpoint))
        shown["current_image"] = base64Encode(*preview->bytes);
    return shown;
}

Json taskProgress(const Context& context, const std::string& jobId, const TaskQuestion& question) {
    Json shown = {{"active", false},       {"queued", false},         {"completed", false},
                  {"progress", nullptr},   {"eta", nullptr},          {"live_preview", nullptr},
                  {"id_live_preview", -1}, {"textinfo", "Waiting..."}};
    if (jobId.empty()) return shown;
    const auto drawing = drawingOf(context, jobId);
    if (!drawing) {
        shown["completed"] = true;
        return shown;
    }
    const bool active = drawing->job.value("status", "") != "queued";
    shown[active ? "active" : "queued"] = true;
    if (drawing->secondsLeft) shown["eta"] = *drawing->secondsLeft;
    if (!active) {
        if (drawing->position > 0)
            shown["textinfo"] = "In queue: " + std::to_string(drawing->position);
        return shown;
    }
    shown["progress"] = drawing->progress;
    shown["textinfo"] = nullptr;
    if (!question.withPicture || drawing->endpoint.empty()) return shown;
    const auto preview = context.engine.preview(jobId, drawing->endpoint);
    if (!preview) return shown;
    // A number that changes with the picture: clients show one again only when it did.
    constexpr std::size_t kNumbers = 1'000'000'007;
    const auto id =
        static_cast<std::int64_t>(std::hash<std::string_view>()(*preview->bytes) % kNumbers);
    shown["id_live_preview"] = id;
    if (id != question.lastPicture)
        shown["live_preview"] =
            "data:" + preview->mime + ";base64," + base64Encode(*preview->bytes);
    return shown;
}

}  // namespace host::services
