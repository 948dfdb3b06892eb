// What the engine makes of the end of a prompt item: the prompt, another attempt, or the concept
// instead.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "pipeline/attempt_end.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/job_events.hpp"
#include "pipeline/stages.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

using plugins::CallStatus;
using store::ItemKind;
using store::ItemState;

void Engine::finishPrompt(Work& work, PromptOutcome outcome) {
    const PromptSetup& setup = options_.prompt;
    const bool gaveUp = work.kind == Work::Kind::GiveUp;
    noteCancel(work, outcome.call);
    if (outcome.reached) {
        feedBreaker(work, outcome.call);
    } else if (!gaveUp) {
        const MutexLock lock(mutex_);
        undecided(work);
    }
    if (outcome.call.ok()) {
        {
            const MutexLock lock(mutex_);
            times_.add(promptLane_, 1, outcome.duration);
        }
        promptFinal(work, {{"prompt", outcome.prompt}, {"state", "done"}, {"source", "llm"}}, "ok",
                    "");
        return;
    }
    if (outcome.call.status == CallStatus::Cancelled) {
        endCancelled(work, outcome.call);
        settle(work.jobId());
        return;
    }
    const std::string error = shortError(outcome.call);
    if (!gaveUp) {
        spdlog::warn("[{}] job {} run {}: writing the prompt failed, attempt {}: {}: {}",
                     work.correlationId, work.jobId(), work.run() + 1, work.row.tries,
                     statusName(outcome.call.status), error);
        bool again =
            outcome.call.status != CallStatus::InvalidArgument && work.row.attempts < kMaxAttempts;
        std::chrono::milliseconds delay = retryDelay(work.row.attempts);
        if (outcome.call.status == CallStatus::Busy) {
            delay = std::max(delay, busyDelay(outcome.call.details));
        }
        {
            const MutexLock lock(mutex_);
            const OpenJob* job = find(work.jobId());
            if (job == nullptr || job->cancelled || job->stopped) again = false;
        }
        if (again) {
            tryAgain(work, outcome.call, delay, true);
            settle(work.jobId());
            return;
        }
    }
    const std::string ended = gaveUp ? "" : std::string(statusName(outcome.call.status));
    if (!setup.fallback) {
        promptFinal(work, {{"prompt", ""}, {"state", "error"}, {"error", error}}, ended, error);
        return;
    }
    promptFinal(work, fallbackResult(work, error), ended, error);
}

// The result of a prompt item that no model could write: the concept itself, or the embedded
// writer's words when there is none.
Json Engine::fallbackResult(const Work& work, const std::string& error) const {
    std::string text = work.spec->prompt;
    if (text.empty()) text = embeddedPrompt(work, options_.prompt);
    return {{"prompt", text}, {"state", "fallback"}, {"source", "fallback"}, {"error", error}};
}

// Records the prompt, or that there is none, and makes the run's pictures ready, or failed.
void Engine::promptFinal(Work& work, Json result, const std::string& ended,
                         const std::string& error) {
    const bool written = result.value("state", "") != "error";
    const std::string text = result.value("prompt", "");
    work.row.state = written ? ItemState::Done : ItemState::Failed;
    work.row.finishedAt = epochNow();
    work.row.leaseUntil.reset();
    work.row.error = error;
    work.row.result = std::move(result);
    store::ChangeSet change;
    change.items.push_back(work.row);
    if (!ended.empty()) change.attempts.push_back(attemptOf(work, ended, error));
    change.events.push_back(
        promptEvent(work.jobId(), work.run(), work.row.key.slot, work.row.result));
    const bool recorded = record(change);
    if (recorded && !written) failRun(work.row.key, "no prompt was written: " + error);
    {
        const MutexLock lock(mutex_);
        OpenJob* job = find(work.jobId());
        if (job != nullptr && recorded) {
            job->touched.erase(idOf(work.row.key));
            if (written) {
                job->prompts[{work.run(), work.row.key.slot}] = text;
                for (Slot& slot : job->slots) {
                    if (slot.lane == kGoneLane) continue;
                    const std::string& needs =
                        slot.lane == kAnyLane ? work.row.key.slot : job->promptSlotFor(slot.name);
                    if (needs == work.row.key.slot) slot.ready.add(work.run());
                }
                scheduler_.refresh(*job);
            }
        }
        release(work);
    }
    settle(work.jobId());
}

// Fails the pictures of a run that has no prompt, without an attempt.
void Engine::failRun(const store::ItemKey& prompt, const std::string& error) {
    std::vector<store::ItemKey> keys;
    {
        const MutexLock lock(mutex_);
        OpenJob* job = find(prompt.jobId);
        if (job == nullptr) return;
        for (const Slot& slot : job->slots) {
            if (slot.lane == kGoneLane) continue;  // these ended when the job was taken up
            if (slot.lane == kAnyLane || job->promptSlotFor(slot.name) == prompt.slot) {
                keys.push_back({prompt.jobId, ItemKind::Image, prompt.run, slot.name});
            }
        }
    }
    store::ChangeSet change;
    for (const store::ItemKey& key : keys)
        addFailure(change, key, error);
    if (!record(change)) return;
    const MutexLock lock(mutex_);
    for (const store::ItemKey& key : keys)
        countFinal(key, false, error);
}

}  // namespace host::pipeline
