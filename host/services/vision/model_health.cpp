#include "services/vision/model_health.hpp"

#include "support/ids.hpp"

namespace host::services {

namespace {

using plugins::CallStatus;

constexpr std::chrono::seconds kInterval{5};
constexpr std::chrono::seconds kTimeout{3};

plugins::CallContext contextOf(const std::shared_ptr<plugins::Cancellation>& cancellation) {
    plugins::CallContext context;
    context.correlationId = newCorrelationId();
    context.deadline = std::chrono::steady_clock::now() + kTimeout;
    context.cancellation = cancellation;
    return context;
}

}  // namespace

// A plugin that says it is no language model works without a server.
ModelHealth::ModelHealth(std::shared_ptr<plugins::VisionBackend> backend)
    : backend_(std::move(backend)),
      embedded_(backend_->capabilities()->raw.value("language_model", Json()) == false) {}

std::string_view ModelHealth::word(State state) {
    switch (state) {
        case State::Connected:
            return "connected";
        case State::Error:
            return "error";
        case State::Embedded:
            return "embedded";
        case State::Disconnected:
            break;
    }
    return "disconnected";
}

void ModelHealth::start() {
    thread_ = std::thread([this] { run(); });
}

void ModelHealth::stop() {
    {
        const MutexLock lock(mutex_);
        stopping_ = true;
        if (probing_) probing_->cancel(plugins::CancelReason::Shutdown);
        changed_.notifyAll();
    }
    if (thread_.joinable()) thread_.join();
}

ModelHealth::State ModelHealth::probe(const std::shared_ptr<plugins::Cancellation>& cancellation) {
    switch (backend_->probe(contextOf(cancellation)).status) {
        case CallStatus::Ok:
        case CallStatus::Busy:  // it is there, and loads its model or has enough to do
            return embedded_ ? State::Embedded : State::Connected;
        case CallStatus::Unavailable:
        case CallStatus::Timeout:
            return State::Disconnected;
        default:
            return State::Error;
    }
}

void ModelHealth::run() {
    while (true) {
        const auto cancellation = std::make_shared<plugins::Cancellation>();
        {
            const MutexLock lock(mutex_);
            if (stopping_) return;
            probing_ = cancellation;
        }
        const State state = probe(cancellation);
        const auto next = std::chrono::steady_clock::now() + kInterval;
        const MutexLock lock(mutex_);
        if (stopping_) return;
        state_ = state;
        while (!stopping_ && std::chrono::steady_clock::now() < next)
            changed_.waitUntil(mutex_, next);
    }
}

}  // namespace host::services
