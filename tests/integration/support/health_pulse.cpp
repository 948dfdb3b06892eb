#include "integration/support/health_pulse.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <utility>

#include "common/sanitized.hpp"

namespace test {

namespace {

using namespace std::chrono_literals;

constexpr std::size_t kLeast = 5;     // samples, or there is nothing to say
constexpr std::size_t kForP90 = 20;   // two may be late
constexpr std::size_t kForP95 = 100;  // five may be late
constexpr double kMostStretch = 2;
constexpr double kLimitSeconds = 0.1 * kSlower;

HttpClient clientOf(const std::string& url) {
    HttpClient client(url);
    client.timeout = 10s;
    // The description of /health is checked by the tests of its content; here it would cost the
    // processor that is being measured.
    client.checked = false;
    return client;
}

// By nearest rank; `sorted` is not empty.
double percentile(const std::vector<double>& sorted, double part) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(part * static_cast<double>(sorted.size())));
    return sorted[std::max<std::size_t>(rank, 1) - 1];
}

double judged(std::size_t samples) {
    if (samples >= kForP95) return 0.95;
    return samples >= kForP90 ? 0.9 : 0.5;
}

}  // namespace

HealthPulse::HealthPulse(HostProcess& host, const std::string& service)
    : client_(clientOf(host.url(service))),
      pid_(host.process().pid()),
      before_(turnsOf(pid_)),
      thread_([this] { ask(); }) {}

// Nothing on a kernel that does not count it, or of a process that has gone.
HealthPulse::Turns HealthPulse::turnsOf(pid_t pid) {
    Turns all;
    std::error_code gone;
    for (const auto& task :
         std::filesystem::directory_iterator("/proc/" + std::to_string(pid) + "/task", gone)) {
        Turns one;
        if (std::ifstream(task.path() / "schedstat") >> one.run >> one.wait) {
            all.run += one.run;
            all.wait += one.wait;
        }
    }
    return all;
}

void HealthPulse::ask() {
    while (!ended_ || seconds_.size() + failures_.size() < kLeast) {
        const HttpAnswer answer = client_.get("/health");
        if (answer.status == 200) {
            seconds_.push_back(answer.seconds);
        } else {
            failures_.push_back(answer.status);
        }
        std::this_thread::sleep_for(seconds_.size() < kForP90 ? 5ms : 25ms);
    }
}

void HealthPulse::stop() {
    ended_ = true;
    if (!thread_.joinable()) return;
    thread_.join();
    const Turns now = turnsOf(pid_);
    const double ran = now.run - before_.run;
    const double waited = now.wait - before_.wait;
    if (ran > 0 && waited > 0) stretch_ = (ran + waited) / ran;
    std::sort(seconds_.begin(), seconds_.end());
}

std::string HealthPulse::figures() {
    stop();
    std::ostringstream text;
    text << seconds_.size() << " answers of /health";
    if (!seconds_.empty()) {
        text << ": median " << percentile(seconds_, 0.5) * 1000 << " ms, p95 "
             << percentile(seconds_, 0.95) * 1000 << " ms, longest " << seconds_.back() * 1000
             << " ms; the host took " << stretch_ << " times as long as with processors of its own";
    }
    if (!failures_.empty())
        text << "; " << failures_.size() << " failed, the first with status " << failures_.front()
             << " (0: no answer)";
    return text.str();
}

void HealthPulse::end() {
    if (std::exchange(judged_, true)) return;
    const std::string all = figures();
    ::testing::Test::RecordProperty("health", all);
    EXPECT_TRUE(failures_.empty()) << all;
    if (seconds_.empty()) return;
    const double part = judged(seconds_.size());
    EXPECT_LT(percentile(seconds_, part), kLimitSeconds * std::min(stretch_, kMostStretch)) << all;
}

}  // namespace test
