// PUT /api/v1/jobs/{id}/priority.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

HttpAnswer prioritise(const HttpClient& client, const std::string& id, const Json& priority) {
    return client.send("PUT", "/api/v1/jobs/" + id + "/priority",
                       {{"Content-Type", "application/json"}}, Json{{"priority", priority}}.dump());
}

std::vector<std::string> pendingOf(const HttpClient& client) {
    std::vector<std::string> ids;
    const Json queue = client.get("/api/v1/queue").json();
    for (const Json& job : queue["pending"])
        ids.push_back(job.value("job_id", ""));
    return ids;
}

TEST(Priority, AJobOvertakesAtOnceAndAlsoAfterAKill) {
    Simulator machine = simEndpoint(0.1);
    HostProcess host({{"endpoints", {machine.endpoint("M")}}});
    host.start();
    machine.hold();
    const std::string first = submit(host.client(), {{"prompt", "first"}, {"count", 2}});
    ASSERT_TRUE(eventually([&] { return statusOf(host.client(), first)["status"] == "running"; }));
    const std::string second = submit(host.client(), {{"prompt", "second"}});
    const std::string third = submit(host.client(), {{"prompt", "third"}});
    const HttpAnswer answer = prioritise(host.client(), third, 5);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["priority"], 5);
    EXPECT_EQ(answer.json()["queue_position"], 1);
    EXPECT_EQ(pendingOf(host.client()), (std::vector<std::string>{third, second}));
    ASSERT_EQ(prioritise(host.client(), first, -10).json()["queue_position"], 0);
    host.kill();
    machine.release();
    host.start();
    EXPECT_EQ(statusOf(host.client(), third)["priority"], 5);
    std::vector<double> ends;
    for (const std::string& id : {third, second, first})
        ends.push_back(waitForEnd(host.client(), id)["completed_at"].get<double>());
    EXPECT_LT(ends[0], ends[1]);
    EXPECT_LT(ends[1], ends[2]) << "what is left of a job that had begun goes behind too";
}

TEST(Priority, IsToldInAnEvent) {
    Simulator machine = simEndpoint(5);
    HostProcess host({{"endpoints", {machine.endpoint("M")}}});
    host.start();
    submit(host.client(), {{"prompt", "x"}});
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_EQ(prioritise(host.client(), id, -3).status, 200);
    const Json told = query(host.database(), "SELECT data FROM events WHERE job_id = '" + id +
                                                 "' AND json_extract(data, '$.priority') = -3");
    ASSERT_EQ(told.size(), 1U);
}

TEST(Priority, WhatIsNoPriorityOrNoOpenJobIsRefused) {
    HostProcess host;
    host.start();
    const HttpClient client = host.client();
    EXPECT_EQ(prioritise(client, "01234567", 1).json()["error"]["code"], "JOB_NOT_FOUND");
    const std::string id = run(client, {{"prompt", "x"}})["job_id"];
    const HttpAnswer over = prioritise(client, id, 1);
    EXPECT_EQ(over.status, 400);
    EXPECT_THAT(over.json()["error"]["message"].get<std::string>(), testing::HasSubstr("finished"));
    for (const Json& wrong : {Json(11), Json(-11), Json(0.5), Json("high"), Json(1e300), Json(),
                              Json::array({1}), Json(true)}) {
        const HttpAnswer answer = prioritise(client, id, wrong);
        EXPECT_EQ(answer.status, 400) << wrong;
        EXPECT_EQ(answer.json()["error"]["details"]["errors"][0]["field"], "priority") << wrong;
    }
    EXPECT_EQ(client.send("PUT", "/api/v1/jobs/" + id + "/priority", {}, "no json").status, 400);
    EXPECT_EQ(client.send("PUT", "/api/v1/jobs/" + id + "/priority", {}, "").status, 400);
}

}  // namespace

}  // namespace test
