// Who gets an endpoint when: clients, priorities, lanes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "common/sse_client.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

Json with(const std::vector<Json>& endpoints) {
    return {{"endpoints", endpoints}};
}

// The prompts in the order in which the machine began them.
std::vector<std::string> order(const Simulator& machine) {
    std::vector<Json> log = machine.log();
    std::stable_sort(log.begin(), log.end(),
                     [](const Json& a, const Json& b) { return a["start_ms"] < b["start_ms"]; });
    std::vector<std::string> prompts;
    for (const Json& entry : log)
        prompts.push_back(entry["prompt"]);
    return prompts;
}

bool isRunning(const HostProcess& host, const std::string& id) {
    return statusOf(host.client(), id).value("status", "") == "running";
}

TEST(Fairness, ASmallJobOfOneClientDoesNotWaitForTheLargeJobOfAnother) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host(with({machine.endpoint("M")}));
    host.start();
    machine.hold();
    const std::string large = submit(host.client("127.0.0.2"), {{"prompt", "A"}, {"count", 30}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, large); }));
    const std::string small = submit(host.client("127.0.0.3"), {{"prompt", "B"}, {"count", 3}});
    machine.release();
    const Json b = waitForEnd(host.client(), small);
    const Json a = waitForEnd(host.client(), large);
    EXPECT_LT(b["completed_at"].get<double>() + 0.6, a["completed_at"].get<double>());
    // From its first picture on, B gets every second turn.
    const std::vector<std::string> prompts = order(machine);
    ASSERT_EQ(prompts.size(), 33U);
    const auto first = std::find(prompts.begin(), prompts.end(), "B") - prompts.begin();
    const auto last = prompts.rend() - std::find(prompts.rbegin(), prompts.rend(), "B") - 1;
    EXPECT_LE(last - first, 5);
    EXPECT_LE(last, 12);
}

TEST(Fairness, OneClientsJobsGoByAge) {
    Simulator machine = simEndpoint(0.03);
    HostProcess host(with({machine.endpoint("M")}));
    host.start();
    std::vector<std::string> expected;
    std::string last;
    for (int i = 0; i < 6; ++i) {
        expected.push_back("number " + std::to_string(i));
        last = submit(host.client(), {{"prompt", expected.back()}});
    }
    waitForEnd(host.client(), last);
    EXPECT_EQ(order(machine), expected);
}

TEST(Priority, OvertakesWhatWaitsAndWhatIsLeftOfARunningJob) {
    Simulator machine = simEndpoint(0.2);
    HostProcess host(with({machine.endpoint("M")}));
    host.start();
    // However long the others take to come in.
    machine.hold();
    const std::string first = submit(host.client(), {{"prompt", "first"}, {"count", 4}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, first); }));
    const std::string low = submit(host.client(), {{"prompt", "low"}, {"priority", -1}});
    const std::string high =
        submit(host.client(), {{"prompt", "high"}, {"priority", 10}, {"count", 2}});
    machine.release();
    waitForEnd(host.client(), low);
    EXPECT_THAT(order(machine),
                ::testing::ElementsAre("first", "high", "high", "first", "first", "first", "low"));
}

TEST(Concurrency, OfAnEndpointIsKeptAndUsed) {
    for (const int concurrency : {1, 3}) {
        HostProcess host({{"endpoints",
                           {{{"name", "Probe"},
                             {"plugin", "concurrency_probe"},
                             {"concurrency", concurrency},
                             {"settings", {{"seconds", 0.1}}}}}}});
        host.start();
        std::vector<std::string> ids;
        for (int i = 0; i < 4; ++i)
            ids.push_back(submit(host.client(), {{"prompt", "x"}, {"count", 4}}));
        int most = 0;
        for (const std::string& id : ids) {
            for (const Json& image : imagesOf(waitForEnd(host.client(), id)))
                most = std::max(most, image["stats"]["most_at_once"].get<int>());
        }
        EXPECT_EQ(most, concurrency);
    }
}

TEST(Any, GivesEachRunToOneEndpointAndKeepsAllBusy) {
    Simulator a = simEndpoint(0.05);
    Simulator b = simEndpoint(0.05);
    HostProcess host(with({a.endpoint("A"), b.endpoint("B")}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}, {"count", 20}, {"endpoints", "any"}});
    ASSERT_EQ(job["results"].size(), 20U);
    for (const Json& result : job["results"])
        EXPECT_EQ(result["images"].size(), 1U);
    EXPECT_EQ(a.log().size() + b.log().size(), 20U);
    EXPECT_GE(a.log().size(), 5U);
    EXPECT_GE(b.log().size(), 5U);
}

