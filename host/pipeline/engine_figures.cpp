#include "pipeline/engine_figures.hpp"

#include "pipeline/engine.hpp"

namespace host::pipeline {

EngineFigures Engine::figures() const {
    EngineFigures figures;
    figures.lanes.resize(options_.endpoints.size() + 1);
    for (std::size_t i = 0; i < options_.endpoints.size(); ++i) {
        figures.lanes[i].endpoint = options_.endpoints[i].name;
        figures.lanes[i].capacity = options_.endpoints[i].concurrency;
    }
    figures.lanes.back().capacity = options_.prompt.concurrency;
    figures.claimSeconds = &claimSeconds_;

    const MutexLock lock(mutex_);
    figures.queued = queued_;
    figures.running = lists_.runningCount();
    figures.queuedSince = lists_.waitingSince();
    if (const OpenJob* longest = lists_.longestRunning()) {
        figures.runningSince = longest->row.startedAt;
    }
    figures.delayedItems = delayed_.size();
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
        figures.lanes[i].busy = lanes_[i].busy;
        figures.lanes[i].readyJobs = scheduler_.readyJobs(static_cast<int>(i));
        figures.lanes[i].circuitClosed = lanes_[i].breaker.closed();
    }
    return figures;
}

}  // namespace host::pipeline
