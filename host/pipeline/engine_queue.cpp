// The engine's queue as clients see it: submission, cancellation, positions, views.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

#include "pipeline/admission.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/job_events.hpp"
#include "support/clock.hpp"
#include "support/ids.hpp"

namespace host::pipeline {

namespace {

constexpr int kIdDraws = 8;
constexpr std::size_t kClearBatch = 500;
constexpr std::array kClaimBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 5.0};

// ".png" of "image/png".
std::string extensionOf(const std::string& mime) {
    return "." + mime.substr(mime.find('/') + 1);
}

Error otherBody() {
    return {ErrorCode::Validation,
            "This Idempotency-Key was used before with another request.",
            {{"errors",
              {{{"field", "Idempotency-Key"},
                {"message", "was used before with another request body"}}}}}};
}

}  // namespace

Engine::Engine(EngineOptions options, store::JobStore& store, store::PictureStore& pictures,
               EventLog& events)
    : options_(std::move(options)),
      store_(store),
      pictures_(pictures),
      events_(events),
      promptLane_(static_cast<int>(options_.endpoints.size())),
      scheduler_(static_cast<int>(options_.endpoints.size())),
      lanes_(options_.endpoints.size() + 1),
      gpu_(makeGpuTurn(options_)),
      times_(options_.endpoints.size() + 1, options_.coldStart),
      claimSeconds_(kClaimBounds) {
    for (std::size_t i = 0; i < options_.endpoints.size(); ++i) {
        laneOf_[options_.endpoints[i].name] = static_cast<int>(i);
    }
}

Engine::~Engine() {
    stop(std::chrono::milliseconds(0));
}

OpenJob* Engine::find(const std::string& jobId) {
    const auto found = open_.find(jobId);
    return found == open_.end() ? nullptr : found->second.get();
}

void Engine::addOpen(std::unique_ptr<OpenJob> job) {
    job->row.seq = ++nextOrder_;
    if (job->waits()) ++queued_;
    OpenJob& added = *job;
    open_[added.id()] = std::move(job);
    scheduler_.refresh(added);
    lists_.update(added);
}

void Engine::erase(const std::string& jobId) {
    const auto found = open_.find(jobId);
    if (found == open_.end()) return;
    if (found->second->waits()) --queued_;
    scheduler_.remove(*found->second);
    lists_.remove(*found->second);
    open_.erase(found);
    wake_.notifyAll();
}

Status Engine::reserve() {
    const MutexLock lock(mutex_);
    if (phase_ != Phase::Running) {
        return Error{ErrorCode::RefusingWork, "The host is shutting down; try again later."};
    }
    if (static_cast<std::int64_t>(queued_ + reserved_) >= options_.maxQueuedJobs) {
        Error error{ErrorCode::RefusingWork, "The queue is full (" +
                                                 std::to_string(options_.maxQueuedJobs) +
                                                 " jobs wait); try again later."};
        error.retryAfterSeconds = 10;
        return error;
    }
    ++reserved_;
    return Unit{};
}

void Engine::unreserve() {
    const MutexLock lock(mutex_);
    --reserved_;
}

// Writes the job's input pictures and names their files in the row and the spec. On failure nothing
// of them stays.
Status Engine::saveInputs(const Submission& submission, store::JobRow& row, JobSpec& spec) {
    if (!submission.inputPicture.empty()) {
        auto saved =
            pictures_.saveInput(row.id, submission.inputPicture, submission.inputExtension);
        if (!saved) return saved.error();
        row.inputFile = *saved;
    }
    for (std::size_t i = 0; i < spec.inputs.size() && i < submission.otherPictures.size(); ++i) {
        auto saved = pictures_.saveInput(row.id, submission.otherPictures[i],
                                         extensionOf(spec.inputs[i].mime));
        if (!saved) {
            removeInputs(row, spec);
            return saved.error();
        }
        spec.inputs[i].file = *saved;
    }
    return Unit{};
}

void Engine::removeInputs(store::JobRow& row, JobSpec& spec) {
    if (!row.inputFile.empty()) pictures_.removeInput(row.inputFile);
    row.inputFile.clear();
    for (InputPicture& input : spec.inputs) {
        if (!input.file.empty()) pictures_.removeInput(input.file);
        input.file.clear();
    }
}

// Of a job that was submitted before.
Receipt Engine::receiptOf(const std::string& jobId) {
    const auto earlier = store_.job(jobId);
    Receipt receipt{jobId, "queued", 0};
    if (earlier && *earlier) {
        receipt.leftOut = leftOutJson(JobSpec::fromJson((*earlier)->job.request));
        receipt.status = store::toString((*earlier)->job.status);
    }
    const MutexLock lock(mutex_);
    const OpenJob* open = find(jobId);
    if (open != nullptr && open->row.status == store::JobStatus::Queued) {
        receipt.queuePosition = lists_.position(*open);
    }
    return receipt;
}

