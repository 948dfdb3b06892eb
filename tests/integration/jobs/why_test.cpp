// GET /api/v1/jobs/{id}/why, and the same in the status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

TEST(Why, AWaitingJobTellsWhatItWaitsForAndWhenItWillBeDone) {
    Simulator machine = simEndpoint(0.3);
    HostProcess host({{"endpoints", {machine.endpoint("Studio")}}});
    host.start();
    const HttpClient client = host.client();
    ASSERT_EQ(run(client, {{"prompt", "to learn from"}})["status"], "completed");
    machine.hold();
    const std::string first = submit(client, {{"prompt", "x"}, {"count", 20}});
    const std::string second = submit(client, {{"prompt", "y"}, {"count", 10}});
    HttpAnswer answer;
    ASSERT_TRUE(eventually([&] { return statusOf(client, first)["status"] == "running"; }));
    answer = client.get("/api/v1/jobs/" + second + "/why");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json why = answer.json();
    EXPECT_EQ(why["job_id"], second);
    EXPECT_EQ(why["status"], "queued");
    EXPECT_EQ(why["position"], 1);
    EXPECT_THAT(why["summary"].get<std::string>(), HasSubstr("Studio is drawing job " + first));
    ASSERT_EQ(why["waits_for"].size(), 1U);
    EXPECT_EQ(why["waits_for"][0]["items"], 10);
    ASSERT_TRUE(why["eta"].is_object()) << why.dump(2);
    EXPECT_GT(why["eta"]["seconds"].get<double>(), 10 * 0.3);
    EXPECT_EQ(statusOf(client, second)["why"]["waits_for"][0]["reason"], "busy");
    answer = client.get("/api/jobs/" + second + "/why");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("X-API-Deprecated"), "true");
    client.send("DELETE", "/api/v1/queue/" + second, {});
    answer = client.get("/api/v1/jobs/" + second + "/why");
    EXPECT_EQ(answer.json()["summary"], "The job is cancelled.");
    EXPECT_EQ(client.get("/api/v1/jobs/00000000/why").status, 404);
}

TEST(Why, AMachineThatIsAwayIsNamedWithTheReasonItGave) {
    Simulator dead = simEndpoint(0.02);
    Simulator good = simEndpoint(0.02);
    HostProcess host({{"endpoints", {dead.endpoint("Dead"), good.endpoint("Good")}}});
    dead.process().kill();
    host.start();
    const HttpClient client = host.client();
    ASSERT_EQ(run(client, {{"prompt", "x"}, {"count", 4}, {"endpoints", "any"}})["status"],
              "completed");
    const std::string id = submit(client, {{"prompt", "x"}, {"endpoints", {"Dead"}}});
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    Json why;
    do {
        why = client.get("/api/v1/jobs/" + id + "/why").json();
    } while (why["waits_for"].empty() && std::chrono::steady_clock::now() < until);
    EXPECT_THAT(why["summary"].get<std::string>(), HasSubstr("Dead "));
    EXPECT_FALSE(why["waits_for"][0]["error"].get<std::string>().empty()) << why.dump(2);
    EXPECT_EQ(why["eta"], nullptr);
    EXPECT_TRUE(why["eta_reason"].is_string());
}

}  // namespace

}  // namespace test
