#include "pipeline/endpoint_monitor.hpp"

#include <algorithm>

#include "pipeline/stages.hpp"

namespace host::pipeline {

namespace {

// The answer is promised within 3 s, also by a machine that is busy.
constexpr std::chrono::milliseconds kLimit{2500};

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

std::string_view stateName(CircuitBreaker::State state) {
    switch (state) {
        case CircuitBreaker::State::Open:
            return "open";
        case CircuitBreaker::State::HalfOpen:
            return "half_open";
        case CircuitBreaker::State::Closed:
            break;
    }
    return "closed";
}

}  // namespace

EndpointMonitor::EndpointMonitor(Engine& engine)
    : engine_(engine), probes_(engine.options().endpoints.size()) {}

EndpointMonitor::~EndpointMonitor() {
    std::vector<std::thread> threads;
    {
        const MutexLock lock(mutex_);
        for (Probe& probe : probes_) {
            // One that makes its plugin anew may take long.
            if (probe.running) probe.cancellation->cancel(plugins::CancelReason::Shutdown);
            threads.push_back(std::move(probe.thread));
        }
    }
    for (std::thread& thread : threads) {
        if (thread.joinable()) thread.join();
    }
}

void EndpointMonitor::begin(std::size_t index) {
    Probe& probe = probes_[index];
    if (probe.running || probe.learning) return;       // what it has said a moment ago still holds
    if (probe.thread.joinable()) probe.thread.join();  // it has said its last word
    probe.cancellation = std::make_shared<plugins::Cancellation>();
    const EndpointSetup& setup = engine_.options().endpoints[index];
    probe.thread = std::thread([this, index, &setup, cancellation = probe.cancellation] {
        const auto begun = std::chrono::steady_clock::now();
        plugins::CallContext context;
        context.deadline = begun + kLimit;
        context.cancellation = cancellation;
        const plugins::CallResult result = askEndpoint(*setup.backend, context);
        {
            const MutexLock lock(mutex_);
            Probe& mine = probes_[index];
            mine.latencyMs =
                std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begun)
                    .count();
            mine.status = statusOf(result);
            mine.error = result.ok() ? "" : result.message;
            mine.running = false;
            mine.learning = true;
            changed_.notifyAll();
        }
        plugins::learnAfterProbe(*setup.backend, result, plugins::kDescribeTimeout);
        const MutexLock lock(mutex_);
        probes_[index].learning = false;
        changed_.notifyAll();
    });
    probe.running = true;  // not when there was no thread left for it
}

Json EndpointMonitor::probeAll() {
    const std::vector<EndpointView> views = engine_.endpoints();
    const MutexLock lock(mutex_);
    for (std::size_t i = 0; i < probes_.size(); ++i) {
        begin(i);
    }
    const auto until = std::chrono::steady_clock::now() + kLimit;
    const auto anyBusy = [](const std::vector<Probe>& probes) {
        return std::any_of(probes.begin(), probes.end(),
                           [](const Probe& p) { return p.running || p.learning; });
    };
    while (anyBusy(probes_) && changed_.waitUntil(mutex_, until)) {
    }
    Json array = Json::array();
    for (std::size_t i = 0; i < views.size(); ++i) {
        array.push_back(entryOf(views[i], probes_[i]));
    }
    return array;
}

Result<Json> EndpointMonitor::test(const std::string& name) {
    const auto& setups = engine_.options().endpoints;
    const auto found = std::find_if(setups.begin(), setups.end(),
                                    [&](const EndpointSetup& s) { return s.name == name; });
    if (found == setups.end()) {
        return Error{ErrorCode::NotFound, "There is no endpoint \"" + name + "\"."};
    }
    const auto index = static_cast<std::size_t>(found - setups.begin());
    Probe result;
    {
        const MutexLock lock(mutex_);
        begin(index);
        const auto until = std::chrono::steady_clock::now() + kLimit;
        while ((probes_[index].running || probes_[index].learning) &&
               changed_.waitUntil(mutex_, until)) {
        }
        result = {.running = probes_[index].running,
                  .status = probes_[index].status,
                  .error = probes_[index].error,
                  .latencyMs = probes_[index].latencyMs};
    }
    const bool online = !result.running && result.status == "online";
    if (online) engine_.endpointAnswered(index);
    Json entry = {{"success", online}};
    entry.update(entryOf(engine_.endpoints()[index], result));
    return entry;
}

Json EndpointMonitor::entryOf(const EndpointView& view, const Probe& probe) const {
    const std::string error = !probe.error.empty() ? probe.error : view.lastError;
    return {{"name", view.setup->name},
            {"ip", view.setup->ip ? Json(*view.setup->ip) : Json()},
            {"port", view.setup->port ? Json(*view.setup->port) : Json()},
            {"status", probe.running ? "timeout" : probe.status},
            {"plugin", view.setup->plugin},
            {"prompt_dialect", toString(view.setup->dialect)},
            {"busy", view.busy},
            {"queued", view.queued},
            {"circuit", stateName(view.circuit)},
            {"latency_ms", probe.running ? Json() : Json(probe.latencyMs)},
            {"last_error", error.empty() ? Json() : Json(error)},
            {"capabilities", toJson(*view.setup->backend->capabilities())}};
}

}  // namespace host::pipeline
