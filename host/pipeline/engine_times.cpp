// The engine's part in learning how long its endpoints take: see RunTimes.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>

#include "pipeline/admission.hpp"
#include "pipeline/engine.hpp"

namespace host::pipeline {

namespace {

// So many attempts of before the start are looked at.
constexpr int kSeedAttempts = 500;

std::string wholeSeconds(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

// What earlier processes have seen. Without it the first attempts just get the whole timeout.
void Engine::seedTimes() {
    const auto attempts = store_.recentSuccesses(kSeedAttempts);
    if (!attempts) {
        spdlog::warn("how long pictures take has to be learned anew: {}", attempts.error().message);
        return;
    }
    std::map<const Json*, JobSpec> specs;
    const MutexLock lock(mutex_);
    for (const store::TimedAttempt& attempt : *attempts) {
        if (attempt.kind == store::ItemKind::Prompt) {
            times_.add(promptLane_, 1, attempt.seconds);
            continue;
        }
        const auto lane = laneOf_.find(attempt.endpoint);
        if (lane == laneOf_.end()) continue;
        const auto [spec, fresh] = specs.try_emplace(attempt.request.get());
        if (fresh) spec->second = JobSpec::fromJson(*attempt.request);
        times_.add(lane->second, workAtLane(lane->second, spec->second), attempt.seconds);
    }
}

double Engine::workAtLane(int lane, const JobSpec& spec) const {
    if (lane == promptLane_) return 1;
    const EndpointSetup& setup = options_.endpoints[static_cast<std::size_t>(lane)];
    return workAt(*setup.backend->capabilities(), spec);
}

void Engine::setLimit(Work& work) const {
    if (work.lane == promptLane_) {
        work.limit = options_.prompt.timeout;
        return;
    }
    const EndpointSetup& setup = options_.endpoints[static_cast<std::size_t>(work.lane)];
    work.limit = setup.timeout;
    if (!setup.learnsTimeout) return;
    const auto learned = times_.limit(work.lane, workAtLane(work.lane, *work.spec));
    if (!learned || *learned >= work.limit) return;
    work.limit = *learned;
    work.limitLearned = true;
}

void Engine::noteLimit(const Work& work, plugins::CallResult& call) {
    const bool overran = work.limitLearned && !call.ok() &&
                         work.cancellation->reason() == plugins::CancelReason::Deadline;
    if (!overran) return;
    call.message = "no picture within " + wholeSeconds(work.limit) +
                   ", which is far more than this endpoint took for its last ones" +
                   (call.message.empty() ? "" : ": " + call.message);
    const MutexLock lock(mutex_);
    times_.overran(work.lane);
}

}  // namespace host::pipeline
