// Why an open job is not finished yet, as the engine sees it at the moment.
#include <algorithm>
#include <cmath>
#include <set>

#include "pipeline/engine.hpp"
#include "pipeline/forecast.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

using store::ItemKind;
using Code = WaitReason::Code;

namespace {

constexpr std::size_t kErrorShown = 300;

double epochOf(SteadyTime time) {
    return epochNow() +
           std::chrono::duration<double>(time - std::chrono::steady_clock::now()).count();
}

std::string inSeconds(SteadyTime time) {
    const double left =
        std::chrono::duration<double>(time - std::chrono::steady_clock::now()).count();
    return left < 1 ? "at once" : "in " + std::to_string(std::lround(left)) + " s";
}

std::string shortened(std::string text) {
    if (text.size() <= kErrorShown) return text;
    text.resize(kErrorShown);
    while (!text.empty() && (static_cast<unsigned char>(text.back()) & 0xC0) == 0x80)
        text.pop_back();
    if (!text.empty() && static_cast<unsigned char>(text.back()) >= 0xC0) text.pop_back();
    return text + "...";
}

std::string withError(const std::string& text, const std::string& error) {
    return error.empty() ? text : text + " (" + error + ")";
}

void add(JobWhy& why, WaitReason reason) {
    if (why.waitsFor.size() >= kMostReasons) {
        why.truncated = true;
        return;
    }
    why.waitsFor.push_back(std::move(reason));
}

}  // namespace

std::string Engine::laneName(int lane) const {
    if (lane == promptLane_) return "The language model";
    return options_.endpoints[static_cast<std::size_t>(lane)].name;
}

// What waits at a lane that could do it, and why that does not do it now.
void Engine::explainReady(const OpenJob& job, const Slot& slot, int lane, WaitReason reason,
                          JobWhy& why) const {
    const LaneState& state = lanes_[static_cast<std::size_t>(lane)];
    const std::string name = laneName(lane);
    const bool writing = lane == promptLane_;
    reason.endpoint = writing ? "" : name;
    reason.items = slot.ready.size();
    const auto next = scheduler_.best(lane);
    if (next && next->job != &job) reason.nextJob = next->job->id();
    if (phase_ != Phase::Running) {
        reason.code = Code::Stopping;
        reason.message = "The host is shutting down; it goes on when it is started again.";
    } else if (!state.breaker.closed()) {
        const bool probing = state.breaker.state() == CircuitBreaker::State::HalfOpen;
        reason.code = probing ? Code::Probing : Code::CircuitOpen;
        // Whatever a forecast of a moment ago says.
        if (!writing) {
            why.etaReason =
                slot.lane == kAnyLane ? "No endpoint is available." : name + " is unavailable.";
        }
        reason.error = shortened(state.lastError);
        reason.since = epochOf(state.breaker.openedAt());
        if (!probing) reason.until = epochOf(state.breaker.probeAt());
        reason.message =
            withError(name + " is unavailable", reason.error) +
            (probing ? "; it is being asked whether it is back."
                     : "; it is asked again " + inSeconds(state.breaker.probeAt()) + ".");
    } else if (std::chrono::steady_clock::now() < state.busyUntil) {
        reason.code = Code::BackendBusy;
        reason.error = shortened(state.lastError);
        reason.until = epochOf(state.busyUntil);
        reason.message = withError(name + " is busy", reason.error) + "; the next attempt begins " +
                         inSeconds(state.busyUntil) + ".";
    } else if (!gpu_.mayTake(lane)) {
        reason.code = Code::Gpu;
        reason.message = writing
                             ? "The GPU is drawing; the language model gets it when that is done."
                             : name +
                                   " waits for the GPU, which the language model has: it "
                                   "writes all prompts first.";
    } else if (state.busy >= placesOf(lane)) {
        reason.code = Code::Busy;
        std::size_t others = 0;
        for (auto at = state.jobs.begin(); at != state.jobs.end();
             at = state.jobs.upper_bound(*at)) {
            others += *at == job.id() ? 0 : 1;
            if (reason.jobs.size() < kMostJobsNamed) reason.jobs.push_back(*at);
        }
        const std::string what = writing ? " is writing for " : " is drawing ";
        if (others == 0) {
            reason.message = name + what + "this job.";
        } else if (reason.jobs.size() == 1) {
            reason.message = name + what + "job " + reason.jobs.front() + ".";
        } else {
            reason.message = name + what + std::to_string(reason.jobs.size()) + " jobs.";
        }
    } else if (!reason.nextJob.empty()) {
        reason.code = Code::Turn;
        reason.message = "Job " + reason.nextJob + " is next at " +
                         (writing ? "the language model" : name) + ".";
    } else {
        reason.code = Code::Starting;
        reason.message = name + " is about to begin it.";
    }
    add(why, std::move(reason));
}

// False when the database takes changes. Else everything that waits does so for it: what endpoints
// and pauses could tell meanwhile only comes of it.
bool Engine::explainDatabase(JobWhy& why) const {
    const std::string_view trouble = store_.trouble();
    if (trouble.empty()) return false;
    WaitReason reason;
    reason.code = Code::Database;
    reason.items = std::max(0, why.left - why.running);
    reason.message = "Nothing is begun or recorded: " + std::string(trouble) + ".";
    why.etaReason = "The host's database takes no changes.";
    add(why, std::move(reason));
    return true;
}

