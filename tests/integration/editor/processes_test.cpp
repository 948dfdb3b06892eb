// The three services as three processes, as an operator may run them.
#include "common/sse_client.hpp"
#include "integration/editor/editor_fixture.hpp"

namespace test {

namespace {

using host::Json;

Json only(const char* service, const Json& more = Json::object()) {
    Json services = Json::object();
    for (const char* name : {"dual_gen", "json_from_image", "create_json"})
        services[name] = std::string_view(name) == service;
    Json config = {{"services", services}};
    config.merge_patch(more);
    return config;
}

// A generator, and a vision and an editor process that belong to the same installation.
class Processes : public testing::Test {
  protected:
    explicit Processes(const Json& more = Json::object()) : generator_(only("dual_gen", more)) {
        generator_.start();
        Json others = {{"generator_url", generator_.url()},
                       {"database_path", generator_.database().string()}};
        if (more.contains("api_keys")) others["api_keys"] = more["api_keys"];
        vision_.configure(only("json_from_image", others));
        editor_.configure(only("create_json", others));
        vision_.start();
        editor_.start();
    }

    HttpClient visionClient(const std::string& source = "") const {
        return HttpClient(vision_.url("json_from_image"), source);
    }
    HttpClient editorClient(const std::string& source = "") const {
        return HttpClient(editor_.url("create_json"), source);
    }
    // The client that a job is counted for.
    std::string clientOf(const std::string& jobId) const {
        const Json rows =
            query(generator_.database(), "select client from jobs where id = '" + jobId + "'");
        return rows.size() == 1 ? rows[0].value("client", "?") : "?";
    }
    bool editorSays(const std::string& status, const std::string& upstream) const {
        const Json health = editorClient().get("/health").json();
        return health.value("status", "") == status && health.value("upstream", "") == upstream;
    }

