// The process meets the bounds that the system sets it: no descriptor left. It refuses
// what it cannot do, lives, and works again once there is room. (No memory left: memory_limit.)
#include <gtest/gtest.h>
#include <sys/resource.h>

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

TEST(DescriptorLimit, ReachedByClientsIsSurvivedAndNothingAcceptedIsLost) {
    Simulator machine = simEndpoint(0.02);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    host.start();
    const pid_t pid = host.process().pid();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}})["status"], "completed");
    const Figures rest = atRest(pid);
    const rlimit before = limited(pid, RLIMIT_NOFILE, rest.descriptors + 12);
    std::vector<std::string> accepted;
    {
        std::vector<TcpSocket> crowd;
        for (int i = 0; i < 40; ++i)
            crowd.emplace_back(host.client().address(), "", std::chrono::steady_clock::now() + 2s);
        // Nobody is promised an answer now; but what gets one with success stands.
        for (int i = 0; i < 5; ++i) {
            HttpClient client = host.client();
            client.timeout = 2s;
            client.checked = false;
            const std::string id =
                submit(client, {{"prompt", "meanwhile"}, {"image", base64(tinyPng(1000))}});
            if (!id.empty()) accepted.push_back(id);
        }
    }
    EXPECT_TRUE(answersHealth(host));
    // The crowd has gone and there are places again, though no more than before.
    const HealthPulse pulse(host);
    ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, &before, nullptr), 0);
    for (const std::string& id : accepted)
        EXPECT_EQ(waitForEnd(host.client(), id)["status"], "completed");
    EXPECT_EQ(run(host.client(), {{"prompt", "after"}})["status"], "completed");
    expectBackToRest(pid, rest);
}

TEST(DescriptorLimit, ReachedInTheMiddleOfDrawingFailsNoJobForGood) {
    if (kSanitized) GTEST_SKIP() << "the sanitizer's own look at types takes descriptors";
    Simulator machine = simEndpoint(0.1);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    host.start();
    const pid_t pid = host.process().pid();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}})["status"], "completed");
    const Figures rest = atRest(pid);
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 20}});
    ASSERT_TRUE(eventually([&] { return machine.log().size() >= 3; }));
    // None for a new file or connection; what is open works on.
    const rlimit before = limited(pid, RLIMIT_NOFILE, 10);
    HttpClient client = host.client();
    client.timeout = 200ms;
    EXPECT_FALSE(eventually([&] { return isOver(statusOf(client, id)); }, 1s));
    ASSERT_EQ(::prlimit(pid, RLIMIT_NOFILE, &before, nullptr), 0);
    EXPECT_TRUE(answersHealth(host));
    const HealthPulse pulse(host);
    const Json job = waitForEnd(host.client(), id, 90s);
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(imagesOf(job).size(), 20U);
    expectBackToRest(pid, rest);
}

}  // namespace

}  // namespace test
