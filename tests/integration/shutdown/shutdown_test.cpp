// SIGTERM under load: what runs may finish, the rest is handed back, nothing is lost.
#include <gtest/gtest.h>

#include <csignal>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using Clock = std::chrono::steady_clock;

Json gracefulConfig(const std::vector<Json>& endpoints, int grace) {
    return {{"endpoints", endpoints}, {"shutdown_grace_seconds", grace}};
}

bool isRunning(const HostProcess& host, const std::string& id) {
    return statusOf(host.client(), id).value("status", "") == "running";
}

void expectWhole(const HostProcess& host, const std::string& id, std::size_t pictures) {
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(imagesOf(job).size(), pictures);
    EXPECT_EQ(outputFiles(host).size(), pictures);
}

TEST(Shutdown, LetsRunningItemsFinishWithinTheGrace) {
    Simulator machine = simEndpoint(0.8);
    HostProcess host(gracefulConfig({machine.endpoint("M")}, 30));
    host.start();
    // No picture is finished before the shutdown has begun.
    machine.hold();
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 3}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, id); }));
    host.process().signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return host.log().find("shutting down") != std::string::npos; }));
    machine.release();
    const auto begun = Clock::now();
    EXPECT_EQ(host.process().wait(std::chrono::seconds(30)), 0);
    EXPECT_LT(Clock::now() - begun, std::chrono::seconds(15)) << "it does not wait without need";
    EXPECT_EQ(outputFiles(host).size(), 1U) << "the one that ran was finished";
    EXPECT_EQ(machine.log().size(), 1U) << "no new one was begun";
    EXPECT_EQ(query(host.database(), "SELECT count(*) AS n FROM images")[0]["n"], 1);

    host.start();
    expectWhole(host, id, 3);
    EXPECT_EQ(machine.log().size(), 3U) << "none was drawn twice";
}

TEST(Shutdown, HandsBackWhatDoesNotFinishInTimeWithoutCountingTheAttempt) {
    Simulator machine = simEndpoint(0.1);
    Json slow = {{"name", "Slow"}, {"plugin", "slow"}, {"settings", {{"seconds", 3600}}}};
    HostProcess host(gracefulConfig({slow, machine.endpoint("M")}, 1));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 2}});
    ASSERT_TRUE(eventually([&] { return outputFiles(host).size() == 2; }));
    const auto begun = Clock::now();
    EXPECT_EQ(host.stop(), 0);
    const auto took = Clock::now() - begun;
    EXPECT_GE(took, std::chrono::milliseconds(900));
    EXPECT_LT(took, std::chrono::seconds(10));
    const Json attempts =
        query(host.database(), "SELECT state, attempts FROM items WHERE slot = 'Slow' AND run = 0");
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_EQ(attempts[0]["state"], "queued");
    EXPECT_EQ(attempts[0]["attempts"], 0);

    slow["settings"]["seconds"] = 0.01;
    host.configure({{"endpoints", {slow, machine.endpoint("M")}}});
    host.start();
    expectWhole(host, id, 4);
}

TEST(Shutdown, UnderLoadLosesNothing) {
    Simulator a = simEndpoint(0.05, {"--jitter", "0.5"});
    Simulator b = simEndpoint(0.08, {"--jitter", "0.5"});
    Simulator llm = simLlm(0.05);
    Json config = gracefulConfig({a.endpoint("A"), b.endpoint("B")}, 5);
    config["prompt"] = llm.prompt();
    HostProcess host(config);
    host.start();
    std::vector<std::string> ids;
    std::size_t pictures = 0;
    for (int round = 0; round < 4; ++round) {
        for (int i = 0; i < 4; ++i) {
            ids.push_back(
                submit(host.client(), {{"prompt", "x"}, {"random", i % 2 == 0}, {"count", 3}}));
            ASSERT_NE(ids.back(), "");
            pictures += 6;
        }
        ASSERT_TRUE(eventually([&] { return isRunning(host, ids.back()) || round > 0; }));
        EXPECT_EQ(host.stop(std::chrono::seconds(15)), 0);
        for (const std::string& name : outputFiles(host))
            EXPECT_FALSE(name.starts_with(".")) << name;
        host.start();
    }
    for (const std::string& id : ids) {
        const Json job = waitForEnd(host.client(), id);
        EXPECT_EQ(job["status"], "completed") << job.dump(2);
        EXPECT_EQ(imagesOf(job).size(), 6U);
    }
    EXPECT_EQ(outputFiles(host).size(), pictures);
}

TEST(Shutdown, RefusesNewWorkWith503MeanwhileAndStillAnswers) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host(gracefulConfig({machine.endpoint("M")}, 30));
    host.start();
    machine.hold();
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, id); }));
    host.process().signal(SIGTERM);
    HttpAnswer refused;
    ASSERT_TRUE(eventually([&] {
        refused = host.client().post("/api/v1/generate", {{"prompt", "y"}});
        return refused.status != 200;
    }));
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(refused.json()["error"]["code"], "SERVICE_UNAVAILABLE");
    EXPECT_EQ(host.client().get("/health").status, 200);
    machine.release();
    EXPECT_EQ(host.process().wait(std::chrono::seconds(30)), 0);
    EXPECT_GE(outputFiles(host).size(), 1U);
}

TEST(Shutdown, ASecondSignalEndsAtOnceWithNothingLost) {
    Simulator machine = simEndpoint(0.1);
    Json slow = {{"name", "Slow"}, {"plugin", "slow"}, {"settings", {{"seconds", 3600}}}};
    HostProcess host(gracefulConfig({slow, machine.endpoint("M")}, 3600));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_TRUE(eventually([&] { return outputFiles(host).size() == 1; }));
    ASSERT_TRUE(eventually(
        [&] { return statusOf(host.client(), id)["endpoint_status"]["M"]["state"] == "done"; }));
    host.process().signal(SIGTERM);
    ASSERT_TRUE(eventually([&] { return host.log().find("shutting down") != std::string::npos; }));
    EXPECT_FALSE(host.process().wait(std::chrono::milliseconds(200))) << "it waits for the item";
    const auto begun = Clock::now();
    host.process().signal(SIGTERM);
    EXPECT_EQ(host.process().wait(std::chrono::seconds(10)), 0);
    EXPECT_LT(Clock::now() - begun, std::chrono::seconds(2));

    slow["settings"]["seconds"] = 0.01;
    host.configure({{"endpoints", {slow, machine.endpoint("M")}}});
    host.start();
    expectWhole(host, id, 2);
}

TEST(Shutdown, DoesNotWaitForAPluginThatHangs) {
    HostProcess host(gracefulConfig({{{"name", "Stuck"}, {"plugin", "hang"}}}, 1));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, id); }));
    EXPECT_EQ(host.stop(std::chrono::seconds(30)), 0);
    const Json job = query(host.database(), "SELECT status FROM jobs WHERE id = '" + id + "'");
    EXPECT_NE(job[0]["status"], "failed");
}

TEST(Shutdown, EndsEventStreamsAndIdleConnections) {
    HostProcess host;
    host.start();
    const auto until = Clock::now() + std::chrono::seconds(30);
    TcpSocket idle(host.client().address(), "", until);
    TcpSocket stream(host.client().address(), "", until);
    stream.send("GET /api/v1/events HTTP/1.1\r\nHost: x\r\n\r\n", until);
    std::string rest;
    ASSERT_EQ(receiveHead(stream, rest, until).status, 200);
    const auto begun = Clock::now();
    EXPECT_EQ(host.stop(), 0);
    EXPECT_LT(Clock::now() - begun, std::chrono::seconds(8));
}

}  // namespace

}  // namespace test