TEST(Any, FailsOverFromADeadEndpointWithoutAFailure) {
    Simulator alive = simEndpoint(0.02);
    Simulator faulty = simEndpoint(0.02, {"--fault", "http-500"});
    Json dead = {
        {"name", "Dead"}, {"plugin", "endpoint"}, {"settings", {{"ip", "127.0.0.1"}, {"port", 1}}}};
    HostProcess host(with({dead, faulty.endpoint("Faulty"), alive.endpoint("Alive")}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}, {"count", 10}, {"endpoints", "any"}});
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr) << job["error"];
    ASSERT_EQ(imagesOf(job).size(), 10U);
    for (const Json& image : imagesOf(job)) {
        EXPECT_EQ(image["success"], true);
        EXPECT_EQ(image["endpoint"]["name"], "Alive");
    }
}

TEST(AList, GoesToExactlyThoseEndpoints) {
    Simulator a = simEndpoint(0.02);
    Simulator b = simEndpoint(0.02);
    Simulator c = simEndpoint(0.02);
    HostProcess host(with({a.endpoint("A"), b.endpoint("B"), c.endpoint("C")}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}, {"count", 2}, {"endpoints", {"C", "A"}}});
    EXPECT_EQ(imagesOf(job).size(), 4U);
    EXPECT_EQ(a.log().size(), 2U);
    EXPECT_EQ(b.log().size(), 0U);
    EXPECT_EQ(c.log().size(), 2U);
    EXPECT_EQ(job["endpoint_status"].size(), 2U);
}

TEST(Prompts, OfTheLlmDifferForEachEndpointWhenAskedFor) {
    Simulator a = simEndpoint(0.02);
    Simulator b = simEndpoint(0.02);
    Simulator llm = simLlm(0.02);
    HostProcess host({{"prompt", llm.prompt()}, {"endpoints", {a.endpoint("A"), b.endpoint("B")}}});
    host.start();
    const Json job =
        run(host.client(),
            {{"prompt", "boats"}, {"random", true}, {"count", 2}, {"prompt_mode", "different"}});
    EXPECT_EQ(llm.log().size(), 4U);
    std::set<std::string> prompts;
    for (const Json& image : imagesOf(job))
        prompts.insert(image["prompt_used"].get<std::string>());
    EXPECT_EQ(prompts.size(), 4U);
    for (const Json& result : job["results"])
        EXPECT_NE(result["endpoint_prompts"]["A"], result["endpoint_prompts"]["B"]);
}

TEST(Cancel, OfAQueuedJobIsThatJobOnly) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host(with({machine.endpoint("M")}));
    host.start();
    machine.hold();
    const std::string first = submit(host.client(), {{"prompt", "first"}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, first); }));
    const std::string victim = submit(host.client(), {{"prompt", "victim"}});
    const std::string last = submit(host.client(), {{"prompt", "last"}});
    const HttpAnswer answer = host.client().del("/api/v1/queue/" + victim);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json(), (Json{{"success", true}, {"job_id", victim}}));
    EXPECT_EQ(statusOf(host.client(), victim)["status"], "cancelled");
    machine.release();
    EXPECT_EQ(waitForEnd(host.client(), first)["status"], "completed");
    EXPECT_EQ(waitForEnd(host.client(), last)["status"], "completed");
    EXPECT_THAT(order(machine), ::testing::ElementsAre("first", "last"));
    EXPECT_EQ(host.client().del("/api/v1/queue/" + victim).status, 400) << "it is over";
}

TEST(Cancel, OfARunningJobDropsItsCallsAndKeepsItsPictures) {
    Simulator machine = simEndpoint(0.3);
    Simulator slow = simEndpoint(30);
    HostProcess host(with({machine.endpoint("M"), slow.endpoint("Slow")}));
    host.start();
    const std::string victim = submit(host.client(), {{"prompt", "victim"}, {"count", 50}});
    // A file may still be without its record, and the cancel then drops it.
    ASSERT_TRUE(
        eventually([&] { return host.client().get("/api/v1/gallery").json().size() >= 2; }));
    const std::string next = submit(host.client(), {{"prompt", "next"}, {"endpoints", {"M"}}});
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(host.client().del("/api/v1/queue/" + victim).status, 200);
    EXPECT_EQ(waitForEnd(host.client(), next)["status"], "completed");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));

    // The lane of the slow endpoint is free at once, though the machine draws on.
    ASSERT_TRUE(eventually([&] {
        const Json endpoints = host.client().get("/api/v1/endpoints").json();
        return endpoints[1]["busy"] == 0;
    }));
    const Json job = statusOf(host.client(), victim);
    EXPECT_EQ(job["status"], "cancelled");
    std::vector<std::string> made;
    for (const Json& image : imagesOf(job)) {
        if (image["success"] == true) made.push_back(image["filename"]);
    }
    EXPECT_GE(made.size(), 2U);
    EXPECT_LT(made.size(), 50U);
    for (const std::string& name : made)
        EXPECT_EQ(host.client().get("/images/" + name).status, 200);
    EXPECT_EQ(outputFiles(host).size(), made.size() + 1) << "and the one of the next job";
}

