// What the engine makes of an attempt's end: records it, decides on another one, completes jobs.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>

#include "pipeline/attempt_end.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/job_events.hpp"
#include "pipeline/picture_stamp.hpp"
#include "pipeline/result_log.hpp"
#include "pipeline/stages.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

using plugins::CallStatus;
using store::ItemKind;
using store::ItemState;

namespace {

constexpr int kNameDraws = 20;
constexpr unsigned kRecordsPerLine = 20;

// What a result tells of the compiling of its prompt; nothing where there was none to be done.
Json compiledJson(const Work& work, const EndpointSetup& setup) {
    if (!work.compiled.compiled && work.compiled.losses.empty()) return Json::object();
    return {{"prompt_dialect", toString(setup.dialect)},
            {"prompt_loss", lossesJson(work.compiled.losses)}};
}

}  // namespace

Json Engine::endpointJson(const std::string& name) const {
    Json json = {{"name", name}, {"ip", nullptr}, {"port", nullptr}};
    const auto lane = laneOf_.find(name);
    if (lane == laneOf_.end()) return json;
    const EndpointSetup& setup = options_.endpoints[static_cast<std::size_t>(lane->second)];
    if (setup.ip) json["ip"] = *setup.ip;
    if (setup.port) json["port"] = *setup.port;
    return json;
}

void Engine::addFailure(store::ChangeSet& change, const store::ItemKey& key,
                        const std::string& error, store::ItemRow* row) const {
    store::ItemRow fresh;
    store::ItemRow& failed = row == nullptr ? fresh : *row;
    const double now = epochNow();
    failed.key = key;
    if (failed.endpoint.empty() && key.slot != "*") failed.endpoint = key.slot;
    failed.state = ItemState::Failed;
    failed.finishedAt = now;
    failed.leaseUntil.reset();
    failed.files.clear();
    failed.error = error;
    const std::string prompt = failed.result.value("prompt_used", "");
    Json image = {{"success", false},
                  {"error", error},
                  {"endpoint", endpointJson(failed.endpoint)},
                  {"prompt_used", prompt}};
    for (const char* name : {"prompt_dialect", "prompt_loss"}) {
        if (failed.result.contains(name)) image[name] = failed.result[name];
    }
    failed.result = {{"images", Json::array({image})}};
    change.resultLines.push_back(resultLine(now, failed.endpoint, prompt, std::nullopt, "",
                                            now - failed.startedAt.value_or(now), error));
    change.events.push_back(imageEvent(key.jobId, key.run, image));
    change.events.push_back(endpointEvent(key.jobId, key.run, failed.endpoint, "error"));
    change.items.push_back(failed);
}

// Commits what must not be lost, for as long as it takes: a full disk gets space again. False when
// the host stops first; the attempt then counts as cut short by the host.
bool Engine::record(const store::ChangeSet& change) {
    std::chrono::milliseconds pause{200};
    for (unsigned tries = 0;; ++tries) {
        const auto outcome = store_.commitAndWait(change);
        if (outcome) return true;
        // For as long as it takes, but not a line each time.
        if (tries % kRecordsPerLine == 0) {
            spdlog::error("a result cannot be recorded, trying again: {}", outcome.error().message);
        }
        const MutexLock lock(mutex_);
        const SteadyTime until = std::chrono::steady_clock::now() + pause;
        while (!abandonCommits_ && wake_.waitUntil(mutex_, until)) {
        }
        if (abandonCommits_) return false;
        pause = std::min(pause * 2, std::chrono::milliseconds(5000));
    }
}

void Engine::leaveLane(Work& work) {
    if (work.leftLane) return;
    work.leftLane = true;
    LaneState& lane = lanes_[static_cast<std::size_t>(work.lane)];
    --lane.busy;
    if (const auto one = lane.jobs.find(work.jobId()); one != lane.jobs.end()) lane.jobs.erase(one);
    if (work.kind == Work::Kind::Item) gpu_.ended(work.lane);
    if (RunningItem* item = runningItem(work.row.key)) item->leftLane = true;
    wake_.notifyAll();
}

void Engine::release(Work& work) {
    --atWork_;
    leaveLane(work);
    if (OpenJob* job = find(work.jobId())) job->running.erase(idOf(work.row.key));
    wake_.notifyAll();
}

