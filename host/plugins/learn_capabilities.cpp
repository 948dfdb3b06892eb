// Asks backends what they can.
#include <spdlog/spdlog.h>

#include <atomic>
#include <new>
#include <thread>

#include "plugins/backend.hpp"
#include "support/ids.hpp"

namespace host::plugins {

namespace {

constexpr std::size_t kMaxThreads = 16;

void learn(Backend& backend, std::chrono::milliseconds within) {
    CallContext context;
    context.correlationId = newCorrelationId();
    context.deadline = std::chrono::steady_clock::now() + within;
    context.cancellation = std::make_shared<Cancellation>();
    const CallResult answer = backend.describe(context);
    if (answer.ok()) {
        backend.setCapabilities(readCapabilities(answer.text, backend.name()));
    } else {
        spdlog::warn("{}: its plugin \"{}\" does not describe itself: {}", backend.name(),
                     backend.pluginId(), answer.message);
    }
}

}  // namespace

void learnCapabilities(const std::vector<std::shared_ptr<Backend>>& backends,
                       std::chrono::milliseconds within) {
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < backends.size(); i = next++)
            learn(*backends[i], within);
    };
    std::vector<std::thread> helpers;
    try {
        while (helpers.size() + 1 < std::min(backends.size(), kMaxThreads))
            helpers.emplace_back(work);
    } catch (const std::system_error&) {
        spdlog::warn("no threads are left to ask plugins side by side; they are asked in turn");
    }
    work();
    for (std::thread& helper : helpers)
        helper.join();
}

void learnAfterProbe(Backend& backend, const CallResult& probe, std::chrono::milliseconds within) {
    const bool answers = probe.ok() || probe.status == CallStatus::Busy;
    try {
        if (backend.cameBack(answers)) learn(backend, within);
    } catch (const std::bad_alloc&) {
        spdlog::error("{}: this host has no memory left to learn what it can do", backend.name());
    }
}

}  // namespace host::plugins
