// Calls that wait for a whole job: clients that leave, a host that dies, many at once.
#include "common/metrics_text.hpp"
#include "integration/foreign/foreign_fixture.hpp"
#include "integration/support/health_pulse.hpp"

namespace test {

namespace {

using host::Json;

const char* const kGenerations = "/v1/images/generations";

TEST(WaitingCalls, AClientThatHangsUpCancelsItsJob) {
    Simulator machine = simEndpoint(300);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    for (const bool stream : {false, true}) {
        TcpSocket call = beginCall(host, kGenerations, {{"prompt", "p"}, {"stream", stream}});
        const auto newest = [&] {
            const Json jobs = host.client().get("/api/v1/jobs").json();
            return jobs.empty() ? std::string() : jobs[0].value("status", "");
        };
        ASSERT_TRUE(eventually([&] { return newest() == "running"; }));
        call.close();
        EXPECT_TRUE(eventually([&] { return newest() == "cancelled"; }));
    }
}

TEST(WaitingCalls, AJobOfTwoCallsGoesOnWhenOneOfThemHangsUp) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    machine.hold();
    const Headers key = {{"Idempotency-Key", "twice"}};
    HttpAnswer answer;
    std::thread waiting([&] { answer = host.client().post(kGenerations, {{"prompt", "p"}}, key); });
    EXPECT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "running"; }));
    HttpClient second = host.client();
    second.timeout = std::chrono::milliseconds(300);
    second.checked = false;
    EXPECT_EQ(second.post(kGenerations, {{"prompt", "p"}}, key).status, 0);
    machine.release();
    waiting.join();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(statusOfOnlyJob(host), "completed");
}

TEST(WaitingCalls, OneThatLivedThroughARestartIsAnsweredByItsKey) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    machine.hold();
    const Json body = {{"prompt", "p"}};
    const Headers key = {{"Idempotency-Key", "again"}};
    HttpClient cut = host.client();
    cut.checked = false;
    std::thread waiting([&] { cut.post(kGenerations, body, key); });
    EXPECT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "running"; }));
    host.kill();
    waiting.join();
    machine.release();
    host.start();
    const HttpAnswer answer = host.client().post(kGenerations, body, key);
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(statusOfOnlyJob(host), "completed") << "no second job";
    // Once more, now that the job is long over.
    EXPECT_EQ(host.client().post(kGenerations, body, key).status, 200);
}

TEST(WaitingCalls, AreCountedAsTheyWereAnsweredAndAfterAllTheirTime) {
    Simulator machine = simEndpoint(0.3);
    HostProcess host(
        {{"endpoints", {machine.endpoint("Slow"), {{"name", "Odd"}, {"plugin", "lies"}}}}});
    host.start();
    const auto post = [&](const char* model) {
        return host.client().post(kGenerations, {{"prompt", "p"}, {"model", model}}).status;
    };
    EXPECT_EQ(post("Slow"), 200);
    EXPECT_EQ(post("Odd"), 500);
    machine.hold();
    TcpSocket call = beginCall(host, kGenerations, {{"prompt", "p"}, {"model", "Slow"}});
    ASSERT_TRUE(eventually([&] { return host.client().get("/api/v1/jobs").json().size() == 3; }));
    call.close();
    const std::string route = R"(service="dual_gen",method="POST",route="/v1/images/generations")";
    const auto figure = [&](const std::string& name, const std::string& labels) {
        return metricOf(host.client().get("/metrics").body, name, labels).value_or(0);
    };
    const auto answered = [&](const char* status) {
        return figure("ipl_http_requests_total", route + ",status=\"" + std::string(status) + "\"");
    };
    EXPECT_TRUE(eventually([&] { return answered("4xx") == 1; })) << "the client hung up";
    EXPECT_EQ(answered("2xx"), 1);
    EXPECT_EQ(answered("5xx"), 1);
    EXPECT_GE(figure("ipl_http_request_seconds_sum", route), 0.3);
}

TEST(WaitingCalls, AreCutOffByAShutdownThatKeepsTheirJobs) {
    Simulator machine = simEndpoint(3);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}, {"shutdown_grace_seconds", 0}});
    host.start();
    TcpSocket call = beginCall(host, kGenerations, {{"prompt", "p"}});
    EXPECT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "running"; }));
    EXPECT_EQ(host.stop(), 0);
    host.start();
    EXPECT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "completed"; }));
}

TEST(WaitingCalls, AThousandLeaveTheQueueAndHealthAloneAndOneMoreIsToldToTryLater) {
    Simulator machine = simEndpoint(300);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    const HealthPulse pulse(host);
    std::vector<TcpSocket> calls;
    for (int i = 0; i < 1000; ++i)
        calls.push_back(beginCall(host, kGenerations, {{"prompt", "p"}}));
    const auto jobs = [&] { return host.client().get("/health").json().value("queue_size", 0); };
    EXPECT_TRUE(eventually([&] { return jobs() >= 999; }, std::chrono::seconds(60))) << jobs();
    const HttpAnswer refused = host.client().post(kGenerations, {{"prompt", "p"}});
    EXPECT_EQ(refused.status, 429) << refused.body;
    EXPECT_EQ(refused.json()["error"]["type"], "rate_limit_error");
    EXPECT_NE(refused.header("Retry-After"), "");
    EXPECT_EQ(host.client().get("/api/v1/queue").status, 200);
    EXPECT_NE(submit(host.client(), {{"prompt", "another way in"}}), "");
    calls.clear();
    EXPECT_TRUE(eventually([&] { return jobs() <= 1; }, std::chrono::seconds(60))) << jobs();
}

}  // namespace

}  // namespace test