void Engine::delay(const Work& work, std::chrono::milliseconds delay) {
    const SteadyTime until = std::chrono::steady_clock::now() + delay;
    delayed_.emplace(until, work.row.key);
    if (OpenJob* job = find(work.jobId())) job->retryAt[idOf(work.row.key)] = until;
}

bool Engine::mayWaitOn(const Work& work, SteadyTime again) {
    OpenJob* job = find(work.jobId());
    if (job == nullptr) return false;
    const SteadyTime now = std::chrono::steady_clock::now();
    OpenJob::Busy& busy =
        job->busy.try_emplace(idOf(work.row.key), OpenJob::Busy{now, now}).first->second;
    // After a time in which nobody asked, such as behind jobs of higher priority, it begins anew.
    if (now > busy.again + kBusyGap) busy.since = now;
    busy.again = again;
    return now - busy.since < kBusyLimit;
}

void Engine::finishDrawing(Work& work, DrawOutcome outcome) {
    noteCancel(work, outcome.call);
    noteLimit(work, outcome.call);
    if (outcome.reached) feedBreaker(work, outcome.call);
    if (outcome.call.ok()) {
        // The machine need not wait for our disk.
        const MutexLock lock(mutex_);
        if (!outcome.pictures.empty()) {
            times_.add(work.lane, workAtLane(work.lane, *work.spec), outcome.duration);
        }
        leaveLane(work);
    }
    const bool cancelled = outcome.call.status == CallStatus::Cancelled;
    if (!outcome.pictures.empty() && (outcome.call.ok() || cancelled)) {
        drawn(work, outcome);
    } else if (outcome.call.ok()) {
        outcome.call.status = CallStatus::BadOutput;
        outcome.call.message = "the endpoint reported success without a picture";
        drawingFailed(work, outcome.call, outcome.reached);
    } else {
        drawingFailed(work, outcome.call, outcome.reached);
    }
    settle(work.jobId());
}

