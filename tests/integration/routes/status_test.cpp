// The status object, the lists of jobs and the queue.
#include "common/sanitized.hpp"
#include "integration/routes/routes_fixture.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::ElementsAre;

Json slowEndpoint(double seconds) {
    return {{"endpoints",
             {{{"name", "Slow"}, {"plugin", "slow"}, {"settings", {{"seconds", seconds}}}}}}};
}

TEST(Status, HasEveryFieldOfTheContractWithItsType) {
    Simulator a = simEndpoint(0.05);
    Simulator llm = simLlm(0.05);
    HostProcess host(
        {{"prompt", llm.prompt()},
         {"endpoints", {a.endpoint("Machine"), {{"name", "Odd"}, {"plugin", "lies"}}}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}, {"random", true}, {"count", 2}});
    EXPECT_EQ(job["status"], "completed");
    EXPECT_TRUE(job["job_id"].is_string());
    for (const char* time : {"created_at", "started_at", "completed_at", "total_elapsed"})
        EXPECT_TRUE(job[time].is_number_float()) << time;
    EXPECT_GT(job["created_at"], 1.6e9);
    EXPECT_LE(job["created_at"], job["started_at"]);
    EXPECT_LE(job["started_at"], job["completed_at"]);
    EXPECT_EQ(job["count"], 2);
    EXPECT_EQ(job["current_run"], 2);
    EXPECT_TRUE(job["current_prompt"].is_string());
    EXPECT_EQ(job["endpoint_prompts"].size(), 2U);
    EXPECT_TRUE(job["error"].is_string()) << "it counts the failures";

    ASSERT_EQ(job["endpoint_status"].size(), 2U);
    for (const auto& [name, endpoint] : job["endpoint_status"].items()) {
        EXPECT_EQ(endpoint["state"], name == "Machine" ? "done" : "error");
        EXPECT_TRUE(endpoint["start_time"].is_number_float());
        EXPECT_TRUE(endpoint["elapsed"].is_number_float());
        EXPECT_TRUE(endpoint["progress"].is_null() || endpoint["progress"].is_number());
    }
    const Json& writer = job["llm_status"];
    EXPECT_EQ(writer["state"], "done");
    EXPECT_EQ(writer["source"], "llm");
    EXPECT_EQ(writer["model"], "sim-model");
    EXPECT_EQ(writer["mode"], "text");
    EXPECT_EQ(writer["error"], nullptr);
    EXPECT_TRUE(writer["start_time"].is_number_float());
    EXPECT_TRUE(writer["elapsed"].is_number_float());

    ASSERT_EQ(job["results"].size(), 2U);
    for (const Json& result : job["results"]) {
        EXPECT_NE(result["prompt"], "");
        EXPECT_EQ(result["endpoint_prompts"]["Machine"], result["prompt"]);
        EXPECT_EQ(result["guidance_scale"], nullptr);
        ASSERT_EQ(result["images"].size(), 2U);
        for (const Json& image : result["images"]) {
            EXPECT_EQ(image["prompt_used"], result["prompt"]);
            if (image["success"] == true) {
                const std::string name = image["filename"];
                EXPECT_EQ(image["endpoint"],
                          (Json{{"name", "Machine"}, {"ip", "127.0.0.1"}, {"port", a.port()}}));
                EXPECT_EQ(name.rfind("gen_127_0_0_1_", 0), 0U) << name;
                EXPECT_EQ(image["url"], "/images/" + name);
                EXPECT_EQ(image["local_path"], (host.output() / name).string());
                EXPECT_TRUE(image["stats"]["seed"].is_number_integer());
                EXPECT_EQ(image["stats"]["model"], "simulated");
                EXPECT_GE(image["duration"].get<double>(), 0.05);
            } else {
                EXPECT_EQ(image["endpoint"],
                          (Json{{"name", "Odd"}, {"ip", nullptr}, {"port", nullptr}}));
                EXPECT_TRUE(image["error"].is_string());
            }
        }
    }
}

TEST(Status, OfAWaitingAndARunningJob) {
    HostProcess host(slowEndpoint(60));
    host.start();
    const HttpClient client = host.client();
    const std::string first = submit(client, {{"prompt", "one"}, {"count", 3}});
    ASSERT_TRUE(
        eventually([&] { return statusOf(client, first).value("status", "") == "running"; }));
    Json job = statusOf(client, first);
    EXPECT_EQ(job["current_run"], 1);
    EXPECT_EQ(job["current_prompt"], "one");
    EXPECT_EQ(job["completed_at"], nullptr);
    EXPECT_TRUE(job["started_at"].is_number_float());
    EXPECT_EQ(job["results"], Json::array());
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(job["endpoint_status"]["Slow"]["state"], "generating");
    EXPECT_EQ(job["llm_status"]["state"], "idle");
    EXPECT_EQ(job["llm_status"]["source"], nullptr);

    job = statusOf(client, submit(client, {{"prompt", "two"}}));
    EXPECT_EQ(job["status"], "queued");
    EXPECT_EQ(job["started_at"], nullptr);
    EXPECT_EQ(job["endpoint_status"]["Slow"]["state"], "pending");
    EXPECT_EQ(job["endpoint_status"]["Slow"]["start_time"], nullptr);
}