void Engine::explainShare(const OpenJob& job, const Slot& slot, JobWhy& why) const {
    WaitReason reason;
    reason.kind = slot.lane == promptLane_ ? ItemKind::Prompt : ItemKind::Image;
    if (slot.lane >= 0 && slot.lane != promptLane_) reason.endpoint = slot.name;
    const OpenJob::Left left = job.left(reason.kind, slot);
    if (left.delayed > 0) {
        WaitReason retry = reason;
        retry.items = left.delayed;
        retry.until = epochOf(left.firstRetry);
        if (const auto row = job.touched.find(left.firstDelayed); row != job.touched.end()) {
            retry.error = shortened(row->second.error);
            if (retry.kind == ItemKind::Image) retry.endpoint = row->second.endpoint;
        }
        retry.code = Code::Retry;
        const std::string name = retry.endpoint.empty() ? "The language model" : retry.endpoint;
        retry.message = withError(name + " failed", retry.error) + "; the next attempt begins " +
                        inSeconds(left.firstRetry) + ".";
        add(why, std::move(retry));
    }
    if (!slot.ready.empty() && slot.lane != kAnyLane && slot.lane != kGoneLane) {
        explainReady(job, slot, slot.lane, reason, why);
    } else if (!slot.ready.empty() && slot.lane == kAnyLane) {
        // Endpoints that are away matter only when all of them are.
        const auto closed = [this](int lane) IPL_REQUIRES(mutex_) {
            return lanes_[static_cast<std::size_t>(lane)].breaker.closed();
        };
        bool any = false;
        for (int lane = 0; lane < promptLane_; ++lane)
            any = any || (slot.serves(lane) && closed(lane));
        for (int lane = 0; lane < promptLane_; ++lane) {
            if (!slot.serves(lane)) continue;
            if (!any || closed(lane)) explainReady(job, slot, lane, reason, why);
        }
    }
    if (left.unwritten > 0) {
        reason.code = Code::Prompt;
        reason.items = left.unwritten;
        reason.message = left.unwritten == 1 ? "The prompt of 1 picture is still to be written."
                                             : "The prompts of " + std::to_string(left.unwritten) +
                                                   " pictures are still to be written.";
        add(why, std::move(reason));
    }
}

void Engine::addBasis(const OpenJob& job, JobWhy& why) const {
    const auto use = [&](int lane) IPL_REQUIRES(mutex_) {
        if (why.basis.size() >= kMostReasons) return;
        const double work = workAtLane(lane, *job.spec);
        if (const auto learned = times_.estimate(lane, work)) {
            why.basis.push_back(
                {lane == promptLane_ ? "" : laneName(lane), learned->seconds, learned->samples});
        }
    };
    // Where nothing is left to do, the speed matters no more.
    std::set<int> lanes;
    for (const auto& [id, item] : job.running) {
        if (!item.leftLane) lanes.insert(item.lane);
    }
    for (const Slot& slot : job.slots) {
        if (job.left(ItemKind::Image, slot).waiting() == 0) continue;
        if (slot.lane >= 0) lanes.insert(slot.lane);
        if (slot.lane != kAnyLane) continue;
        for (int lane = 0; lane < promptLane_; ++lane) {
            const bool closed = lanes_[static_cast<std::size_t>(lane)].breaker.closed();
            if (closed && slot.serves(lane)) lanes.insert(lane);
        }
    }
    for (const Slot& slot : job.promptSlots) {
        if (job.left(ItemKind::Prompt, slot).waiting() > 0) lanes.insert(promptLane_);
    }
    for (const int lane : lanes)
        use(lane);
}

std::optional<JobWhy> Engine::why(const std::string& jobId) const {
    JobWhy why;
    {
        const MutexLock lock(mutex_);
        const auto found = open_.find(jobId);
        if (found == open_.end()) return std::nullopt;
        const OpenJob& job = *found->second;
        why.jobId = jobId;
        why.status = job.row.status;
        why.position = job.ending() ? 0 : waitingPosition(job);
        why.running = static_cast<int>(job.running.size());
        why.left = job.totalItems() - job.finalItems;
        why.ending = job.ending() || (job.stopped && job.running.empty()) || why.left == 0;
        if (why.ending || job.stopped) {
            why.etaReason = "It is just ending.";
            return why;
        }
        if (explainDatabase(why)) return why;
        for (const Slot& slot : job.promptSlots)
            explainShare(job, slot, why);
        for (const Slot& slot : job.slots)
            explainShare(job, slot, why);
        addBasis(job, why);
    }
    if (!why.etaReason.empty()) return why;
    const std::shared_ptr<const Forecast> seen = forecastFor(jobId);
    const auto end = seen->ends.find(jobId);
    if (end == seen->ends.end()) {
        why.etaReason = seen->truncated ? "Too many jobs go first to tell."
                                        : "It has only just come or is just ending.";
    } else if (end->second.at) {
        why.endsAt = end->second.at;
    } else if (end->second.unusable) {
        why.etaReason = end->second.lane == kAnyLane
                            ? "No endpoint is available."
                            : laneName(end->second.lane) + " is unavailable.";
    } else if (end->second.lane == promptLane_) {
        why.etaReason = "The language model has not finished a prompt yet: its speed is not known.";
    } else if (end->second.lane == kAnyLane) {
        why.etaReason = "No endpoint has finished a picture yet: their speed is not known.";
    } else {
        why.etaReason =
            laneName(end->second.lane) + " has not finished a picture yet: its speed is not known.";
    }
    return why;
}

}  // namespace host::pipeline