void Engine::drawn(Work& work, DrawOutcome& outcome) {
    const auto lane = static_cast<std::size_t>(work.lane);
    const EndpointSetup& setup = options_.endpoints[lane];
    plugins::CallResult diskFault;
    diskFault.status = CallStatus::Busy;
    diskFault.details = {{"retry_after_ms", 10'000}};

    std::vector<store::PlannedFile> placed;
    for (ReceivedPicture& picture : outcome.pictures) {
        bool done = false;
        for (int draw = 0; draw < kNameDraws && !done; ++draw) {
            auto plan = picture.file->planName(
                fileStem(setup, picture.info.remoteName, work.jobId(), work.run()));
            if (!plan) {
                diskFault.message = plan.error().message;
                break;
            }
            work.row.files = placed;
            work.row.files.push_back(*plan);
            store::ChangeSet intent;
            intent.items.push_back(work.row);
            if (!record(intent)) {
                const MutexLock lock(mutex_);
                release(work);
                return;
            }
            const Status taken = picture.file->place();
            if (taken) {
                placed.push_back(*plan);
                done = true;
            } else {
                diskFault.message = taken.error().message;
                if (taken.error().code != ErrorCode::Validation) break;
            }
        }
        if (!done) {
            for (const store::PlannedFile& file : placed)
                pictures_.removePlanned(file);
            work.row.files.clear();
            drawingFailed(work, diskFault, true);
            return;
        }
    }

    const double now = epochNow();
    store::ChangeSet change;
    Json images = Json::array();
    for (std::size_t i = 0; i < placed.size(); ++i) {
        const ReceivedPicture& picture = outcome.pictures[i];
        Json stats = picture.info.stats.is_object() ? picture.info.stats : Json::object();
        const std::optional<std::int64_t> seed = reportedSeed(picture.info);
        if (seed && !stats.contains("seed")) stats["seed"] = *seed;
        const std::string& name = placed[i].name;
        Json image = {{"success", true},
                      {"endpoint", endpointJson(setup.name)},
                      {"filename", name},
                      {"url", "/images/" + name},
                      {"thumbnail_url", "/thumbnails/" + name},
                      {"local_path", (pictures_.outputDirectory() / name).string()},
                      {"stats", std::move(stats)},
                      {"duration", outcome.duration},
                      {"prompt_used", work.promptUsed()}};
        image.update(compiledJson(work, setup));
        if (outcome.steps > 0) image["steps"] = outcome.steps;
        image["width"] = picture.facts.width;
        image["height"] = picture.facts.height;
        change.events.push_back(imageEvent(work.jobId(), work.run(), image));
        change.images.push_back({.filename = name,
                                 .jobId = work.jobId(),
                                 .run = work.run(),
                                 .endpoint = setup.name,
                                 .prompt = work.prompt,
                                 .seed = seed,
                                 .width = picture.facts.width,
                                 .height = picture.facts.height,
                                 .size = picture.facts.size,
                                 .mtime = picture.facts.mtime});
        change.resultLines.push_back(
            resultLine(now, setup.name, work.promptUsed(), seed, name, outcome.duration, ""));
        images.push_back(std::move(image));
    }
    work.row.state = ItemState::Done;
    work.row.finishedAt = now;
    work.row.leaseUntil.reset();
    work.row.files = placed;
    work.row.result = {{"images", std::move(images)}};
    change.items.push_back(work.row);
    change.attempts.push_back(attemptOf(work, "ok", ""));
    change.events.push_back(endpointEvent(work.jobId(), work.run(), setup.name, "done"));
    const bool recorded = record(change);
    const MutexLock lock(mutex_);
    if (recorded) countFinal(work.row.key, true, "");
    release(work);
}

void Engine::drawingFailed(Work& work, const plugins::CallResult& call, bool reached) {
    if (call.status == CallStatus::Cancelled) {
        endCancelled(work, call);
        return;
    }
    const FailureClass kind = classify(call.status);
    bool again = false;
    bool counts = kind.counts;
    std::chrono::milliseconds delay = retryDelay(work.row.attempts);
    if (work.kind == Work::Kind::Item) {
        spdlog::warn("[{}] job {} run {} on {}: attempt {} failed: {}: {}", work.correlationId,
                     work.jobId(), work.run() + 1, work.row.endpoint, work.row.tries,
                     statusName(call.status), shortError(call));
        const MutexLock lock(mutex_);
        OpenJob* job = find(work.jobId());
        Slot* slot = job == nullptr ? nullptr : job->slot(ItemKind::Image, work.row.key.slot);
        if (slot != nullptr) {
            again = work.row.attempts < kind.attempts;
            if (!kind.counts) {
                delay = busyDelay(call.details);
                const SteadyTime until = std::chrono::steady_clock::now() + delay;
                again = mayWaitOn(work, until);
                if (reached) {
                    // It is the endpoint that is left alone; its item may go elsewhere at once.
                    LaneState& lane = lanes_[static_cast<std::size_t>(work.lane)];
                    lane.busyUntil = std::max(lane.busyUntil, until);
                    delay = std::chrono::milliseconds(0);
                }
            } else {
                job->busy.erase(idOf(work.row.key));
            }
            if (slot->lane == kAnyLane && kind.elsewhere && !(again && !kind.counts)) {
                // Another endpoint may take it at once; when all have failed it, all may try again.
                // While another is left it does not count, at most as often as there are
                // endpoints: several that refuse at once would else use up the attempts of every
                // picture while the one that can draw them is busy. Not where it took its time.
                slot->excluded[work.run()].insert(work.lane);
                if (mayMove(work)) {
                    if (!kind.takesItsTime) counts = false;
                    again = !counts || work.row.attempts < kMaxAttempts;
                    delay = std::chrono::milliseconds(0);
                } else {
                    slot->excluded.erase(work.run());
                }
            }
            if (job->cancelled || job->stopped) again = false;
        }
    }
    if (again) {
        tryAgain(work, call, delay, counts);
    } else {
        failedFinally(work, call);
    }
}

void Engine::tryAgain(Work& work, const plugins::CallResult& call, std::chrono::milliseconds delay,
                      bool counts) {
    if (!counts) --work.row.attempts;
    work.row.state = ItemState::Queued;
    work.row.leaseUntil.reset();
    work.row.files.clear();
    work.row.error = shortError(call);
    store::ChangeSet change;
    change.items.push_back(work.row);
    change.attempts.push_back(
        attemptOf(work, std::string(statusName(call.status)), work.row.error));
    const bool recorded = record(change);
    const MutexLock lock(mutex_);
    OpenJob* job = find(work.jobId());
    if (job != nullptr && recorded) {
        job->touched[idOf(work.row.key)] = work.row;
        this->delay(work, delay);
    }
    release(work);
}

// Stopped by the user: the item is over. By the shutdown: it is handed back, and the attempt does
// not count. (A deadline comes as Timeout.)
void Engine::endCancelled(Work& work, const plugins::CallResult& call) {
    const bool handBack = call.cancelReason == plugins::CancelReason::Shutdown;
    work.row.leaseUntil.reset();
    work.row.files.clear();
    if (handBack) {
        --work.row.attempts;
        work.row.state = ItemState::Queued;
    } else {
        work.row.state = ItemState::Cancelled;
        work.row.finishedAt = epochNow();
    }
    store::ChangeSet change;
    change.items.push_back(work.row);
    change.attempts.push_back(attemptOf(work, handBack ? "handed_back" : "cancelled", ""));
    record(change);
    const MutexLock lock(mutex_);
    OpenJob* job = find(work.jobId());
    if (job != nullptr && handBack && !job->cancelled) {
        job->touched[idOf(work.row.key)] = work.row;
        if (Slot* slot = job->slot(work.row.key.kind, work.row.key.slot)) {
            slot->ready.add(work.run());
            scheduler_.refresh(*job);
        }
    }
    release(work);
}

void Engine::failedFinally(Work& work, const plugins::CallResult& call) {
    const std::string error = shortError(call);
    store::ChangeSet change;
    if (work.kind == Work::Kind::Item) {
        change.attempts.push_back(attemptOf(work, std::string(statusName(call.status)), error));
    }
    work.row.result = {{"prompt_used", work.promptUsed()}};
    work.row.result.update(
        compiledJson(work, options_.endpoints[static_cast<std::size_t>(work.lane)]));
    addFailure(change, work.row.key, error, &work.row);
    const bool recorded = record(change);
    {
        const MutexLock lock(mutex_);
        if (recorded) countFinal(work.row.key, false, error);
        release(work);
    }
    if (work.kind == Work::Kind::GiveUp) settle(work.jobId());
}

void Engine::countFinal(const store::ItemKey& key, bool success, const std::string& error) {
    OpenJob* job = find(key.jobId);
    if (job == nullptr) return;
    Slot* slot = job->slot(key.kind, key.slot);
    if (success) {
        ++job->pictures;
        if (slot != nullptr) slot->failedItems = 0;
    } else {
        ++job->failures;
        job->lastError = error;
        if (slot != nullptr) ++slot->failedItems;
    }
    job->pictureEnded(key);
    const bool hopeless =
        job->pictures == 0 && std::all_of(job->slots.begin(), job->slots.end(), [](const Slot& s) {
            return s.failedItems >= kHopelessFailures;
        });
    if (hopeless && !job->stopped && job->finalItems < job->totalItems()) {
        job->stopped = true;
        job->stopReason = "Stopped after " + std::to_string(job->failures) +
                          " failures without a picture. The last one: " + error;
        scheduler_.refresh(*job);
        spdlog::warn("[{}] job {}: {}", job->row.correlationId, job->id(), job->stopReason);
    }
}

// Completes the job when nothing of it is left to do, and forgets it once that is on disk.
void Engine::settle(const std::string& jobId) {
    store::ChangeSet change;
    {
        const MutexLock lock(mutex_);
        OpenJob* job = find(jobId);
        if (job == nullptr || job->closing || !job->drained()) return;
        if (job->cancelled) {
            // Its row says so already.
            if (job->cancelRecorded) erase(jobId);
            return;
        }
        if (job->finalItems < job->totalItems() && !job->stopped) return;
        if (phase_ == Phase::Stopped) return;
        job->closing = true;
        scheduler_.refresh(*job);
        store::JobRow row = job->row;
        row.status = job->pictures > 0 ? store::JobStatus::Completed : store::JobStatus::Failed;
        row.completedAt = epochNow();
        if (job->stopped) {
            row.error = job->stopReason;
        } else if (job->pictures == 0) {
            row.error = job->lastError;
        } else if (job->failures > 0) {
            row.error = std::to_string(job->failures) + " of " + std::to_string(job->totalItems()) +
                        " pictures failed. The last one: " + job->lastError;
        }
        if (!row.startedAt) row.startedAt = row.completedAt;
        change.jobs.push_back({.id = jobId,
                               .status = row.status,
                               .startedAt = row.startedAt,
                               .completedAt = row.completedAt,
                               .error = row.error});
        change.events.push_back(jobEvent(row));
        spdlog::info("[{}] job {} {}: {} picture(s), {} failure(s)", row.correlationId, jobId,
                     store::toString(row.status), job->pictures, job->failures);
    }
    record(change);
    const MutexLock lock(mutex_);
    erase(jobId);
    wake_.notifyAll();
}

}  // namespace host::pipeline
