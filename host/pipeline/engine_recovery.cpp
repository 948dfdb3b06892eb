// The engine's beginning and end: taking up what an earlier process left, handing back what this
// one cannot finish.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

#include "pipeline/engine.hpp"
#include "pipeline/job_events.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

using store::ItemKind;
using store::ItemRow;
using store::ItemState;

namespace {

constexpr std::size_t kBatch = 200;
// Told to stop, a call returns within the plugin floor's own grace, or is given up by it.
constexpr std::chrono::seconds kStopLimit{10};

using RunSet = std::set<std::pair<int, std::string>>;

// The attempt that was under way, as it ended.
store::AttemptRow hostDied(store::JobStore& store, const ItemRow& row, double now) {
    store::AttemptRow attempt{.key = row.key,
                              .number = row.tries,
                              .endpoint = row.endpoint,
                              .startedAt = row.startedAt.value_or(now)};
    if (const auto known = store.attempts(row.key.jobId)) {
        for (const store::AttemptRow& one : *known) {
            if (one.key == row.key && one.number == row.tries) attempt = one;
        }
    }
    attempt.endedAt = now;
    attempt.outcome = "host_died";
    attempt.error = "the host ended during this attempt";
    return attempt;
}

}  // namespace

Status Engine::start() {
    if (Status recovered = recover(); !recovered) return recovered;
    seedTimes();
    std::vector<std::string> ids;
    {
        const MutexLock lock(mutex_);
        for (const auto& [id, job] : open_)
            ids.push_back(id);
    }
    for (const std::string& id : ids)
        settle(id);
    for (std::size_t lane = 0; lane < options_.endpoints.size(); ++lane) {
        // One more than calls at once: the next call begins while a result is being recorded.
        for (int i = 0; i <= options_.endpoints[lane].concurrency; ++i) {
            threads_.emplace_back([this, lane] { laneLoop(static_cast<int>(lane)); });
        }
    }
    for (int i = 0; i < options_.prompt.concurrency; ++i) {
        threads_.emplace_back([this] { promptLoop(); });
    }
    return Unit{};
}

void Engine::stop(std::chrono::milliseconds grace) {
    std::vector<std::shared_ptr<plugins::Cancellation>> running;
    {
        const MutexLock lock(mutex_);
        if (phase_ == Phase::Stopped) return;
        phase_ = Phase::Draining;
        wake_.notifyAll();
        const SteadyTime until = std::chrono::steady_clock::now() + grace;
        while (atWork_ > 0 && wake_.waitUntil(mutex_, until)) {
        }
        for (const auto& [id, job] : open_) {
            for (const auto& [item, at] : job->running)
                running.push_back(at.cancellation);
        }
        if (releasing_ != nullptr) running.push_back(releasing_);
        for (const LaneState& lane : lanes_) {
            if (lane.probing != nullptr) running.push_back(lane.probing);
        }
    }
    if (!running.empty()) {
        spdlog::info("shutdown: {} item(s) are stopped and handed back", running.size());
        for (const auto& call : running)
            call->cancel(plugins::CancelReason::Shutdown);
    }
    {
        const MutexLock lock(mutex_);
        const SteadyTime until = std::chrono::steady_clock::now() + kStopLimit;
        while (atWork_ > 0 && wake_.waitUntil(mutex_, until)) {
        }
        abandonCommits_ = true;
        phase_ = Phase::Stopped;
        wake_.notifyAll();
    }
    for (std::thread& thread : threads_)
        thread.join();
    threads_.clear();
}

Status Engine::recover() {
    auto details = store_.openJobs();
    if (!details) return details.error();
    store::ChangeSet change;
    std::size_t inBatch = 0;
    std::size_t jobs = 0;
    const auto flush = [&]() -> Status {
        inBatch = 0;
        const auto outcome = store_.commitAndWait(std::move(change));
        change = {};
        if (!outcome) return outcome.error();
        return Unit{};
    };
    for (store::JobDetail& detail : *details) {
        if (store::isOpen(detail.job.status)) {
            ++jobs;
            adopt(std::move(detail), change);
        } else {
            closeLeftover(detail, change);
        }
        if (++inBatch < kBatch) continue;
        if (Status done = flush(); !done) return done;
    }
    if (inBatch > 0) {
        if (Status done = flush(); !done) return done;
    }
    if (jobs > 0) spdlog::info("{} unfinished job(s) taken up again", jobs);
    return Unit{};
}

// A finished (cancelled) job whose last items were still running when the process ended.
void Engine::closeLeftover(const store::JobDetail& detail, store::ChangeSet& change) {
    const double now = epochNow();
    for (ItemRow row : detail.items) {
        if (row.state != ItemState::Running && row.state != ItemState::Queued) continue;
        for (const store::PlannedFile& file : row.files)
            pictures_.removePlanned(file);
        if (row.state == ItemState::Running) change.attempts.push_back(hostDied(store_, row, now));
        row.files.clear();
        row.state = ItemState::Cancelled;
        row.finishedAt = now;
        row.leaseUntil.reset();
        change.items.push_back(std::move(row));
    }
}

