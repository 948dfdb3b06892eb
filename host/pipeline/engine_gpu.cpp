// The engine's part in sharing one GPU between the language model and endpoints: see GpuTurn.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "pipeline/engine.hpp"
#include "pipeline/vision_stage.hpp"

namespace host::pipeline {

namespace {

// A server has unloaded a model within seconds or not at all.
constexpr std::chrono::seconds kReleaseTimeout{30};

std::vector<bool> sharingLanes(const EngineOptions& options) {
    std::vector<bool> sharing;
    sharing.reserve(options.endpoints.size() + 1);
    for (const EndpointSetup& endpoint : options.endpoints)
        sharing.push_back(endpoint.sharesGpu);
    sharing.push_back(false);  // the prompt lane itself
    return sharing;
}

}  // namespace

GpuTurn Engine::makeGpuTurn(const EngineOptions& options) {
    return {sharingLanes(options), static_cast<int>(options.endpoints.size())};
}

// Looks whose turn it is, as a waiting lane does before it takes anything.
void Engine::updateGpuTurn(SteadyTime now, SteadyTime& wakeAt) {
    if (!gpu_.shared()) return;
    if (options_.prompt.vision != nullptr) {
        // A picture that was looked at on the vision service loaded the model again.
        const std::uint64_t looks = options_.prompt.vision->looks();
        if (looks != looksSeen_) gpu_.loaded();
        looksSeen_ = looks;
    }
    GpuTurn::Ready ready;
    ready.writing = scheduler_.topPriority(promptLane_);
    for (int lane = 0; lane < promptLane_; ++lane) {
        // What waits for a broken or busy endpoint needs no GPU; one that is only being asked
        // whether it is there will in a moment.
        const LaneState& state = lanes_[static_cast<std::size_t>(lane)];
        if (!gpu_.shares(lane) || now < state.busyUntil) continue;
        if (!state.breaker.closed() && !state.breaker.suspected()) continue;
        if (const auto top = scheduler_.topPriority(lane)) {
            ready.drawing = std::max(ready.drawing.value_or(*top), *top);
        }
    }
    // The lane that is to unload the model sleeps: nothing else may tell it.
    const bool wanted = gpu_.wantsRelease();
    const bool turned = gpu_.update(ready, now);
    if (turned || (!wanted && gpu_.wantsRelease())) wake_.notifyAll();
    wakeAt = std::min(wakeAt, gpu_.turnEnds());
}

std::optional<Work> Engine::nextRelease(int lane) {
    if (lane != promptLane_ || !gpu_.wantsRelease()) return std::nullopt;
    gpu_.releaseBegan();
    Work work;
    work.kind = Work::Kind::Release;
    work.lane = lane;
    work.cancellation = std::make_shared<plugins::Cancellation>();
    releasing_ = work.cancellation;
    ++atWork_;
    return work;
}

// Unloads the model. The drawing goes on whatever comes of it: at worst the GPU is too full, which
// the endpoint then says.
void Engine::releaseGpu(const Work& work) {
    plugins::CallContext context;
    context.deadline = std::chrono::steady_clock::now() + kReleaseTimeout;
    context.cancellation = work.cancellation;
    plugins::CallResult result = options_.prompt.backend->release(context);
    if (options_.prompt.vision != nullptr) {
        const plugins::CallResult seen = options_.prompt.vision->setup().backend->release(context);
        // `lens` and the like hold nothing: what the writer says is what counts.
        if (result.ok() && !seen.ok() && seen.status != plugins::CallStatus::Unsupported) {
            result = seen;
        }
    }
    const std::string complaint =
        result.ok() ? "" : std::string(statusName(result.status)) + ": " + result.message;
    const MutexLock lock(mutex_);
    if (result.ok()) {
        spdlog::info("the language model has freed the GPU in {} ms", result.duration.count());
    } else if (complaint != releaseComplaint_) {
        spdlog::warn("the language model cannot free the GPU, drawing goes on beside it: {}",
                     complaint);
    }
    releaseComplaint_ = complaint;
    releasing_.reset();
    gpu_.releaseEnded();
    --atWork_;
    wake_.notifyAll();
}

}  // namespace host::pipeline
