// The engine's lanes: threads that wait for the best item they may do, claim it and carry it out.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "pipeline/engine.hpp"
#include "pipeline/job_events.hpp"
#include "pipeline/stages.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

namespace {

constexpr std::chrono::seconds kIdleWait{30};
// A running item is another host's to take over so long after its deadline.
constexpr double kLeaseMargin = 60;

// What events tell of an item while it runs.
Json stateOf(const store::ItemKey& key, const RunningItem& item) {
    Json data = {{"run", key.run + 1},
                 {"endpoint", item.endpoint},
                 {"state", "generating"},
                 {"progress", item.progress ? Json(*item.progress) : Json()}};
    if (item.preview != nullptr) data["preview_url"] = previewUrl(key.jobId, item.endpoint);
    return data;
}

}  // namespace

void Engine::laneLoop(int lane) {
    const EndpointSetup& setup = options_.endpoints[static_cast<std::size_t>(lane)];
    while (auto work = next(lane)) {
        if (work->kind == Work::Kind::Probe) {
            probe(*work);
            continue;
        }
        if (work->kind == Work::Kind::GiveUp) {
            plugins::CallResult call;
            call.status = plugins::CallStatus::InvalidArgument;
            call.message = work->giveUpReason;
            drawingFailed(*work, call, false);
            continue;
        }
        if (!claim(*work)) continue;
        work->compiled = compilePrompt(setup.dialect, work->prompt);
        // By value: a call that hangs outlives this attempt.
        const store::ItemKey key = work->row.key;
        DrawOutcome outcome = draw(
            *work, setup, pictures_,
            [this, key](double fraction, std::string_view phase) {
                progressed(key, fraction, phase);
            },
            [this, key](std::string_view mime, std::span<const std::byte> bytes) {
                previewed(key, mime, bytes);
            });
        finishDrawing(*work, std::move(outcome));
    }
}

void Engine::promptLoop() {
    const PromptSetup& setup = options_.prompt;
    while (auto work = next(promptLane_)) {
        if (work->kind == Work::Kind::Release) {
            releaseGpu(*work);
            continue;
        }
        if (work->kind == Work::Kind::GiveUp) {
            PromptOutcome outcome;
            outcome.call.status = plugins::CallStatus::Unavailable;
            outcome.call.message = work->giveUpReason;
            finishPrompt(*work, std::move(outcome));
            continue;
        }
        if (claim(*work)) finishPrompt(*work, writePrompt(*work, setup, pictures_));
    }
}

void Engine::releaseDue(SteadyTime now, SteadyTime& wakeAt) {
    while (!delayed_.empty() && delayed_.begin()->first <= now) {
        const store::ItemKey key = delayed_.begin()->second;
        delayed_.erase(delayed_.begin());
        OpenJob* job = find(key.jobId);
        if (job == nullptr) continue;
        job->retryAt.erase(idOf(key));
        if (Slot* slot = job->slot(key.kind, key.slot)) {
            slot->ready.add(key.run);
            scheduler_.refresh(*job);
            wake_.notifyAll();
        }
    }
    if (!delayed_.empty()) wakeAt = std::min(wakeAt, delayed_.begin()->first);
}

std::optional<Work> Engine::next(int lane) {
    const MutexLock lock(mutex_);
    LaneState& state = lanes_[static_cast<std::size_t>(lane)];
    while (phase_ == Phase::Running) {
        const SteadyTime now = std::chrono::steady_clock::now();
        SteadyTime wakeAt = now + kIdleWait;
        releaseDue(now, wakeAt);
        updateGpuTurn(now, wakeAt);
        if (auto work = nextRelease(lane)) return work;
        if (const auto pick = scheduler_.best(lane)) {
            if (!state.breaker.closed()) {
                if (auto work = nextForOpenCircuit(lane, now, wakeAt)) return work;
            } else if (now < state.busyUntil) {
                wakeAt = std::min(wakeAt, state.busyUntil);
            } else if (state.busy < placesOf(lane) && gpu_.mayTake(lane)) {
                if (!asksFirst(lane, *pick->slot, now))
                    return take(lane, *pick, Work::Kind::Item, now);
                state.breaker.ask(now);
                return beginProbe(lane);
            }
        }
        wake_.waitUntil(mutex_, wakeAt);
    }
    return std::nullopt;
}

Work Engine::take(int lane, const Scheduler::Pick& pick, Work::Kind kind, SteadyTime now) {
    OpenJob& job = *pick.job;
    const bool drawing = pick.kind == store::ItemKind::Image;
    Work work;
    work.kind = kind;
    work.lane = lane;
    work.spec = job.spec;
    work.correlationId = job.row.correlationId;
    work.inputFile = job.row.inputFile;
    work.cancellation = std::make_shared<plugins::Cancellation>();
    work.startedAt = epochNow();
    work.chosenAt = now;
    store::ItemKey key{job.id(), pick.kind, pick.run, pick.slot->name};
    const ItemId id = idOf(key);
    if (const auto touched = job.touched.find(id); touched != job.touched.end()) {
        work.row = touched->second;
    } else {
        work.row.key = key;
    }
    if (!work.row.startedAt) work.row.startedAt = work.startedAt;
    work.row.state = store::ItemState::Running;
    work.row.endpoint =
        drawing ? options_.endpoints[static_cast<std::size_t>(lane)].name : std::string();
    work.row.tries += 1;
    work.row.attempts += 1;
    setLimit(work);
    work.row.leaseUntil =
        work.startedAt + std::chrono::duration<double>(work.limit).count() + kLeaseMargin;
    if (drawing) {
        if (job.promptSlots.empty()) {
            work.prompt = job.spec->promptFor(work.row.endpoint);
        } else {
            work.prompt = job.prompts[{pick.run, job.promptSlotFor(work.row.endpoint)}];
        }
    }
    scheduler_.take(lane, pick);
    if (pick.slot->ready.empty()) pick.slot->readySince.reset();

    RunningItem running;
    running.lane = lane;
    running.endpoint = work.row.endpoint;
    running.cancellation = work.cancellation;
    running.startedAt = work.startedAt;
    job.running[id] = std::move(running);
    ++lanes_[static_cast<std::size_t>(lane)].busy;
    lanes_[static_cast<std::size_t>(lane)].jobs.insert(job.id());
    if (kind == Work::Kind::Item) gpu_.began(lane);
    ++atWork_;
    return work;
}