    HostProcess generator_;
    HostProcess vision_;
    HostProcess editor_;
};

TEST_F(Processes, ServeTheWholeApiThroughTheEditor) {
    const HttpClient client = editorClient();
    const Json job = run(client, {{"prompt", "a boat"}, {"count", 2}});
    ASSERT_EQ(job.value("status", ""), "completed") << job.dump(2);
    const std::string id = job.value("job_id", "");
    EXPECT_EQ(statusOf(generator_.client(), id), job) << "it is the generator's own answer";

    const HttpAnswer legacy = client.get("/api/status/" + id);
    EXPECT_EQ(legacy.json(), job);
    EXPECT_EQ(legacy.header("X-API-Deprecated"), "true");
    EXPECT_EQ(client.get("/api/v1/jobs?limit=5&status=completed").json().size(), 1U);
    EXPECT_EQ(client.get("/api/queue").json().value("queue_size", -1), 0);

    const std::string url = imagesOf(job).at(0)["url"];
    const std::string file = url.substr(url.rfind('/') + 1);
    const std::string picture = "/api/v1/gallery/" + file;
    EXPECT_EQ(client.send("PUT", picture + "/star", {}).status, 200);
    EXPECT_EQ(client.get("/api/v1/gallery?starred=true").json().size(), 1U);
    EXPECT_EQ(client.del(picture + "/star").status, 200);
    EXPECT_EQ(client.get("/api/v1/gallery?starred=true").json().size(), 0U);
    const HttpAnswer zip = client.post("/api/v1/gallery/zip", {{"filenames", {file}}});
    EXPECT_EQ(zip.status, 200);
    EXPECT_TRUE(zip.body.starts_with("PK"));
    EXPECT_EQ(client.del(picture).status, 200);
    EXPECT_EQ(client.post(picture + "/restore", Json::object()).status, 200);

    expectError(client.get("/api/v1/status/00000000"), 404, "JOB_NOT_FOUND");
    expectError(client.post("/api/v1/generate", {{"prompt", 7}}), 400, "VALIDATION_ERROR");
    expectError(client.get("/api/v1/nothing"), 404, "NOT_FOUND");
    EXPECT_EQ(client.del("/api/v1/generate").header("Allow"),
              generator_.client().del("/api/v1/generate").header("Allow"));
}

TEST_F(Processes, ServePicturesWithRangesAndValidators) {
    const Json job = run(generator_.client(), {{"prompt", "a boat"}});
    const std::string url = imagesOf(job).at(0)["url"];
    const HttpAnswer direct = generator_.client().get(url);
    for (const HttpClient& client : {visionClient(), editorClient()}) {
        const HttpAnswer whole = client.get(url);
        ASSERT_EQ(whole.status, 200);
        EXPECT_EQ(whole.body, direct.body);
        for (const char* name : {"Content-Type", "ETag", "Last-Modified", "Cache-Control",
                                 "Accept-Ranges", "Content-Length"})
            EXPECT_EQ(whole.header(name), direct.header(name)) << name;
        const HttpAnswer part = client.get(url, {{"Range", "bytes=1-3"}});
        EXPECT_EQ(part.status, 206);
        EXPECT_EQ(part.body, "PNG");
        const HttpAnswer same = client.get(url, {{"If-None-Match", whole.header("ETag")}});
        EXPECT_EQ(same.status, 304);
        EXPECT_EQ(same.body, "");
        const HttpAnswer head = client.send("HEAD", url, {});
        EXPECT_EQ(head.status, 200);
        EXPECT_EQ(head.header("Content-Length"), std::to_string(direct.body.size()));
        const HttpAnswer small = client.get("/thumbnails" + url.substr(url.rfind('/')));
        EXPECT_EQ(small.status, 200);
        EXPECT_EQ(small.header("Content-Type"), "image/webp");
        expectError(client.get("/images/none.png"), 404, "NOT_FOUND");
    }
}

TEST_F(Processes, PassEventsOnAsTheyHappen) {
    SseClient all(editor_.url("create_json"), "/api/v1/events");
    ASSERT_EQ(all.status(), 200);
    const std::string id = submit(generator_.client(), {{"prompt", "a boat"}});
    ASSERT_NE(id, "");
    const auto untilCompleted = [&](SseClient& stream) {
        while (const auto event = stream.next()) {
            if (event->type == "job" && event->data.value("job_id", "") == id &&
                event->data.value("status", "") == "completed")
                return true;
        }
        return false;
    };
    EXPECT_TRUE(untilCompleted(all));
    // From the beginning, as a page does that comes back.
    SseClient again(vision_.url("json_from_image"), "/api/v1/jobs/" + id + "/events",
                    {{"Last-Event-ID", "0"}});
    ASSERT_EQ(again.status(), 200);
    EXPECT_TRUE(untilCompleted(again));
}

TEST_F(Processes, SendAScenesIndentedTextToTheGenerator) {
    const Json scene = {{"scene", "a pier in fog"}, {"camera", {{"iso", 100}}}};
    const HttpAnswer sent =
        visionClient("127.0.0.4").post("/api/send", scene, {{"X-Correlation-ID", "send-1"}});
    ASSERT_EQ(sent.status, 200) << sent.body;
    EXPECT_EQ(sent.json().value("correlation_id", ""), "send-1");
    const std::string id = sent.json().value("job_id", "");
    const Json job = waitForEnd(generator_.client(), id);
    EXPECT_EQ(job.value("status", ""), "completed");
    ASSERT_EQ(job["results"].size(), 1U) << "one run";
    EXPECT_EQ(job["results"][0].value("prompt", ""), scene.dump(2));
    EXPECT_EQ(job.value("correlation_id", ""), "send-1");
    EXPECT_EQ(clientOf(id), "127.0.0.4");
    EXPECT_THAT(generator_.log(), testing::HasSubstr("[send-1]"));

    expectError(visionClient().post("/api/send", Json::array()), 400, "VALIDATION_ERROR");
    // The generator's own refusal comes back as it is.
    const Json longScene = {{"scene", std::string(20'000, 'x')}};
    const HttpAnswer refused = visionClient().post("/api/send", longScene);
    const HttpAnswer direct = generator_.client().post(
        "/api/v1/generate", {{"prompt", longScene.dump(2)}, {"random", false}, {"count", 1}});
    EXPECT_EQ(refused.status, 400);
    EXPECT_EQ(refused.json()["error"], direct.json()["error"]);
}

TEST_F(Processes, CountJobsForTheRealClientAndBelieveNobodyElse) {
    const Json request = {{"prompt", "a boat"}};
    EXPECT_EQ(clientOf(submit(editorClient("127.0.0.2"), request)), "127.0.0.2");
    EXPECT_EQ(clientOf(submit(visionClient("127.0.0.3"), request)), "127.0.0.3");
    const Headers forged{
        {"X-Forwarded-For", "10.9.9.9"}, {"X-Real-IP", "10.9.9.9"}, {"Forwarded", "for=10.9.9.9"}};
    Headers guessed = forged;
    guessed.emplace_back("X-Forward-Secret", std::string(64, 'a'));
    for (const Headers& headers : {forged, guessed}) {
        EXPECT_EQ(clientOf(submit(editorClient("127.0.0.5"), request, headers)), "127.0.0.5");
        EXPECT_EQ(clientOf(submit(generator_.client("127.0.0.6"), request, headers)), "127.0.0.6");
    }
    EXPECT_THAT(editor_.log() + generator_.log() + vision_.log(),
                testing::Not(testing::HasSubstr(
                    readFile(generator_.folder() / "jobs-data/service.key").substr(0, 32))))
        << "the key stands in no log";
}

TEST_F(Processes, PassIdempotencyKeysOn) {
    const Headers key{{"Idempotency-Key", "once"}};
    const std::string id = submit(editorClient(), {{"prompt", "a boat"}}, key);
    EXPECT_NE(id, "");
    EXPECT_EQ(submit(visionClient(), {{"prompt", "a boat"}}, key), id);
}

TEST_F(Processes, TakeLargePicturesAndRefuseLargerOnesAtOnce) {
    Json request = {{"prompt", "a boat"}, {"image", base64(tinyPng(9 * 1024 * 1024))}};
    const HttpAnswer taken = editorClient().post("/api/v1/generate", request);
    EXPECT_EQ(taken.status, 200) << taken.body.substr(0, 500);
    const HttpAnswer refused =
        editorClient().send("POST", "/api/v1/generate", {{"Content-Type", "application/json"}},
                            std::string(21 * 1024 * 1024, ' '));
    expectError(refused, 413, "PAYLOAD_TOO_LARGE");
}

TEST_F(Processes, TellThatTheGeneratorIsAwayAndThatItIsBack) {
    ASSERT_TRUE(eventually([&] { return editorSays("healthy", "connected"); }));
    EXPECT_EQ(editorClient().get("/health").json().value("upstream_url", ""), generator_.url());
    generator_.configure({{"dual_gen_port", Address::ofUrl(generator_.url()).port}});
    generator_.kill();
    expectError(editorClient().get("/api/v1/jobs"), 502, "SERVICE_UNAVAILABLE");
    expectError(editorClient().post("/api/v1/generate", {{"prompt", "x"}}), 502,
                "SERVICE_UNAVAILABLE");
    expectError(visionClient().post("/api/send", {{"scene", "x"}}), 502, "SERVICE_UNAVAILABLE");
    expectError(editorClient().get("/images/x.png"), 502, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(editorClient().get("/").status, 200);
    EXPECT_TRUE(eventually([&] { return editorSays("degraded", "disconnected"); }));
    generator_.start();
    EXPECT_TRUE(eventually([&] { return editorSays("healthy", "connected"); }));
    EXPECT_EQ(editorClient().get("/api/v1/jobs").status, 200);
}

TEST_F(Processes, EndInTimeWhileEventsAreFollowed) {
    SseClient events(editor_.url("create_json"), "/api/v1/events");
    ASSERT_EQ(events.status(), 200);
    EXPECT_EQ(editor_.stop(std::chrono::seconds(20)), 0);
    EXPECT_EQ(vision_.stop(std::chrono::seconds(20)), 0);
}

class SlowProcesses : public Processes {
  protected:
    SlowProcesses()
        : Processes(
              {{"endpoints",
                {{{"name", "Slow"}, {"plugin", "slow"}, {"settings", {{"seconds", 0.2}}}}}}}) {}
};

TEST_F(SlowProcesses, ShareTheTurnsAmongTheEditorsClients) {
    const std::string many = submit(editorClient("127.0.0.2"), {{"prompt", "a"}, {"count", 8}});
    const std::string one = submit(editorClient("127.0.0.3"), {{"prompt", "b"}});
    const double manyDone = waitForEnd(generator_.client(), many).value("completed_at", 0.0);
    const double oneDone = waitForEnd(generator_.client(), one).value("completed_at", 0.0);
    EXPECT_GT(oneDone, 0);
    EXPECT_LT(oneDone, manyDone) << "the second client does not wait for all of the first one's";
}

class GuardedProcesses : public Processes {
  protected:
    GuardedProcesses() : Processes({{"api_keys", {"correct-horse"}}}) {}
};

TEST_F(GuardedProcesses, AskForTheKeyOnceAndPassItOn) {
    for (const HttpClient& client : {visionClient(), editorClient()}) {
        expectError(client.get("/api/v1/jobs"), 401, "UNAUTHORIZED");
        expectError(client.get("/images/x.png"), 401, "UNAUTHORIZED");
        for (const Headers& key : {Headers{{"Authorization", "Bearer correct-horse"}},
                                   Headers{{"Cookie", "ipl_key=correct-horse"}}})
            EXPECT_EQ(client.get("/api/v1/jobs", key).status, 200);
    }
    EXPECT_EQ(
        visionClient().post("/api/send", {{"scene", "x"}}, {{"X-API-Key", "correct-horse"}}).status,
        200);
}

TEST(SeparateService, OfAnotherInstallationIsNotBelieved) {
    HostProcess generator(only("dual_gen"));
    generator.start();
    HostProcess editor(only("create_json", {{"generator_url", generator.url()}}));
    editor.start();
    const std::string id =
        submit(HttpClient(editor.url("create_json"), "127.0.0.2"), {{"prompt", "x"}});
    ASSERT_NE(id, "");
    EXPECT_EQ(query(generator.database(), "select client from jobs")[0].value("client", ""),
              "127.0.0.1")
        << "it has another key, so it is a client like others";
}

TEST(SeparateService, ReportsAnUpstreamThatIsNoGenerator) {
    RecordingServer broken([](sim::Connection& connection, const sim::Request&) {
        return connection.reply(500, "text/html", "<h1>oops</h1>");
    });
    HostProcess editor(only("create_json", {{"generator_url", broken.url()}}));
    editor.start();
    const HttpClient client(editor.url("create_json"));
    EXPECT_TRUE(eventually([&] {
        const Json health = client.get("/health").json();
        return health.value("upstream", "") == "error" && health.value("status", "") == "degraded";
    }));
}

TEST(SeparateService, OpensNoDatabaseAndDrawsNothing) {
    for (const char* service : {"json_from_image", "create_json"}) {
        HostProcess host(only(service, {{"generator_url", kNobody}}));
        host.start();
        EXPECT_EQ(HttpClient(host.url(service)).get("/health").status, 200);
        EXPECT_THROW(host.url("dual_gen"), std::out_of_range);
        EXPECT_FALSE(std::filesystem::exists(host.database())) << service;
        EXPECT_FALSE(std::filesystem::exists(host.output())) << service;
        EXPECT_EQ(host.stop(), 0);
    }
}

TEST(SeparateService, LooksAtPicturesWithoutAGenerator) {
    HostProcess host(only("json_from_image", {{"generator_url", kNobody}}));
    host.start();
    Form form;
    form.file("image", "x.png", "image/png",
              readFile(std::string(IPL_TEST_DATA) + "/pictures/plain.jpg"));
    const HttpAnswer seen = HttpClient(host.url("json_from_image"))
                                .send("POST", "/api/analyze", form.headers(), form.body());
    EXPECT_EQ(seen.status, 200) << seen.body;
    EXPECT_TRUE(seen.json().contains("scene"));
}

TEST(SeparateService, WithoutAGeneratorsAddressDoesNotStart) {
    HostProcess host(only("create_json"));
    EXPECT_FALSE(host.tryStart()) << "the generator's port is \"any\", so nobody knows where it is";
    EXPECT_EQ(host.process().wait(std::chrono::seconds(20)), 78);
    EXPECT_THAT(host.log(), testing::HasSubstr("/generator_url"));
}

}  // namespace

}  // namespace test