// What has become of a submission that cannot be a new job.
Result<Receipt> Engine::repeatOr(const Submission& submission, Error refusal) {
    if (submission.idempotencyKey.empty()) return refusal;
    store::ChangeSet lookUp;
    lookUp.idempotency =
        store::IdempotencyRecord{submission.client, submission.idempotencyKey, submission.bodyHash};
    const auto found = store_.commitAndWait(std::move(lookUp));
    // A key that cannot be looked up may stand for a job: that is no time for a final refusal.
    if (!found) return refusal.code == ErrorCode::RefusingWork ? refusal : found.error();
    if (found->bodyDiffers) return otherBody();
    if (found->existingJobId.empty()) return refusal;
    return receiptOf(found->existingJobId);
}

Result<Receipt> Engine::submit(Submission submission) {
    if (submission.refusal) return repeatOr(submission, *submission.refusal);
    if (Status able = admit(submission.spec, options_.endpoints); !able) {
        return repeatOr(submission, able.error());
    }
    if (Status free = reserve(); !free) return repeatOr(submission, free.error());
    const Reservation reservation{*this};

    JobSpec spec = std::move(submission.spec);
    store::JobRow row;
    row.client = submission.client;
    row.priority = spec.priority;
    row.correlationId = submission.correlationId;
    row.count = spec.count;
    for (int draw = 0; draw < kIdDraws; ++draw) {
        row.id = newJobId();
        row.createdAt = epochNow();
        if (Status saved = saveInputs(submission, row, spec); !saved) return saved.error();
        row.request = spec.toJson();
        store::ChangeSet change;
        change.newJob = row;
        if (!submission.idempotencyKey.empty()) {
            change.idempotency = store::IdempotencyRecord{
                submission.client, submission.idempotencyKey, submission.bodyHash};
        }
        change.events.push_back(jobEvent(row));
        {
            const MutexLock lock(mutex_);
            change.events.push_back(queueEvent(queued_ + 1));
        }
        const auto outcome = store_.commitAndWait(std::move(change));
        const bool made =
            outcome && !outcome->idTaken && outcome->existingJobId.empty() && !outcome->bodyDiffers;
        if (!made) removeInputs(row, spec);
        if (!outcome) return outcome.error();
        if (outcome->idTaken) continue;
        if (outcome->bodyDiffers) return otherBody();
        if (!outcome->existingJobId.empty()) return receiptOf(outcome->existingJobId);
        spdlog::info("[{}] job {} accepted: {} run(s) for client {}", row.correlationId, row.id,
                     row.count, row.client);
        Receipt receipt{row.id, "queued", 1, leftOutJson(spec)};
        const MutexLock lock(mutex_);
        auto job = makeOpenJob(row, std::make_shared<const JobSpec>(std::move(spec)), laneOf_,
                               promptLane_);
        const OpenJob& added = *job;
        addOpen(std::move(job));
        receipt.queuePosition = lists_.position(added);
        wake_.notifyAll();
        return receipt;
    }
    return Error{ErrorCode::Internal, "No free job id was found; try again."};
}

void Engine::setCancelled(OpenJob& job, bool cancelled) {
    if (job.waits()) --queued_;
    job.cancelled = cancelled;
    if (job.waits()) ++queued_;
    scheduler_.refresh(job);
    lists_.update(job);
}

Status Engine::cancel(const std::string& jobId) {
    store::ChangeSet change;
    std::vector<std::shared_ptr<plugins::Cancellation>> running;
    {
        const MutexLock lock(mutex_);
        OpenJob* job = find(jobId);
        if (job == nullptr || job->closing || job->cancelled) {
            return Error{ErrorCode::Validation, "The job is already finished."};
        }
        const bool waited = job->waits();
        setCancelled(*job, true);
        for (auto& [id, item] : job->running)
            running.push_back(item.cancellation);
        store::JobRow row = job->row;
        row.status = store::JobStatus::Cancelled;
        row.completedAt = epochNow();
        change.jobs.push_back({.id = jobId, .status = row.status, .completedAt = row.completedAt});
        change.events.push_back(jobEvent(row));
        if (waited) change.events.push_back(queueEvent(queued_));
    }
    const auto outcome = store_.commitAndWait(std::move(change));
    if (!outcome) {
        {
            const MutexLock lock(mutex_);
            if (OpenJob* job = find(jobId)) setCancelled(*job, false);
            wake_.notifyAll();
        }
        settle(jobId);  // its last item may have ended meanwhile
        return outcome.error();
    }
    for (const auto& cancellation : running)
        cancellation->cancel(plugins::CancelReason::User);
    {
        const MutexLock lock(mutex_);
        if (OpenJob* job = find(jobId)) job->cancelRecorded = true;
    }
    settle(jobId);
    return Unit{};
}

