// No memory left: the process refuses what it cannot do, lives, and works again once there is room.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <thread>
#include <vector>

#include "common/sanitized.hpp"
#include "integration/faults/process_figures.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using namespace std::chrono_literals;

bool answersHealth(const HostProcess& host) {
    return eventually([&] { return host.client().get("/health").status == 200; }, 20s);
}

TEST(MemoryLimit, ReachedByLargeRequestsIsRefusedAndTheHostLives) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer takes all addresses for itself";
    Simulator machine = simEndpoint(0.02);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    host.start();
    const pid_t pid = host.process().pid();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}})["status"], "completed");
    const Figures rest = atRest(pid);
    const rlimit before = limited(pid, RLIMIT_AS, memory(pid, "VmSize") + 24 * kMegabyte);
    std::vector<std::vector<std::string>> accepted(6);
    std::atomic<int> refused{0};
    std::vector<std::thread> clients;
    const std::string picture = base64(tinyPng(9'000'000));
    const std::string body = Json{{"prompt", "x"}, {"image", picture}}.dump();
    const HealthPulse pulse(host);
    for (auto& mine : accepted) {
        clients.emplace_back([&] {
            for (int i = 0; i < 4; ++i) {
                HttpClient client = host.client();
                client.timeout = 20s;
                const HttpAnswer answer = client.send("POST", "/api/v1/generate",
                                                      {{"Content-Type", "application/json"}}, body);
                if (answer.status == 200) {
                    mine.push_back(answer.json()["job_id"]);
                } else {
                    ++refused;
                    // No fault of the client's: it may come again.
                    if (answer.status != 0) EXPECT_EQ(answer.status, 503) << answer.body;
                }
            }
        });
    }
    for (std::thread& client : clients)
        client.join();
    EXPECT_GT(refused, 0) << "there was memory enough";
    EXPECT_FALSE(host.process().wait(0ms)) << host.log();
    EXPECT_TRUE(answersHealth(host)) << host.log();
    ASSERT_EQ(::prlimit(pid, RLIMIT_AS, &before, nullptr), 0);
    for (const auto& mine : accepted) {
        for (const std::string& id : mine) {
            const Json job = waitForEnd(host.client(), id, 90s);
            EXPECT_TRUE(isOver(job)) << job.dump(2);
        }
    }
    EXPECT_EQ(run(host.client(), {{"prompt", "after"}, {"image", picture}})["status"], "completed");
    expectBackToRest(pid, rest, {.resident = 32 * kMegabyte});
}

}  // namespace

}  // namespace test
