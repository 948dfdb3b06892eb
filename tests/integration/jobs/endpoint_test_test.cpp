// POST /api/v1/endpoints/{name}/test.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "common/sanitized.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/silent_machine.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

HttpAnswer testEndpoint(const HttpClient& client, const std::string& name) {
    return client.send("POST", "/api/v1/endpoints/" + name + "/test", {});
}

TEST(EndpointTest, AnswersLikeTheListForMachinesThatAreThereAndNot) {
    Simulator alive = simEndpoint(0.02);
    Simulator dead = simEndpoint(0.02);
    HostProcess host({{"endpoints", {alive.endpoint("Alive"), dead.endpoint("Dead Machine")}}});
    dead.process().kill();
    host.start();
    const HttpClient client = host.client();
    HttpAnswer answer = testEndpoint(client, "Alive");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["success"], true);
    EXPECT_EQ(answer.json()["name"], "Alive");
    EXPECT_EQ(answer.json()["status"], "online");
    EXPECT_EQ(answer.json()["port"], alive.port());
    EXPECT_TRUE(answer.json()["latency_ms"].is_number());
    answer = testEndpoint(client, "Dead%20Machine");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["success"], false);
    EXPECT_EQ(answer.json()["status"], "offline");
    EXPECT_TRUE(answer.json()["last_error"].is_string());
    answer = testEndpoint(client, "Nobody");
    EXPECT_EQ(answer.status, 404);
    EXPECT_EQ(answer.json()["error"]["code"], "NOT_FOUND");
    Json listed = client.get("/api/v1/endpoints").json()[0];
    Json tested = testEndpoint(client, "Alive").json();
    tested.erase("success");
    tested.erase("latency_ms");
    listed.erase("latency_ms");
    EXPECT_EQ(tested, listed);
}

TEST(EndpointTest, ASilentMachineIsAskedOnceForAllAndGivenUpWithinThreeSeconds) {
    SilentMachine silent;
    HostProcess host({{"endpoints", {silent.endpoint("Silent")}}});
    host.start();
    silent.connections();
    std::vector<std::future<HttpAnswer>> answers;
    for (int i = 0; i < 6; ++i) {
        answers.push_back(
            std::async(std::launch::async, [&] { return testEndpoint(host.client(), "Silent"); }));
    }
    for (auto& pending : answers) {
        const HttpAnswer answer = pending.get();
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.json()["success"], false);
        EXPECT_EQ(answer.json()["status"], "timeout") << answer.body;
        EXPECT_LT(answer.seconds, 3.5 * kSlower);
    }
    EXPECT_LE(silent.connections(), 2) << "a late one may begin a second round";
}

TEST(EndpointTest, AMachineThatIsBackGetsWorkAtOnce) {
    auto machine = std::make_unique<Simulator>(
        "sim-endpoint", std::vector<std::string>{"--seconds", "0.02"}, kAddressOfItsOwn);
    const std::string port = std::to_string(machine->port());
    HostProcess host({{"endpoints", {machine->endpoint("M")}}});
    host.start();
    const HttpClient client = host.client();
    machine->process().kill();
    EXPECT_EQ(run(client, {{"prompt", "x"}})["status"], "failed");
    EXPECT_EQ(client.get("/api/v1/endpoints").json()[0]["circuit"], "open");
    EXPECT_EQ(testEndpoint(client, "M").json()["circuit"], "open") << "it is still away";
    machine = std::make_unique<Simulator>(
        "sim-endpoint", std::vector<std::string>{"--seconds", "0.02", "--port", port},
        kAddressOfItsOwn);
    EXPECT_EQ(testEndpoint(client, "M").json()["circuit"], "closed");
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(run(client, {{"prompt", "x"}})["status"], "completed");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(4))
        << "less than the circuit's cool-down";
}

}  // namespace

}  // namespace test
