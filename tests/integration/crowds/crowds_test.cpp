// Thousands of clients that do nothing, or next to nothing, at the real host: others are served as
// ever, and nothing of the crowd is kept when it has gone.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <iostream>
#include <vector>

#include "common/needs.hpp"
#include "common/sanitized.hpp"
#include "integration/faults/process_figures.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kIdle = 5000;
constexpr std::size_t kSlow = 1000;
constexpr std::size_t kStreams = 2000;
constexpr std::size_t kReaders = 100;  // of the streams; the others never read

// The test holds one end of every connection. False when the system does not allow that many.
bool allowDescriptors(std::size_t count) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_max < count) return false;
    limit.rlim_cur = limit.rlim_max;
    return ::setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

class Crowd {
  public:
    explicit Crowd(const Address& address) {
        const auto until = Clock::now() + 60s;
        for (std::size_t i = 0; i < kIdle + kSlow + kStreams; ++i)
            sockets_.emplace_back(address, "", until);
        for (std::size_t i = 0; i < kStreams; ++i)
            streamAt(i).send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n", until);
        for (std::size_t i = 0; i < kSlow; ++i) {
            slowAt(i).send(
                "POST /api/v1/generate HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                "Content-Length: 17\r\n\r\n{\"prompt",
                until);
        }
    }
    bool allOpen() const {
        return std::all_of(sockets_.begin(), sockets_.end(),
                           [](const TcpSocket& socket) { return socket.isOpen(); });
    }
    TcpSocket& slowAt(std::size_t i) { return sockets_[kIdle + i]; }
    TcpSocket& streamAt(std::size_t i) { return sockets_[kIdle + kSlow + i]; }

  private:
    std::vector<TcpSocket> sockets_;
};

bool hears(TcpSocket& stream, const std::string& word) {
    const auto until = Clock::now() + 60s;
    std::string text;
    while (text.find(word) == std::string::npos) {
        if (!stream.receive(text, until)) return false;
    }
    return true;
}

TEST(Crowds, OfIdleSlowAndDeafClientsDelayNobodyAndLeaveNothingBehind) {
    TEST_NEEDS(allowDescriptors(kIdle + kSlow + kStreams + 200),
               "a higher limit of open files (ulimit -Hn)");
    Simulator machine = simEndpoint(0.02);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    host.start();
    const pid_t pid = host.process().pid();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}})["status"], "completed");
    const std::size_t atRest = descriptors(pid);
    std::uint64_t afterFirst = 0;
    std::uint64_t peak = 0;
    // Twice: what the first round leaves is what the allocator keeps for the next.
    for (int round = 0; round < 2; ++round) {
        {
            Crowd crowd(host.client().address());
            ASSERT_TRUE(crowd.allOpen());
            ASSERT_TRUE(eventually([&] {
                return descriptors(pid) >= atRest + kIdle + kSlow + kStreams;
            })) << descriptors(pid);
            HealthPulse pulse(host);
            const Json job = run(host.client(), {{"prompt", "meanwhile"}, {"count", 3}});
            EXPECT_EQ(job["status"], "completed");
            for (std::size_t i = 0; i < kReaders; ++i)
                ASSERT_TRUE(hears(crowd.streamAt(i), job["job_id"])) << i;
            // The slow ones are served too, once they get on with it.
            const auto until = Clock::now() + 60s;
            for (std::size_t i = 0; i < 10; ++i) {
                ASSERT_TRUE(crowd.slowAt(i).send("\":\"slow\"}", until));
                std::string rest;
                EXPECT_EQ(receiveHead(crowd.slowAt(i), rest, until).status, 200);
            }
            peak = std::max(peak, memory(pid, "VmRSS"));
            std::cout << "among " << kIdle + kSlow + kStreams << " clients: " << pulse.figures()
                      << '\n';
        }
        EXPECT_TRUE(eventually([&] { return descriptors(pid) <= atRest + 8; }))
            << descriptors(pid) << " descriptors, " << atRest << " before";
        if (round == 0) afterFirst = memory(pid, "VmRSS");
    }
    std::cout << "resident at most " << (peak >> 20) << " MB, after the first round "
              << (afterFirst >> 20) << " MB, after the second " << (memory(pid, "VmRSS") >> 20)
              << " MB\n";
    if (!kSanitized) EXPECT_LT(memory(pid, "VmRSS"), afterFirst + (16U << 20));
}

}  // namespace

}  // namespace test
