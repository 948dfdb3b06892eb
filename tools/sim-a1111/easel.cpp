#include "sim-a1111/easel.hpp"

#include <algorithm>
#include <ctime>

namespace sim {

namespace {

constexpr std::size_t kEndedKept = 16;
constexpr Milliseconds kLook{10};

// As A1111 writes it: local time in seconds.
std::string timestampNow() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    ::localtime_r(&now, &parts);
    char text[32];
    return {text, std::strftime(text, sizeof text, "%Y%m%d%H%M%S", &parts)};
}

}  // namespace

Easel::Easel(double seconds, double jitter, double occupied)
    : seconds_(seconds), jitter_(jitter), occupiedSeconds_(occupied) {}

bool Easel::takeTurn(Connection& connection, std::uint64_t ticket) {
    for (;;) {
        {
            const std::lock_guard lock(mutex_);
            if (ticket == turn_ && !occupied()) return true;
        }
        if (connection.workFor(kLook) == Connection::Wait::Stopping) return false;
    }
}

Easel::Drawing Easel::draw(Connection& connection, const std::string& task, int steps, int stopAt) {
    std::uint64_t ticket = 0;
    double seconds = seconds_;
    {
        const std::lock_guard lock(mutex_);
        ticket = tickets_++;
        waiting_.insert(task);
        if (ticket == 0 && occupiedSeconds_ > 0)
            occupiedUntil_ = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                                std::chrono::duration<double>(occupiedSeconds_));
        std::uniform_real_distribution<double> spread(-jitter_, jitter_);
        seconds *= std::max(0.0, 1 + spread(random_));
    }
    if (!takeTurn(connection, ticket)) return {End::Stopping, ""};
    const Milliseconds oneStep(static_cast<std::int64_t>(seconds * 1000 / steps));
    Drawing drawing;
    {
        const std::lock_guard lock(mutex_);
        waiting_.erase(task);
        task_ = task;
        drawing_ = true;
        interrupted_ = false;
        step_ = 0;
        steps_ = steps;
        timestamp_ = timestampNow();
        drawing.timestamp = timestamp_;
    }
    for (int step = 1; step <= steps && drawing.end == End::Done; ++step) {
        if (connection.workFor(oneStep) == Connection::Wait::Stopping) drawing.end = End::Stopping;
        const std::lock_guard lock(mutex_);
        step_ = step;
        if (step == stopAt) interrupted_ = true;
        if (interrupted_ && drawing.end == End::Done) drawing.end = End::Interrupted;
    }
    const std::lock_guard lock(mutex_);
    drawing_ = false;
    step_ = 0;
    ended_.push_back(task);
    if (ended_.size() > kEndedKept) ended_.pop_front();
    ++turn_;
    return drawing;
}

bool Easel::interrupt() {
    const std::lock_guard lock(mutex_);
    if (!drawing_ && !occupied()) return false;
    if (!drawing_) occupiedUntil_ = Clock::time_point::min();
    interrupted_ = true;
    return true;
}

double Easel::fraction() const {
    if (!drawing_) return occupied() ? 0.5 : 0;
    return static_cast<double>(step_) / std::max(1, steps_);
}

Easel::Json Easel::progress(const std::string& preview) const {
    const std::lock_guard lock(mutex_);
    const bool busy = drawing_ || occupied();
    Json state{{"skipped", false},
               {"interrupted", interrupted_},
               {"stopping_generation", false},
               {"job", busy ? "scripts_txt2img" : ""},
               {"job_count", busy ? 1 : 0},
               {"job_timestamp", timestamp_},
               {"job_no", 0},
               {"sampling_step", step_},
               {"sampling_steps", steps_}};
    return {{"progress", busy ? std::min(1.0, fraction() + 0.01) : 0.0},
            {"eta_relative", 0.0},
            {"state", state},
            {"current_image", preview.empty() ? Json() : Json(preview)},
            {"textinfo", nullptr}};
}

Easel::Json Easel::untoldTask() {
    return {{"active", false},       {"queued", false},         {"completed", false},
            {"progress", nullptr},   {"eta", nullptr},          {"live_preview", nullptr},
            {"id_live_preview", -1}, {"textinfo", "Waiting..."}};
}

Easel::Json Easel::taskProgress(const std::string& task, const std::string& preview) const {
    const std::lock_guard lock(mutex_);
    const bool active = drawing_ && task == task_;
    const bool queued = waiting_.contains(task);
    const bool ended = !active && std::ranges::find(ended_, task) != ended_.end();
    return {{"active", active},
            {"queued", queued},
            {"completed", ended},
            {"progress", active ? Json(fraction()) : Json()},
            {"eta", nullptr},
            {"live_preview",
             active && !preview.empty() ? Json("data:image/png;base64," + preview) : Json()},
            {"id_live_preview", active ? step_ : -1},
            {"textinfo", queued ? Json("In queue: 1/1") : Json()}};
}

}  // namespace sim
