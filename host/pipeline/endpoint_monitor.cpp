#include "pipeline/endpoint_monitor.hpp"

#include <algorithm>

namespace host::pipeline {

namespace {

constexpr std::chrono::milliseconds kLimit{2900};

std::string statusOf(const plugins::CallResult& result) {
    switch (result.status) {
        case plugins::CallStatus::Ok:
        case plugins::CallStatus::Busy:
            return "online";
        case plugins::CallStatus::Unavailable:
            return "offline";
        case plugins::CallStatus::Timeout:
        case plugins::CallStatus::Hung:
            return "timeout";
        default:
            return "error";
    }
}

}  // namespace

EndpointMonitor::EndpointMonitor(const Engine& engine)
    : engine_(engine), probes_(engine.options().endpoints.size()) {}

EndpointMonitor::~EndpointMonitor() {
    std::vector<std::thread> threads;
    {
        const MutexLock lock(mutex_);
        for (Probe& probe : probes_)
            threads.push_back(std::move(probe.thread));
    }
    for (std::thread& thread : threads) {
        if (thread.joinable()) thread.join();
    }
}

void EndpointMonitor::begin(std::size_t index) {
    Probe& probe = probes_[index];
    if (probe.thread.joinable()) probe.thread.join();  // it has said its last word
    probe.running = true;
    const EndpointSetup& setup = engine_.options().endpoints[index];
    probe.thread = std::thread([this, index, &setup] {
        const auto begun = std::chrono::steady_clock::now();
        plugins::CallContext context;
        context.deadline = begun + kLimit;
        context.cancellation = std::make_shared<plugins::Cancellation>();
        const plugins::CallResult result = setup.backend->probe(context);
        const MutexLock lock(mutex_);
        Probe& mine = probes_[index];
        mine.latencyMs =
            std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
                .count();
        mine.status = statusOf(result);
        mine.error = result.ok() ? "" : result.message;
        mine.running = false;
        changed_.notifyAll();
    });
}

Json EndpointMonitor::probeAll() {
    const std::vector<EndpointView> views = engine_.endpoints();
    const MutexLock lock(mutex_);
    for (std::size_t i = 0; i < probes_.size(); ++i) {
        if (!probes_[i].running) begin(i);
    }
    const auto until = std::chrono::steady_clock::now() + kLimit;
    const auto anyRunning = [](const std::vector<Probe>& probes) {
        return std::any_of(probes.begin(), probes.end(), [](const Probe& p) { return p.running; });
    };
    while (anyRunning(probes_) && changed_.waitUntil(mutex_, until)) {
    }
    Json array = Json::array();
    for (std::size_t i = 0; i < views.size(); ++i) {
        const EndpointView& view = views[i];
        const Probe& probe = probes_[i];
        const std::string error = !probe.error.empty() ? probe.error : view.lastError;
        Json one = {{"name", view.setup->name},
                    {"ip", view.setup->ip ? Json(*view.setup->ip) : Json()},
                    {"port", view.setup->port ? Json(*view.setup->port) : Json()},
                    {"status", probe.running ? "timeout" : probe.status},
                    {"plugin", view.setup->plugin},
                    {"busy", view.busy},
                    {"queued", view.queued},
                    {"latency_ms", probe.running ? Json() : Json(probe.latencyMs)},
                    {"last_error", error.empty() ? Json() : Json(error)}};
        array.push_back(std::move(one));
    }
    return array;
}

}  // namespace host::pipeline
