// What users change about jobs that are there: another try for what failed, another priority.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "pipeline/engine.hpp"
#include "pipeline/job_events.hpp"
#include "pipeline/retry_plan.hpp"
#include "support/clock.hpp"
#include "support/text.hpp"

namespace host::pipeline {

namespace {

// A job whose end is being recorded is over soon; a cancelled one when its backends have stopped.
constexpr std::chrono::seconds kEndingWait{5};

Error notFinished() {
    return {ErrorCode::Validation,
            "The job is not finished yet: only failed items of a finished job can be tried again."};
}

Error nothingToRetry(const RetryPlan& plan) {
    if (plan.gone.empty()) {
        return {ErrorCode::Validation, "The job has no failed items: there is nothing to retry."};
    }
    return {ErrorCode::Validation, "What failed was for endpoint \"" + plan.gone.front().key.slot +
                                       "\", which is no longer in the configuration."};
}

// What a failed item was to be drawn from.
std::string promptUsed(const store::ItemRow& row) {
    const auto images = row.result.find("images");
    if (images == row.result.end() || !images->is_array() || images->empty()) return "";
    return images->front().value("prompt_used", "");
}

}  // namespace

Engine::JobTurn::JobTurn(Engine& engine, std::string jobId)
    : engine_(engine), jobId_(std::move(jobId)) {
    const MutexLock lock(engine_.mutex_);
    while (!engine_.changing_.insert(jobId_).second)
        engine_.wake_.wait(engine_.mutex_);
}

Engine::JobTurn::~JobTurn() {
    const MutexLock lock(engine_.mutex_);
    engine_.changing_.erase(jobId_);
    engine_.wake_.notifyAll();
}

int Engine::waitingPosition(const OpenJob& job) const {
    return job.row.status == store::JobStatus::Queued ? lists_.position(job) : 0;
}

// False when it takes too long.
bool Engine::waitForEnding(const std::string& jobId) const {
    const SteadyTime until = std::chrono::steady_clock::now() + kEndingWait;
    const MutexLock lock(mutex_);
    while (phase_ == Phase::Running) {
        const auto found = open_.find(jobId);
        if (found == open_.end() || !found->second->ending()) return true;
        if (!wake_.waitUntil(mutex_, until)) return false;
    }
    return true;
}

Result<RetryReceipt> Engine::retry(const std::string& jobId, const std::string& correlationId) {
    Error ending{ErrorCode::RefusingWork, "The job is just ending; try again soon."};
    ending.retryAfterSeconds = 2;
    if (!waitForEnding(jobId)) return ending;
    const JobTurn turn(*this, jobId);
    {
        const MutexLock lock(mutex_);
        if (const OpenJob* job = find(jobId)) {
            if (job->ending()) return ending;
            // The second half of a double click.
            if (job->retried == 0) return notFinished();
            return RetryReceipt{
                {jobId, std::string(toString(job->row.status)), waitingPosition(*job)},
                job->retried};
        }
    }
    auto detail = store_.job(jobId);
    if (!detail) return detail.error();
    if (!*detail) return Error{ErrorCode::JobNotFound, "There is no job \"" + jobId + "\"."};
    return reopen(std::move(**detail), correlationId);
}

Result<RetryReceipt> Engine::reopen(store::JobDetail detail, const std::string& correlationId) {
    store::JobRow& row = detail.job;
    if (store::isOpen(row.status)) return notFinished();
    const auto spec = std::make_shared<const JobSpec>(JobSpec::fromJson(row.request));
    auto made = makeOpenJob(row, spec, laneOf_, promptLane_);
    RetryPlan plan = planRetry(detail, *made);
    if (plan.pictures == 0) return nothingToRetry(plan);
    if (Status free = reserve(); !free) return free.error();
    const Reservation reservation{*this};

    store::ChangeSet change;
    change.reopen = row.id;
    row.status = store::JobStatus::Queued;
    row.startedAt.reset();
    row.completedAt.reset();
    row.error.clear();
    change.events.push_back(jobEvent(row));
    change.items = plan.rows;
    for (store::ItemRow& gone : plan.gone) {
        gone.result = {{"prompt_used", promptUsed(gone)}};
        addFailure(change, gone.key, goneError(gone.key.slot), &gone);
    }
    {
        const MutexLock lock(mutex_);
        change.events.push_back(queueEvent(queued_ + 1));
    }
    for (const store::ItemRow& changed : change.items) {
        std::erase_if(detail.items, [&](const auto& known) { return known.key == changed.key; });
        detail.items.push_back(changed);
    }
    const auto outcome = store_.commitAndWait(std::move(change));
    if (!outcome) return outcome.error();
    if (outcome->conflict) return notFinished();

    spdlog::info("[{}] job {}: {} failed item(s) are tried again", correlationId, row.id,
                 plan.pictures);
    const std::string id = row.id;
    store::ChangeSet more;
    RetryReceipt receipt{{id, "queued", 0}, plan.pictures};
    {
        const MutexLock lock(mutex_);
        std::erase_if(delayed_, [&](const auto& entry) { return entry.second.jobId == id; });
        made->row = std::move(row);
        made->waitingSince = epochNow();
        OpenJob& job = takeUp(std::move(made), detail.items, more);
        job.retried = plan.pictures;
        receipt.queuePosition = waitingPosition(job);
        wake_.notifyAll();
    }
    if (!more.items.empty()) record(more);
    settle(id);
    return receipt;
}

Result<Receipt> Engine::setPriority(const std::string& jobId, int priority) {
    const JobTurn turn(*this, jobId);
    {
        const MutexLock lock(mutex_);
        const OpenJob* job = find(jobId);
        if (job == nullptr || job->ending()) {
            return Error{ErrorCode::Validation,
                         "The job is already finished: there is nothing left to order."};
        }
    }
    store::ChangeSet change;
    change.jobs.push_back({.id = jobId, .priority = priority});
    change.events.push_back(makeEvent("job", jobId, {{"priority", priority}}));
    const auto outcome = store_.commitAndWait(std::move(change));
    if (!outcome) return outcome.error();
    const MutexLock lock(mutex_);
    OpenJob* job = find(jobId);
    if (job == nullptr) return Receipt{jobId, "", 0};
    scheduler_.remove(*job);
    job->row.priority = priority;
    scheduler_.refresh(*job);
    lists_.update(*job);
    wake_.notifyAll();
    return Receipt{jobId, std::string(toString(job->row.status)), waitingPosition(*job)};
}

void Engine::endpointAnswered(std::size_t endpoint) {
    const MutexLock lock(mutex_);
    LaneState& state = lanes_[endpoint];
    state.heardAt = std::chrono::steady_clock::now();
    if (state.breaker.closed()) return;
    spdlog::info("endpoint {} answers a test", options_.endpoints[endpoint].name);
    state.breaker.succeeded();
    state.lastError.clear();
    wake_.notifyAll();
}

}  // namespace host::pipeline
