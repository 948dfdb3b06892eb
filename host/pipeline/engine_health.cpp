// What the engine knows of the health of its endpoints: circuits, probes, who else could do an
// item.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "pipeline/attempt_end.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/stages.hpp"

namespace host::pipeline {

using plugins::CallStatus;

namespace {

constexpr std::chrono::seconds kProbeTimeout{3};
// An endpoint that was heard of within this time is trusted with work that others could do.
constexpr std::chrono::seconds kFresh{30};
constexpr std::chrono::seconds kLookPause{1};

bool tellsOfAbsence(CallStatus status) {
    return status == CallStatus::Unavailable || status == CallStatus::Timeout ||
           status == CallStatus::Hung;
}

}  // namespace

int Engine::placesOf(int lane) const {
    return lane == promptLane_ ? options_.prompt.concurrency
                               : options_.endpoints[static_cast<std::size_t>(lane)].concurrency;
}

bool Engine::othersMayDo(const Slot& slot, std::optional<int> run, int lane) const {
    if (slot.lane != kAnyLane) return false;
    for (int other = 0; other < promptLane_; ++other) {
        const LaneState& state = lanes_[static_cast<std::size_t>(other)];
        if (other == lane || state.breaker.state() == CircuitBreaker::State::Open) continue;
        if (run ? slot.mayDo(other, *run) : slot.serves(other)) return true;
    }
    return false;
}

bool Engine::mayMove(const Work& work) {
    OpenJob* job = find(work.jobId());
    const Slot* slot = job == nullptr ? nullptr : job->slot(work.row.key.kind, work.row.key.slot);
    return slot != nullptr && othersMayDo(*slot, work.run(), work.lane);
}

// A picture is not risked on an endpoint that may be away while others could draw it: a dead one
// costs a probe, not an attempt. Also when the others have failed it: they may try again.
bool Engine::asksFirst(int lane, const Slot& slot, SteadyTime now) const {
    const std::optional<SteadyTime>& heardAt = lanes_[static_cast<std::size_t>(lane)].heardAt;
    if (heardAt && now - *heardAt < kFresh) return false;
    return othersMayDo(slot, std::nullopt, lane);
}

Work Engine::beginProbe(int lane) {
    Work work;
    work.kind = Work::Kind::Probe;
    work.lane = lane;
    work.cancellation = std::make_shared<plugins::Cancellation>();
    lanes_[static_cast<std::size_t>(lane)].probing = work.cancellation;
    ++atWork_;
    return work;
}

// A circuit has opened: what only endpoints with open circuits have not failed yet may go back to
// those that failed it, rather than wait for the others to return.
void Engine::liftExclusions() {
    for (const auto& [id, job] : open_) {
        bool lifted = false;
        for (Slot& slot : job->slots) {
            for (auto at = slot.excluded.begin(); at != slot.excluded.end();) {
                const bool stays = othersMayDo(slot, at->first, kAnyLane);
                lifted = lifted || !stays;
                at = stays ? std::next(at) : slot.excluded.erase(at);
            }
        }
        if (lifted) scheduler_.refresh(*job);
    }
}

// What a lane does while its circuit is not closed: probe when that is due, and give up on items
// that have waited long enough for an endpoint that only they can use.
std::optional<Work> Engine::nextForOpenCircuit(int lane, SteadyTime now, SteadyTime& wakeAt) {
    LaneState& state = lanes_[static_cast<std::size_t>(lane)];
    if (lane != promptLane_ && state.breaker.probeDue(now)) {
        state.breaker.beginProbe();
        return beginProbe(lane);
    }
    if (lane == promptLane_) {
        // A job goes on without the model rather than wait for it; one item tries it again when
        // due.
        const auto pick = scheduler_.best(lane);
        if (!pick) return std::nullopt;
        if (state.breaker.probeDue(now)) {
            if (!gpu_.mayTake(lane)) return std::nullopt;
            state.breaker.beginProbe();
            return take(lane, *pick, Work::Kind::Item, now);
        }
        return giveUp(lane, *pick, "the language model is unavailable: " + state.lastError);
    }
    if (now < state.lookAt) {
        wakeAt = std::min(wakeAt, state.lookAt);
    } else {
        if (auto work = longestWaiting(lane, now)) return work;
        // Thousands may wait, and every change in the queue wakes the lane.
        state.lookAt = now + kLookPause;
        wakeAt = std::min(wakeAt, state.lookAt);
    }
    if (state.breaker.state() == CircuitBreaker::State::Open) {
        wakeAt = std::min(wakeAt, state.breaker.probeAt());
    }
    return std::nullopt;
}

// The giving up of an item that has waited long enough for an endpoint with an open circuit.
std::optional<Work> Engine::longestWaiting(int lane, SteadyTime now) {
    const LaneState& state = lanes_[static_cast<std::size_t>(lane)];
    for (OpenJob* job : scheduler_.listed(lane)) {
        const auto pick = Scheduler::firstOf(*job, lane, promptLane_);
        if (!pick || pick->slot->lane == kAnyLane) continue;
        if (!pick->slot->readySince) pick->slot->readySince = now;
        const SteadyTime since = std::max(*pick->slot->readySince, state.breaker.openedAt());
        if (now >= since + kCircuitPatience) {
            return giveUp(lane, *pick, "endpoint unavailable: " + state.lastError);
        }
    }
    return std::nullopt;
}

// A backend in quarantine is made anew by it, when its call has come back.
void Engine::probe(const Work& work) {
    const int lane = work.lane;
    const EndpointSetup& setup = options_.endpoints[static_cast<std::size_t>(lane)];
    plugins::CallContext context;
    context.deadline = std::chrono::steady_clock::now() + kProbeTimeout;
    context.cancellation = work.cancellation;
    const plugins::CallResult result = askEndpoint(*setup.backend, context);
    // Before it gets work again: it may be another program by now.
    plugins::learnAfterProbe(*setup.backend, result, plugins::kDescribeTimeout);
    const auto now = std::chrono::steady_clock::now();
    const MutexLock lock(mutex_);
    LaneState& state = lanes_[static_cast<std::size_t>(lane)];
    state.probing.reset();
    // Of one that was never found to be unwell nothing more is asked than to be there.
    const bool there = result.ok() || result.status == CallStatus::Busy ||
                       (state.breaker.suspected() && !tellsOfAbsence(result.status));
    if (there) {
        spdlog::info("endpoint {} answers", setup.name);
        state.heardAt = now;
        state.breaker.probeSucceeded();
        state.lastError.clear();
    } else {
        spdlog::warn("endpoint {} does not answer: {}", setup.name, result.message);
        state.breaker.failed(now);
        state.lastError = result.message;
        liftExclusions();
    }
    --atWork_;
    wake_.notifyAll();
}

void Engine::feedBreaker(const Work& work, const plugins::CallResult& call) {
    const FailureClass kind = classify(call.status);
    const auto now = std::chrono::steady_clock::now();
    const MutexLock lock(mutex_);
    LaneState& state = lanes_[static_cast<std::size_t>(work.lane)];
    if (call.ok()) {
        state.heardAt = now;
        state.breaker.succeeded();
        state.lastError.clear();
        return;
    }
    if (work.lane != promptLane_ &&
        options_.endpoints[static_cast<std::size_t>(work.lane)].backend->quarantined()) {
        // It takes nothing any more until its call is back: no other item is to be lost to it.
        state.lastError = "a call was given up that did not stop when it was told to";
        state.breaker.trip(now);
        liftExclusions();
        return;
    }
    if (call.status == CallStatus::Cancelled) return undecided(work);
    state.lastError = shortError(call);
    if (!kind.blamesEndpoint) {
        // It answered: whatever is wrong, it is there.
        state.heardAt = now;
        if (!state.breaker.closed()) state.breaker.succeeded();
        return;
    }
    if (work.lane != promptLane_ && call.status == CallStatus::Unavailable && mayMove(work)) {
        // Others can do it meanwhile: ask before the next picture is lost to it.
        state.breaker.suspect(now);
        if (!state.breaker.closed()) liftExclusions();
    } else if (work.lane != promptLane_) {
        state.breaker.failed(now);
        if (!state.breaker.closed()) liftExclusions();
    } else if (options_.prompt.vision != nullptr && work.spec->hasImage() &&
               state.breaker.closed()) {
        // It was the vision model that failed: prompts without pictures do not need it.
    } else if (work.row.attempts >= kind.attempts || !state.breaker.closed()) {
        // Each prompt gets its attempts; after one that used them up the rest does not queue for
        // them.
        state.breaker.trip(now);
    }
}

void Engine::undecided(const Work& work) {
    LaneState& state = lanes_[static_cast<std::size_t>(work.lane)];
    if (work.lane == promptLane_) state.breaker.undecided(std::chrono::steady_clock::now());
}

}  // namespace host::pipeline