TEST(Status, IsTheSameFromTheLegacyPathWhichSaysThatItIsOld) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const HttpAnswer accepted = client.post("/api/generate", {{"prompt", "x"}});
    EXPECT_EQ(accepted.header("X-API-Deprecated"), "true");
    const std::string id = jobIdOf(accepted);
    waitForEnd(client, id);
    const HttpAnswer old = client.get("/api/status/" + id);
    const HttpAnswer present = client.get("/api/v1/status/" + id);
    EXPECT_EQ(old.body, present.body);
    EXPECT_EQ(old.header("X-API-Deprecated"), "true");
    EXPECT_FALSE(present.has("X-API-Deprecated"));

    for (const char* path : {"jobs", "queue", "gallery", "endpoints"}) {
        const HttpAnswer legacy = client.get(std::string("/api/") + path);
        EXPECT_EQ(legacy.status, 200) << path;
        EXPECT_EQ(legacy.header("X-API-Deprecated"), "true") << path;
    }
    EXPECT_EQ(client.post("/api/queue/clear", Json::object()).json()["cleared"], 0);
    const HttpAnswer refused = client.del("/api/queue/" + id);
    expectError(refused, 400, "VALIDATION_ERROR");
    EXPECT_EQ(refused.header("X-API-Deprecated"), "true");
    EXPECT_NE(host.log().find("deprecated"), std::string::npos);
}

TEST(Jobs, ComeInPagesNewestFirstWithNothingTwice) {
    HostProcess host(slowEndpoint(0.001));
    host.start();
    const HttpClient client = host.client();
    std::vector<std::string> ids;
    for (int i = 0; i < 7; ++i)
        ids.insert(ids.begin(), submit(client, {{"prompt", "x"}}));
    for (const std::string& id : ids)
        waitForEnd(client, id);

    std::vector<std::string> seen;
    std::string cursor;
    int pages = 0;
    do {
        const HttpAnswer page = client.get("/api/v1/jobs?limit=3&cursor=" + cursor);
        ASSERT_EQ(page.status, 200);
        for (const Json& job : page.json())
            seen.push_back(job["job_id"]);
        cursor = page.header("X-Next-Cursor");
    } while (!cursor.empty() && ++pages < 10);
    EXPECT_EQ(seen, ids);
    EXPECT_EQ(client.get("/api/v1/jobs?status=completed").json().size(), 7U);
    EXPECT_EQ(client.get("/api/v1/jobs?status=failed").json(), Json::array());
}

TEST(Queue, ListsWhatWaitsRunsAndIsDone) {
    Json config = slowEndpoint(60);
    config["endpoints"].push_back({{"name", "Quick"}, {"plugin", "echo"}});
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    EXPECT_EQ(client.get("/api/v1/queue").json(), (Json{{"pending", Json::array()},
                                                        {"running", Json::array()},
                                                        {"completed", Json::array()},
                                                        {"current_job_id", nullptr},
                                                        {"queue_size", 0}}));
    const Json quick = run(client, {{"prompt", "x"}, {"endpoints", {"Quick"}}});
    const std::string running = submit(client, {{"prompt", "x"}, {"endpoints", {"Slow"}}});
    ASSERT_TRUE(
        eventually([&] { return statusOf(client, running).value("status", "") == "running"; }));
    const std::string low =
        submit(client, {{"prompt", "x"}, {"endpoints", {"Slow"}}, {"priority", -1}});
    const std::string high =
        submit(client, {{"prompt", "x"}, {"endpoints", {"Slow"}}, {"priority", 1}});

    const Json queue = client.get("/api/v1/queue").json();
    EXPECT_EQ(queue["queue_size"], 2);
    EXPECT_EQ(queue["current_job_id"], running);
    ASSERT_EQ(queue["pending"].size(), 2U);
    EXPECT_EQ(queue["pending"][0]["job_id"], high);
    EXPECT_EQ(queue["pending"][1]["job_id"], low);
    ASSERT_EQ(queue["running"].size(), 1U);
    EXPECT_EQ(queue["running"][0]["job_id"], running);
    ASSERT_EQ(queue["completed"].size(), 1U);
    EXPECT_EQ(queue["completed"][0]["job_id"], quick["job_id"]);

    const Json health = client.get("/health").json();
    EXPECT_EQ(health["service"], "dual_gen");
    EXPECT_EQ(health["status"], "healthy");
    EXPECT_EQ(health["queue_size"], 2);
    EXPECT_EQ(health["current_job"], running);
    EXPECT_TRUE(health["timestamp"].is_string());
    EXPECT_TRUE(health["version"].is_string());
    EXPECT_TRUE(health["uptime_seconds"].is_number());
}