// Brings one unfinished job back as it was, less what the end of the process undid.
void Engine::adopt(store::JobDetail detail, store::ChangeSet& change) {
    auto spec = std::make_shared<const JobSpec>(JobSpec::fromJson(detail.job.request));
    if (detail.job.status == store::JobStatus::Running) {
        detail.job.status = store::JobStatus::Queued;
        change.jobs.push_back({.id = detail.job.id, .status = detail.job.status});
        change.events.push_back(jobEvent(detail.job));
    }
    auto made = makeOpenJob(detail.job, spec, laneOf_, promptLane_);
    // Prompts first: pictures are made of them.
    std::stable_sort(detail.items.begin(), detail.items.end(), [](const auto& a, const auto& b) {
        return a.key.kind == ItemKind::Prompt && b.key.kind != ItemKind::Prompt;
    });
    for (ItemRow& row : detail.items) {
        if (row.state == ItemState::Running) interrupted(*made, row, change);
        made->takePrompt(row);
    }
    const MutexLock lock(mutex_);
    takeUp(std::move(made), detail.items, change);
}

OpenJob& Engine::takeUp(std::unique_ptr<OpenJob> made, const std::vector<ItemRow>& items,
                        store::ChangeSet& change) {
    OpenJob& job = *made;
    addOpen(std::move(made));
    RunSet closed;  // prompts that are not to be written, or not again
    RunSet finished;
    for (const ItemRow& row : items) {
        const std::pair<int, std::string> place{row.key.run, row.key.slot};
        if (row.key.kind == ItemKind::Prompt) job.takePrompt(row);
        if (row.state == ItemState::Queued) {
            job.touched[idOf(row.key)] = row;
        } else if (row.key.kind == ItemKind::Prompt) {
            closed.insert(place);
        } else {
            finished.insert(place);
            if (row.state == ItemState::Cancelled) {
                job.pictureEnded(row.key);
            } else {
                countFinal(row.key, row.state == ItemState::Done, row.error);
            }
        }
    }
    for (Slot& slot : job.promptSlots) {
        slot.ready.clear();
        for (int run = 0; run < job.row.count; ++run) {
            if (!closed.contains({run, slot.name})) slot.ready.add(run);
        }
    }
    for (Slot& slot : job.slots) {
        if (items.empty() && slot.lane != kGoneLane) continue;
        const std::string& needs = slot.lane == kAnyLane && !job.promptSlots.empty()
                                       ? job.promptSlots.front().name
                                       : job.promptSlotFor(slot.name);
        slot.ready.clear();
        for (int run = 0; run < job.row.count; ++run) {
            if (finished.contains({run, slot.name})) continue;
            const store::ItemKey key{job.id(), ItemKind::Image, run, slot.name};
            const bool written = job.prompts.contains({run, needs});
            std::string error;
            if (slot.lane == kGoneLane) {
                error = goneError(slot.name);
            } else if (!written && closed.contains({run, needs})) {
                error = "no prompt was written";
            }
            if (!error.empty()) {
                addFailure(change, key, error);
                countFinal(key, false, error);
            } else if (job.promptSlots.empty() || written) {
                slot.ready.add(run);
            }
        }
    }
    scheduler_.refresh(job);
    return job;
}

std::string Engine::goneError(const std::string& endpoint) {
    return "endpoint \"" + endpoint + "\" is no longer in the configuration";
}

// An attempt that the end of the process cut short. It does not count, up to a bound: a job that
// takes the host down with it must not do so for ever.
void Engine::interrupted(const OpenJob& job, ItemRow& row, store::ChangeSet& change) const {
    const double now = epochNow();
    for (const store::PlannedFile& file : row.files)
        pictures_.removePlanned(file);
    change.attempts.push_back(hostDied(store_, row, now));
    row.files.clear();
    row.leaseUntil.reset();
    row.attempts = std::max(0, row.attempts - 1);
    row.hostDeaths += 1;
    row.state = ItemState::Queued;
    if (row.hostDeaths < kMaxHostDeaths) {
        change.items.push_back(row);
        return;
    }
    row.error = "the host died " + std::to_string(row.hostDeaths) +
                " times while it worked on this; it is not tried again";
    if (row.key.kind == ItemKind::Prompt) {
        row.finishedAt = now;
        if (options_.prompt.fallback) {
            Work work;
            work.row = row;
            work.spec = job.spec;
            work.correlationId = job.row.correlationId;
            work.cancellation = std::make_shared<plugins::Cancellation>();
            row.state = ItemState::Done;
            row.result = fallbackResult(work, row.error);
        } else {
            row.state = ItemState::Failed;
            row.result = {{"prompt", ""}, {"state", "error"}, {"error", row.error}};
        }
        change.items.push_back(row);
        return;
    }
    if (job.promptSlots.empty()) {
        row.result["prompt_used"] = job.spec->promptFor(row.endpoint);
    } else {
        const auto written = job.prompts.find({row.key.run, job.promptSlotFor(row.endpoint)});
        row.result["prompt_used"] = written == job.prompts.end() ? "" : written->second;
    }
    const std::string error = row.error;
    addFailure(change, row.key, error, &row);
}

}  // namespace host::pipeline
