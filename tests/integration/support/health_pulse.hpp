// "And /health in under 100 ms meanwhile": asks a running host for its health all the while a test
// does something to it, and fails the test when the answers were slow or missing.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "common/host_process.hpp"

namespace test {

// One line in a test: `const HealthPulse pulse(host);`, after the start and before the fault. A
// thread of its own asks on a new connection every 25 ms (more often at first, so that a short
// fault is seen too) until end() or the object goes; end it before the host is stopped. Then each
// request must have been answered with 200, and what can be said of so many answers must be below
// 0.1 s * kSlower: the median of a few, p90 of 20 and more, p95 of 100 and more. A processor that
// other tests keep busy lets every thread wait for its turn, and a bound on time would measure
// them: by the part that the host's own threads took longer for that (the kernel counts it), the
// bound grows, to its double at most.
class HealthPulse {
  public:
    explicit HealthPulse(HostProcess& host, const std::string& service = "dual_gen");
    ~HealthPulse() { end(); }
    HealthPulse(const HealthPulse&) = delete;
    HealthPulse& operator=(const HealthPulse&) = delete;

    // Stops asking and judges what came, once.
    void end();
    // Stops asking; tells count, median, p95 and longest.
    std::string figures();

  private:
    // What a process' threads had of the processors, and how long they waited for them; in ns.
    struct Turns {
        double run = 0;
        double wait = 0;
    };

    static Turns turnsOf(pid_t pid);
    void ask();
    void stop();

    const HttpClient client_;
    const pid_t pid_;
    const Turns before_;
    double stretch_ = 1;
    std::atomic<bool> ended_{false};
    // Of the thread; read once it has been joined.
    std::vector<double> seconds_;
    std::vector<int> failures_;  // their status, 0: no answer
    bool judged_ = false;
    std::thread thread_;
};

}  // namespace test