// Lists keep the text of a job that was not begun.
TEST(Queue, ListsAWaitingJobAsItIsAlsoOnceItWasChangedAndBegun) {
    HostProcess host(slowEndpoint(60));
    host.start();
    const HttpClient client = host.client();
    const std::string first = submit(client, {{"prompt", "x"}});
    ASSERT_TRUE(
        eventually([&] { return statusOf(client, first).value("status", "") == "running"; }));
    const std::string waiting = submit(client, {{"prompt", "y"}});
    const auto listed = [&] { return client.get("/api/v1/jobs").json().at(0); };
    const Json before = listed();
    EXPECT_EQ(before["job_id"], waiting);
    EXPECT_EQ(before["status"], "queued");
    EXPECT_EQ(listed(), before);
    EXPECT_EQ(client.get("/api/v1/queue").json()["pending"][0], before);
    EXPECT_TRUE(statusOf(client, waiting).contains("why")) << "which no list tells";

    const std::string path = "/api/v1/jobs/" + waiting + "/priority";
    EXPECT_EQ(client.send("PUT", path, {{"Content-Type", "application/json"}}, R"({"priority": 3})")
                  .status,
              200);
    EXPECT_EQ(listed()["priority"], 3);
    EXPECT_EQ(client.del("/api/v1/queue/" + first).status, 200);
    ASSERT_TRUE(eventually([&] { return listed()["status"] == "running"; }));
    EXPECT_EQ(client.del("/api/v1/queue/" + waiting).status, 200);
    ASSERT_TRUE(eventually([&] { return listed()["status"] == "cancelled"; }));
}

TEST(Idempotency, TheSameKeyIsTheSameJobAlsoAfterARestart) {
    HostProcess host(echoEndpoints());
    host.start();
    const Headers key = {{"Idempotency-Key", "order-17"}};
    const Json request = {{"prompt", "x"}, {"count", 2}};
    const std::string id = submit(host.client(), request, key);
    ASSERT_NE(id, "");
    EXPECT_EQ(submit(host.client(), request, key), id);
    waitForEnd(host.client(), id);
    EXPECT_EQ(submit(host.client(), request, key), id) << "also when it is finished";
    const HttpAnswer other = host.client().post("/api/v1/generate", {{"prompt", "y"}}, key);
    expectError(other, 400, "VALIDATION_ERROR");
    EXPECT_NE(submit(host.client("127.0.0.2"), request, key), id) << "another client's key";

    host.kill();
    host.start();
    EXPECT_EQ(submit(host.client(), request, key), id);
    expectError(host.client().post("/api/v1/generate", {{"prompt", "y"}}, key), 400,
                "VALIDATION_ERROR");
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 2U);
}

TEST(Idempotency, ConcurrentRepeatsMakeOneJob) {
    HostProcess host(echoEndpoints());
    host.start();
    std::vector<std::string> ids(12);
    std::vector<std::thread> clients;
    for (std::string& id : ids) {
        clients.emplace_back([&host, &id] {
            id = submit(host.client(), {{"prompt", "x"}}, {{"Idempotency-Key", "once"}});
        });
    }
    for (std::thread& client : clients)
        client.join();
    for (const std::string& id : ids)
        EXPECT_EQ(id, ids[0]);
    EXPECT_NE(ids[0], "");
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 1U);
}

TEST(Endpoints, AreReportedWithinThreeSecondsThoughOneHangs) {
    Simulator a = simEndpoint(0.05);
    HostProcess host({{"endpoints",
                       {a.endpoint("Here"),
                        {{"name", "Stuck"}, {"plugin", "blocks_in_probe"}},
                        {{"name", "Away"},
                         {"plugin", "endpoint"},
                         {"settings", {{"ip", "127.0.0.1"}, {"port", 1}}}}}}});
    host.start();
    for (int round = 0; round < 2; ++round) {
        const HttpAnswer answer = host.client().get("/api/v1/endpoints");
        EXPECT_EQ(answer.status, 200);
        EXPECT_LT(answer.seconds, 3.0 * kSlower);
        const Json list = answer.json();
        ASSERT_EQ(list.size(), 3U) << answer.body;
        EXPECT_EQ(list[0]["name"], "Here");
        EXPECT_EQ(list[0]["ip"], "127.0.0.1");
        EXPECT_EQ(list[0]["port"], a.port());
        EXPECT_EQ(list[0]["status"], "online");
        EXPECT_EQ(list[0]["plugin"], "endpoint");
        EXPECT_EQ(list[0]["busy"], 0);
        EXPECT_EQ(list[0]["queued"], 0);
        EXPECT_TRUE(list[0]["latency_ms"].is_number());
        EXPECT_EQ(list[0]["last_error"], nullptr);
        EXPECT_EQ(list[1]["status"], "timeout");
        EXPECT_EQ(list[1]["ip"], nullptr);
        EXPECT_EQ(list[2]["status"], "offline");
        EXPECT_TRUE(list[2]["last_error"].is_string());
    }
    EXPECT_LT(host.client().get("/health").seconds, 0.5);
}

}  // namespace

}  // namespace test
