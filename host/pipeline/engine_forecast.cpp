// What the forecast of the open jobs is made of, and how often it is made.
#include <algorithm>
#include <map>

#include "pipeline/admission.hpp"
#include "pipeline/engine.hpp"
#include "pipeline/forecast.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

namespace {

// So many running and so many waiting jobs are looked at.
constexpr std::size_t kMostJobs = 500;
// How long one forecast serves everybody who asks.
constexpr std::chrono::milliseconds kForecastAge{500};
// Below it, progress says little about the speed.
constexpr double kTellingProgress = 0.05;

// Of an item that runs; `usual` is what its like took. Nothing = nobody can tell.
std::optional<double> remaining(const RunningItem& item, std::optional<double> usual, double now) {
    const double elapsed = std::max(0.0, now - item.startedAt);
    const double progress = item.progress.value_or(0);
    if (progress > kTellingProgress) return elapsed * std::max(0.0, 1 - progress) / progress;
    if (!usual) return std::nullopt;
    return std::max(0.0, *usual - elapsed);
}

}  // namespace

ForecastInput Engine::forecastInput() const {
    ForecastInput input;
    input.now = epochNow();
    std::map<std::vector<double>, std::size_t> works;  // by the work at each lane
    std::vector<std::shared_ptr<const plugins::Capabilities>> able;
    able.reserve(options_.endpoints.size());
    for (const EndpointSetup& endpoint : options_.endpoints)
        able.push_back(endpoint.backend->capabilities());
    const MutexLock lock(mutex_);
    input.lanes.resize(lanes_.size());
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        input.lanes[lane].usable = lanes_[lane].breaker.closed();
        input.lanes[lane].waitsForPrompts =
            static_cast<int>(lane) != promptLane_ && gpu_.shares(static_cast<int>(lane));
    }
    const auto workIndex = [&](const JobSpec& spec) IPL_REQUIRES(mutex_) {
        std::vector<double> work;
        work.reserve(lanes_.size());
        for (const auto& each : able)
            work.push_back(workAt(*each, spec));
        work.push_back(1);  // a prompt
        const auto [known, fresh] = works.try_emplace(std::move(work), input.seconds.size());
        if (!fresh) return known->second;
        std::vector<std::optional<double>>& row = input.seconds.emplace_back(lanes_.size());
        for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
            const auto learned = times_.estimate(static_cast<int>(lane), known->first[lane]);
            if (learned) row[lane] = learned->seconds;
        }
        return known->second;
    };
    const auto add = [&](const OpenJob& job) IPL_REQUIRES(mutex_) {
        if (job.ending()) return;
        ForecastJob& seen = input.jobs.emplace_back();
        seen.id = job.id();
        seen.priority = job.row.priority;
        seen.client = job.row.client;
        seen.seq = job.row.seq;
        seen.work = workIndex(*job.spec);
        for (const auto& [id, item] : job.running) {
            if (item.leftLane) continue;
            const auto lane = static_cast<std::size_t>(item.lane);
            const auto left = remaining(item, input.seconds[seen.work][lane], input.now);
            input.lanes[lane].freeIn.push_back(left.value_or(0));
            seen.runningFor = std::max(seen.runningFor, left.value_or(0));
            if (!left) seen.untold = item.lane;
        }
        if (job.stopped) return;
        for (const Slot& slot : job.promptSlots)
            seen.prompts += job.left(store::ItemKind::Prompt, slot).waiting();
        for (const Slot& slot : job.slots) {
            const OpenJob::Left left = job.left(store::ItemKind::Image, slot);
            seen.shares.push_back({slot.lane, left.waiting(), left.unwritten, slot.barred});
        }
    };
    const std::vector<const OpenJob*> running = lists_.running();
    input.truncated = running.size() > kMostJobs || lists_.waitingCount() > kMostJobs;
    for (std::size_t i = 0; i < std::min(running.size(), kMostJobs); ++i)
        add(*running[i]);
    for (const OpenJob* job : lists_.waiting(kMostJobs))
        add(*job);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
        const int places = placesOf(static_cast<int>(lane));
        auto& freeIn = input.lanes[lane].freeIn;
        const double busyFor =
            std::chrono::duration<double>(lanes_[lane].busyUntil - std::chrono::steady_clock::now())
                .count();
        freeIn.resize(std::max(freeIn.size(), static_cast<std::size_t>(std::max(1, places))),
                      std::max(0.0, busyFor));
    }
    return input;
}

std::shared_ptr<const Forecast> Engine::forecastFor(const std::string& jobId) const {
    const SteadyTime now = std::chrono::steady_clock::now();
    {
        const MutexLock lock(forecastMutex_);
        if (forecast_ != nullptr && now - forecastMade_ < kForecastAge &&
            (forecast_->ends.contains(jobId) || forecast_->truncated)) {
            return forecast_;
        }
    }
    auto made = std::make_shared<const Forecast>(forecast(forecastInput()));
    const MutexLock lock(forecastMutex_);
    forecast_ = made;
    forecastMade_ = now;
    return made;
}

}  // namespace host::pipeline