TEST(Cancel, FreesTheLanguageModel) {
    Simulator machine = simEndpoint(0.02);
    Simulator llm = simLlm(30);
    HostProcess host({{"prompt", llm.prompt()}, {"endpoints", {machine.endpoint("M")}}});
    host.start();
    // The model keeps no record of a call that was cancelled before it was sent: then once more.
    for (int attempt = 0; attempt < 20 && llm.log().empty(); ++attempt) {
        const std::string id = submit(host.client(), {{"prompt", "x"}, {"random", true}});
        ASSERT_TRUE(eventually(
            [&] { return statusOf(host.client(), id)["llm_status"]["state"] == "generating"; }));
        EXPECT_FALSE(eventually([&] { return isOver(statusOf(host.client(), id)); },
                                std::chrono::milliseconds(50)));
        EXPECT_EQ(host.client().del("/api/v1/queue/" + id).status, 200);
        EXPECT_EQ(statusOf(host.client(), id)["status"], "cancelled");
        eventually([&] { return !llm.log().empty(); }, std::chrono::seconds(2));
    }
    ASSERT_FALSE(llm.log().empty()) << "the model still writes";
    EXPECT_EQ(llm.log()[0]["outcome"], "cancelled");
    EXPECT_EQ(machine.log().size(), 0U);
}

TEST(ClearQueue, CancelsWhatWaitsAndLeavesWhatRuns) {
    Simulator machine = simEndpoint(0.05);
    HostProcess host(with({machine.endpoint("M")}));
    host.start();
    machine.hold();
    const std::string running = submit(host.client(), {{"prompt", "x"}, {"count", 2}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, running); }));
    std::vector<std::string> waiting;
    for (int i = 0; i < 5; ++i)
        waiting.push_back(
            submit(host.client("127.0.0." + std::to_string(2 + i)), {{"prompt", "y"}}));
    EXPECT_EQ(host.client().post("/api/v1/queue/clear", Json::object()).json(),
              (Json{{"success", true}, {"cleared", 5}}));
    for (const std::string& id : waiting)
        EXPECT_EQ(statusOf(host.client(), id)["status"], "cancelled");
    EXPECT_EQ(host.client().get("/api/v1/queue").json()["queue_size"], 0);
    machine.release();
    EXPECT_EQ(imagesOf(waitForEnd(host.client(), running)).size(), 2U);
    EXPECT_EQ(machine.log().size(), 2U);
}

TEST(QueueEvents, TellAlsoOfJobsThatWereCancelledWhileTheyWaited) {
    Simulator machine = simEndpoint(30);
    HostProcess host(with({machine.endpoint("M")}));
    host.start();
    const std::string running = submit(host.client(), {{"prompt", "x"}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, running); }));
    std::vector<std::string> waiting;
    for (int i = 0; i < 3; ++i)
        waiting.push_back(submit(host.client(), {{"prompt", "y"}}));
    SseClient events(host.url(), "/api/v1/events");
    const auto nextSize = [&]() -> Json {
        while (auto event = events.next()) {
            if (event->type == "queue") return event->data["queue_size"];
        }
        return {};
    };
    EXPECT_EQ(host.client().del("/api/v1/queue/" + waiting[0]).status, 200);
    EXPECT_EQ(nextSize(), 2);
    EXPECT_EQ(host.client().post("/api/v1/queue/clear", Json::object()).status, 200);
    EXPECT_EQ(nextSize(), 0);
}

TEST(QueueBound, IsRefusedWith503AndTheTimeToComeBack) {
    Simulator machine = simEndpoint(30);
    Json config = with({machine.endpoint("M")});
    config["max_queued_jobs"] = 3;
    HostProcess host(config);
    host.start();
    const std::string running = submit(host.client(), {{"prompt", "x"}});
    ASSERT_TRUE(eventually([&] { return isRunning(host, running); }));
    std::string last;
    for (int i = 0; i < 3; ++i) {
        last = submit(host.client(), {{"prompt", "x"}});
        ASSERT_NE(last, "");
    }
    const HttpAnswer refused = host.client().post("/api/v1/generate", {{"prompt", "x"}});
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(refused.json()["error"]["code"], "SERVICE_UNAVAILABLE");
    EXPECT_GT(std::stoi("0" + refused.header("Retry-After")), 0);
    EXPECT_EQ(host.client().get("/api/v1/queue").json()["queue_size"], 3);
    EXPECT_EQ(host.client().del("/api/v1/queue/" + last).status, 200);
    EXPECT_NE(submit(host.client(), {{"prompt", "x"}}), "") << "there is room again";
}

}  // namespace

}  // namespace test
