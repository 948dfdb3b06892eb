// How fast a cancel reaches the machine that draws.
#include <gtest/gtest.h>

#include <thread>

#include "integration/support/generator.hpp"
#include "integration/support/silent_machine.hpp"

namespace test {

namespace {

// The bound leaves room for a machine that is busy with other tests; what counts is 200 ms, which
// is printed.
TEST(Cancel, ReachesTheMachineAtOnce) {
    SilentMachine machine;
    HostProcess host({{"endpoints", {machine.endpoint("M")}}});
    host.start();
    const HttpClient client = host.client();
    machine.connections();
    const std::string id = submit(client, {{"prompt", "x"}});
    std::chrono::steady_clock::time_point asked;
    std::thread user;
    const auto ended = machine.endOfNext(std::chrono::seconds(20), [&] {
        asked = std::chrono::steady_clock::now();
        user = std::thread([&] { EXPECT_EQ(client.del("/api/v1/queue/" + id).status, 200); });
    });
    if (user.joinable()) user.join();
    ASSERT_TRUE(ended);
    const double ms = std::chrono::duration<double, std::milli>(*ended - asked).count();
    std::cout << "the machine's connection ended after " << ms << " ms\n";
    EXPECT_LT(ms, 2000);
    EXPECT_EQ(waitForEnd(client, id)["status"], "cancelled");
}

}  // namespace

}  // namespace test
