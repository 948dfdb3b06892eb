#include "services/common/upstream_probe.hpp"

#include "support/http_client.hpp"

namespace host::services {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kMostBytes = 1 << 20;

}  // namespace

std::string_view upstreamWord(UpstreamState state) {
    switch (state) {
        case UpstreamState::Connected:
            return "connected";
        case UpstreamState::Error:
            return "error";
        case UpstreamState::Disconnected:
            break;
    }
    return "disconnected";
}

UpstreamProbe::UpstreamProbe(std::string url, std::chrono::milliseconds interval,
                             std::chrono::milliseconds timeout)
    : url_(std::move(url)), interval_(interval), timeout_(timeout) {}

UpstreamProbe::~UpstreamProbe() {
    stop();
}

void UpstreamProbe::start() {
    thread_ = std::thread([this] { run(); });
}

void UpstreamProbe::stop() {
    {
        MutexLock lock(mutex_);
        stopping_ = true;
    }
    stopped_.notifyAll();
    if (thread_.joinable()) thread_.join();
}

void UpstreamProbe::run() {
    HttpClient client;
    while (!stopping_) {
        HttpRequest request;
        request.url = url_;
        request.deadline = Clock::now() + timeout_;
        request.connectTimeout = timeout_;
        request.maxResponseBytes = kMostBytes;
        request.cancelled = [this] { return stopping_.load(); };
        const HttpResult result = client.perform(request, {});
        if (result.outcome == HttpOutcome::Cancelled) return;
        UpstreamState state = UpstreamState::Disconnected;
        if (result.status != 0) {
            const bool good = result.ok() && result.status / 100 == 2;
            state = good ? UpstreamState::Connected : UpstreamState::Error;
        }
        state_ = state;
        const auto next = Clock::now() + interval_;
        MutexLock lock(mutex_);
        while (!stopping_ && Clock::now() < next)
            stopped_.waitUntil(mutex_, next);
    }
}

}  // namespace host::services