Work Engine::giveUp(int lane, const Scheduler::Pick& pick, std::string reason) {
    Work work = take(lane, pick, Work::Kind::GiveUp, std::chrono::steady_clock::now());
    leaveLane(work);
    work.giveUpReason = std::move(reason);
    --work.row.tries;
    --work.row.attempts;
    return work;
}

// Makes the claim durable. False when the item must not be worked on; it has been put back then.
bool Engine::claim(Work& work) {
    bool tellsStart = false;
    store::ChangeSet change;
    change.claim = work.row.key;
    change.items.push_back(work.row);
    change.attempts.push_back({.key = work.row.key,
                               .number = work.row.tries,
                               .endpoint = work.row.endpoint,
                               .startedAt = work.startedAt});
    {
        const MutexLock lock(mutex_);
        OpenJob* job = find(work.jobId());
        if (job == nullptr) {
            release(work);
            return false;
        }
        if (job->waits()) {
            job->row.status = store::JobStatus::Running;
            if (!job->row.startedAt) job->row.startedAt = work.startedAt;
            lists_.update(*job);
            --queued_;
            work.startsJob = true;
        }
        // Until one of these is on disk, every claim carries it.
        tellsStart = !job->startRecorded && !job->cancelled;
        if (tellsStart) {
            change.jobs.push_back(
                {.id = job->id(), .status = job->row.status, .startedAt = job->row.startedAt});
            if (work.startsJob) {
                change.events.push_back(jobEvent(job->row));
                change.events.push_back(queueEvent(queued_));
            }
        }
    }
    if (work.row.key.kind == store::ItemKind::Image) {
        change.events.push_back(
            endpointEvent(work.jobId(), work.run(), work.row.endpoint, "generating"));
    }
    const auto outcome = store_.commitAndWait(std::move(change));
    if (outcome && !outcome->conflict) {
        const MutexLock lock(mutex_);
        OpenJob* job = find(work.jobId());
        if (tellsStart && job != nullptr) job->startRecorded = true;
        claimSeconds_.observe(
            std::chrono::duration<double>(std::chrono::steady_clock::now() - work.chosenAt)
                .count());
        return true;
    }
    const std::string why = outcome ? "it is taken already" : outcome.error().message;
    bool tell = false;
    {
        const MutexLock lock(mutex_);
        const OpenJob* job = find(work.jobId());
        // Not by a job that was cancelled meanwhile.
        if (job != nullptr && !job->cancelled) {
            LaneState& lane = lanes_[static_cast<std::size_t>(work.lane)];
            // Once, while the cause stays.
            tell = lane.lastError != why;
            lane.lastError = why;
            delay(work, retryDelay(1));
            // The lane's other items would meet the same, all of them in a moment.
            if (!outcome) {
                lane.busyUntil =
                    std::max(lane.busyUntil, std::chrono::steady_clock::now() + retryDelay(1));
            }
        }
        undecided(work);
        release(work);
    }
    if (tell) {
        spdlog::error("[{}] job {} run {}: the item cannot be claimed: {}", work.correlationId,
                      work.jobId(), work.run() + 1, why);
    }
    settle(work.jobId());
    return false;
}

RunningItem* Engine::runningItem(const store::ItemKey& key) {
    OpenJob* job = find(key.jobId);
    if (job == nullptr) return nullptr;
    const auto item = job->running.find(idOf(key));
    return item == job->running.end() ? nullptr : &item->second;
}

void Engine::progressed(const store::ItemKey& key, double fraction, std::string_view phase) {
    Json data;
    {
        const MutexLock lock(mutex_);
        RunningItem* item = runningItem(key);
        if (item == nullptr) return;
        if (fraction >= 0) item->progress = fraction;
        item->phase = phase;
        data = stateOf(key, *item);
    }
    events_.passing("endpoint", key.jobId, data);
}

void Engine::previewed(const store::ItemKey& key, std::string_view mime,
                       std::span<const std::byte> bytes) {
    auto copy = std::make_shared<const std::string>(reinterpret_cast<const char*>(bytes.data()),
                                                    bytes.size());
    Json data;
    {
        const MutexLock lock(mutex_);
        RunningItem* item = runningItem(key);
        if (item == nullptr) return;
        const bool first = item->preview == nullptr;
        item->previewMime = mime;
        item->preview = std::move(copy);
        // Later ones come with the next progress.
        if (!first) return;
        data = stateOf(key, *item);
    }
    events_.passing("endpoint", key.jobId, data);
}

}  // namespace host::pipeline