Result<int> Engine::clearQueue() {
    int cleared = 0;
    std::vector<std::string> ids;
    {
        const MutexLock lock(mutex_);
        for (const OpenJob* job : lists_.waiting(lists_.waitingCount())) {
            // A job of which something runs already counts as running.
            if (job->running.empty()) ids.push_back(job->id());
        }
    }
    for (std::size_t begin = 0; begin < ids.size(); begin += kClearBatch) {
        store::ChangeSet change;
        std::vector<std::string> batch;
        {
            const MutexLock lock(mutex_);
            for (std::size_t i = begin; i < std::min(ids.size(), begin + kClearBatch); ++i) {
                OpenJob* job = find(ids[i]);
                if (job == nullptr || !job->waits() || job->closing || !job->running.empty())
                    continue;
                setCancelled(*job, true);
                store::JobRow row = job->row;
                row.status = store::JobStatus::Cancelled;
                row.completedAt = epochNow();
                change.jobs.push_back(
                    {.id = row.id, .status = row.status, .completedAt = row.completedAt});
                change.events.push_back(jobEvent(row));
                batch.push_back(row.id);
            }
            change.events.push_back(queueEvent(queued_));
        }
        if (batch.empty()) continue;
        const auto outcome = store_.commitAndWait(std::move(change));
        if (!outcome) {
            const MutexLock lock(mutex_);
            for (const std::string& id : batch) {
                if (OpenJob* job = find(id)) {
                    setCancelled(*job, false);
                }
            }
            wake_.notifyAll();
            return outcome.error();
        }
        for (const std::string& id : batch) {
            {
                const MutexLock lock(mutex_);
                if (OpenJob* job = find(id)) job->cancelRecorded = true;
            }
            settle(id);
        }
        cleared += static_cast<int>(batch.size());
    }
    return cleared;
}

QueueView Engine::queue(std::size_t pendingLimit) const {
    const MutexLock lock(mutex_);
    QueueView view;
    for (const OpenJob* job : lists_.waiting(pendingLimit))
        view.pending.push_back(job->id());
    view.queueSize = queued_;
    for (const OpenJob* job : lists_.running())
        view.running.push_back(job->id());
    return view;
}

std::size_t Engine::queueSize() const {
    const MutexLock lock(mutex_);
    return queued_;
}

std::string Engine::currentJob() const {
    const MutexLock lock(mutex_);
    const OpenJob* longest = lists_.longestRunning();
    return longest == nullptr ? std::string() : longest->id();
}

std::vector<LiveItem> Engine::live(const std::string& jobId) const {
    const MutexLock lock(mutex_);
    std::vector<LiveItem> items;
    const auto found = open_.find(jobId);
    if (found == open_.end()) return items;
    for (const auto& [id, item] : found->second->running) {
        items.push_back({std::get<0>(id), std::get<1>(id), std::get<2>(id), item.endpoint,
                         item.startedAt, item.progress, item.phase, item.preview != nullptr});
    }
    return items;
}

std::optional<Preview> Engine::preview(const std::string& jobId,
                                       const std::string& endpoint) const {
    const MutexLock lock(mutex_);
    const auto found = open_.find(jobId);
    if (found == open_.end()) return std::nullopt;
    for (const auto& [id, item] : found->second->running) {
        if (item.endpoint == endpoint && item.preview) {
            return Preview{item.previewMime, item.preview};
        }
    }
    return std::nullopt;
}

std::vector<EndpointView> Engine::endpoints() const {
    const MutexLock lock(mutex_);
    std::vector<EndpointView> views;
    for (std::size_t i = 0; i < options_.endpoints.size(); ++i) {
        EndpointView view;
        view.setup = &options_.endpoints[i];
        view.busy = lanes_[i].busy;
        view.circuit = lanes_[i].breaker.state();
        view.lastError = lanes_[i].lastError;
        for (const auto& [id, job] : open_) {
            if (job->cancelled || job->closing || job->stopped) continue;
            for (const Slot& slot : job->slots) {
                if (slot.serves(static_cast<int>(i))) view.queued += slot.ready.size();
            }
        }
        views.push_back(std::move(view));
    }
    return views;
}

}  // namespace host::pipeline
