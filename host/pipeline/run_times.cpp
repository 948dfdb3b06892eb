#include "pipeline/run_times.hpp"

#include <algorithm>

namespace host::pipeline {

namespace {

constexpr double kMostSeconds = 86'400;  // the longest timeout that a configuration may ask for
constexpr double kAlike = 0.2;           // work that differs by no more counts as the same
constexpr double kMostSlack = 1024;

}  // namespace

double workOf(int steps, int width, int height) {
    return steps * (static_cast<double>(width) * height / 1e6);
}

RunTimes::RunTimes(std::size_t lanes, std::chrono::milliseconds coldStart)
    : lanes_(lanes), coldStart_(coldStart) {}

void RunTimes::add(int lane, double work, double seconds) {
    if (!(seconds > 0 && seconds <= kMostSeconds && work > 0)) return;
    Lane& at = lanes_[static_cast<std::size_t>(lane)];
    at.slack = 1;
    at.samples.push_back({work, seconds});
    if (at.samples.size() > kWindow) at.samples.pop_front();
}

std::optional<RunTimes::Estimate> RunTimes::estimate(int lane, double work) const {
    const Lane& at = lanes_[static_cast<std::size_t>(lane)];
    std::vector<double> alike;
    std::vector<double> all;
    for (const Sample& sample : at.samples) {
        const double scaled = sample.seconds * work / sample.work;
        all.push_back(scaled);
        if (std::abs(sample.work - work) <= kAlike * work) alike.push_back(scaled);
    }
    std::vector<double>& seen = alike.empty() ? all : alike;
    if (seen.empty()) return std::nullopt;
    const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
    std::nth_element(seen.begin(), middle, seen.end());
    return Estimate{*middle, static_cast<int>(seen.size())};
}

std::optional<std::chrono::milliseconds> RunTimes::limit(int lane, double work) const {
    const Lane& at = lanes_[static_cast<std::size_t>(lane)];
    if (at.samples.size() < kEnough) return std::nullopt;
    double slowest = 0;
    for (const Sample& sample : at.samples)
        slowest = std::max(slowest, sample.seconds * std::max(1.0, work / sample.work));
    const double cold = std::chrono::duration<double>(coldStart_).count();
    const double seconds = std::min((cold + kGenerosity * slowest) * at.slack, 2 * kMostSeconds);
    return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

void RunTimes::overran(int lane) {
    double& slack = lanes_[static_cast<std::size_t>(lane)].slack;
    slack = std::min(slack * 2, kMostSlack);
}

}  // namespace host::pipeline
