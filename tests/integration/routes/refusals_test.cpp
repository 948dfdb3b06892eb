// Every error of the generator, with its exact shape.
#include "integration/faults/process_figures.hpp"
#include "integration/routes/routes_fixture.hpp"
#include "integration/support/health_pulse.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

constexpr std::size_t kLargest = 10 * 1024 * 1024;

TEST(Refusals, NameEveryFaultOfARequestAtOnce) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpAnswer answer = host.client().post("/api/v1/generate", {{"prompt", 5},
                                                                      {"prompt2", Json::array()},
                                                                      {"random", "perhaps"},
                                                                      {"count", 201},
                                                                      {"prompt_mode", "other"},
                                                                      {"orientation", "diagonal"},
                                                                      {"size", "8mp"},
                                                                      {"steps", 0},
                                                                      {"seed", -2},
                                                                      {"strength", 1.5},
                                                                      {"guidance_scale", "much"},
                                                                      {"endpoints", {"Nobody"}},
                                                                      {"priority", 11},
                                                                      {"negative_prompt", 1},
                                                                      {"image", 17}});
    expectError(answer, 400, "VALIDATION_ERROR");
    const std::vector<std::string> fields = faultyFields(answer);
    const std::set<std::string> distinct(fields.begin(), fields.end());
    EXPECT_THAT(distinct, UnorderedElementsAre("prompt", "prompt2", "random", "count",
                                               "prompt_mode", "orientation", "size", "steps",
                                               "seed", "strength", "guidance_scale", "endpoints",
                                               "priority", "negative_prompt", "image"));
}

struct Case {
    Json request;
    const char* field;
};

TEST(Refusals, KeepTheLimitsOfEveryField) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const auto with = [](const char* name, Json value) {
        return Json{{"prompt", "x"}, {name, std::move(value)}};
    };
    const std::vector<Case> cases = {
        {Json::object(), "prompt"},
        {{{"prompt", ""}}, "prompt"},
        {{{"prompt", "   "}}, "prompt"},
        {{{"prompt", std::string(10'001, 'x')}}, "prompt"},
        {with("prompt2", std::string(10'001, 'x')), "prompt2"},
        {with("count", 0), "count"},
        {with("count", 1.5), "count"},
        {with("count", "3"), "count"},
        {with("count", true), "count"},
        {with("steps", 201), "steps"},
        {with("seed", 9007199254740992), "seed"},
        {with("seed", 0.5), "seed"},
        {with("seed", "seven"), "seed"},
        {with("strength", -0.01), "strength"},
        {with("guidance_scale", "3"), "guidance_scale"},
        {with("guidance_scale", true), "guidance_scale"},
        {with("endpoints", "Echo A"), "endpoints"},
        {with("endpoints", Json::array()), "endpoints"},
        {with("endpoints", {1}), "endpoints"},
        {with("priority", -11), "priority"},
        {{{"prompt", "x"}, {"prompt_mode", "different"}, {"endpoints", "any"}}, "prompt_mode"},
    };
    for (const Case& each : cases) {
        const HttpAnswer answer = client.post("/api/v1/generate", each.request);
        expectError(answer, 400, "VALIDATION_ERROR");
        EXPECT_THAT(faultyFields(answer), ElementsAre(each.field))
            << each.request.dump().substr(0, 99);
    }
    // The limits themselves are allowed, and characters are counted, not bytes.
    std::string umlauts;
    for (int i = 0; i < 10'000; ++i)
        umlauts += "ü";
    EXPECT_EQ(client.post("/api/v1/generate", {{"prompt", umlauts}}).status, 200);
    EXPECT_EQ(client
                  .post("/api/v1/generate", {{"prompt", "x"},
                                             {"count", 200},
                                             {"steps", 200},
                                             {"seed", 9007199254740991},
                                             {"strength", 1},
                                             {"priority", -10}})
                  .status,
              200);
}

TEST(Refusals, FollowTheConfiguredLimits) {
    Json config = echoEndpoints();
    config["validation_limits"] = {{"count", {{"min", 2}, {"max", 3}}},
                                   {"steps", {{"min", 10}, {"max", 20}}}};
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    const HttpAnswer answer =
        client.post("/api/v1/generate", {{"prompt", "x"}, {"count", 4}, {"steps", 21}});
    EXPECT_THAT(faultyFields(answer), UnorderedElementsAre("count", "steps"));
    EXPECT_EQ(
        client.post("/api/v1/generate", {{"prompt", "x"}, {"count", 3}, {"steps", 20}}).status,
        200);
}

TEST(Refusals, BodiesThatAreNoJsonObject) {
    HostProcess host(echoEndpoints());
    host.start();
    const Headers json = {{"Content-Type", "application/json"}};
    for (const std::string& body :
         {std::string(), std::string("{"), std::string("[1]"), std::string("\"x\""),
          std::string("{\"prompt\": \"x\"} more"), std::string("{\"prompt\": \"\xff\"}"),
          std::string(100'000, '[')}) {
        expectError(host.client().send("POST", "/api/v1/generate", json, body), 400,
                    "VALIDATION_ERROR");
    }
}

TEST(Refusals, BracketsNestedAHundredThousandDeepWhereverTheyStand) {
    HostProcess host(echoEndpoints());
    host.start();
    const HealthPulse pulse(host);
    const Headers json = {{"Content-Type", "application/json"}};
    const std::string nest = std::string(100'000, '[') + std::string(100'000, ']');
    for (const char* field : {"prompt", "endpoints", "image", "from_image"}) {
        const std::string body = std::string(R"({"prompt":"x",")") + field + "\":" + nest + "}";
        expectError(host.client().send("POST", "/api/v1/generate", json, body), 400,
                    "VALIDATION_ERROR");
    }
    // A field that nobody knows is ignored, whatever it holds.
    const std::string unknown = R"({"unknown":)" + nest + R"(,"prompt":"x"})";
    EXPECT_EQ(host.client().send("POST", "/api/v1/generate", json, unknown).status, 200);
}

TEST(Refusals, FormsWithPartsMissingOrRepeated) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const auto post = [&](const Form& form) {
        return client.send("POST", "/api/v1/generate", form.headers(), form.body());
    };
    const HttpAnswer missing = post(Form().field("count", "2"));
    expectError(missing, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(missing), ElementsAre("prompt"));
    const HttpAnswer repeated = post(
        Form().field("prompt", "x").field("prompt", "y").field("count", "1").field("count", "2"));
    expectError(repeated, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(repeated), UnorderedElementsAre("prompt", "count"));
    const HttpAnswer twoPictures = post(Form()
                                            .field("prompt", "x")
                                            .file("image", "a.png", "image/png", tinyPng())
                                            .file("image", "b.png", "image/png", tinyPng()));
    expectError(twoPictures, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(twoPictures), ElementsAre("image"));
    expectError(post(Form().field("prompt", "not \xff UTF-8")), 400, "VALIDATION_ERROR");
    // Cut off in the middle: there is no saying what is missing.
    const Form whole = Form().field("prompt", "x").file("image", "x.png", "image/png", tinyPng(99));
    const std::string body = whole.body();
    expectError(client.send("POST", "/api/v1/generate", whole.headers(),
                            std::string_view(body).substr(0, body.size() - 40)),
                400, "VALIDATION_ERROR");
    EXPECT_EQ(client.get("/api/v1/jobs").json().size(), 0U) << "the refused ones made no job";
}

TEST(Refusals, InputPicturesTooLargeOrOfNoKnownFormat) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const HealthPulse pulse(host);
    const std::size_t frame = tinyPng(1).size() - 1;
    const auto post = [&](const std::string& image) {
        return client.post("/api/v1/generate", {{"prompt", "x"}, {"image", image}});
    };
    const std::string justFits = base64(tinyPng(kLargest - frame));
    EXPECT_EQ(waitForEnd(client, jobIdOf(post(justFits)))["status"], "completed");
    const std::string tooLarge = base64(tinyPng(kLargest - frame + 1));
    expectError(post(tooLarge), 400, "IMAGE_TOO_LARGE");
    const Figures before = atRest(host.process().pid());
    for (int i = 0; i < 5; ++i)
        expectError(post(tooLarge), 400, "IMAGE_TOO_LARGE");
    const Form form =
        Form().field("prompt", "x").file("image", "x.png", "image/png", tinyPng(kLargest));
    expectError(client.send("POST", "/api/v1/generate", form.headers(), form.body()), 400,
                "IMAGE_TOO_LARGE");

    expectError(post("this is %% no base64"), 400, "INVALID_IMAGE_FORMAT");
    expectError(post(base64("BM a bitmap is none of the four")), 400, "INVALID_IMAGE_FORMAT");
    expectError(post("data:image/png;base64," + base64("<html>not a picture</html>")), 400,
                "INVALID_IMAGE_FORMAT");
    expectError(post("data:image/png,rawtext"), 400, "INVALID_IMAGE_FORMAT");
    const Form wrong =
        Form().field("prompt", "x").file("image", "x.png", "image/png", "GIF of old times");
    expectError(client.send("POST", "/api/v1/generate", wrong.headers(), wrong.body()), 400,
                "INVALID_IMAGE_FORMAT");
    expectBackToRest(host.process().pid(), before);
}

TEST(Refusals, BodiesOverTheConfiguredMaximumWithoutReadingThemAll) {
    Json config = echoEndpoints();
    config["max_body_bytes"] = 100'000;
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    expectError(client.post("/api/v1/generate", {{"prompt", std::string(100'001, 'x')}}), 413,
                "PAYLOAD_TOO_LARGE");
    // Announced only: the answer comes before any of it is sent.
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    TcpSocket socket(client.address(), "", until);
    socket.send("POST /api/v1/generate HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n",
                until);
    std::string rest;
    EXPECT_EQ(receiveHead(socket, rest, until).status, 413);
}

TEST(Refusals, PathsAndMethodsThatAreNotThere) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    for (const char* path : {"/api/v1/nothing", "/api/v2/jobs", "/nothing", "/images/none.png",
                             "/images/", "/api/v1/status/", "/api/v1/jobs/x/y"}) {
        expectError(client.get(path), 404, "NOT_FOUND");
    }
    for (const char* path :
         {"/api/v1/status/0123abcd", "/api/v1/status/%2e%2e", "/api/v1/jobs/0123abcd/events"}) {
        expectError(client.get(path), 404, "JOB_NOT_FOUND");
    }
    expectError(client.del("/api/v1/queue/0123abcd"), 404, "JOB_NOT_FOUND");

    const HttpAnswer wrong = client.get("/api/v1/generate");
    expectError(wrong, 405, "METHOD_NOT_ALLOWED");
    EXPECT_NE(wrong.header("Allow").find("POST"), std::string::npos);
    const HttpAnswer post = client.post("/api/v1/jobs", Json::object());
    expectError(post, 405, "METHOD_NOT_ALLOWED");
    EXPECT_NE(post.header("Allow").find("GET"), std::string::npos);
    expectError(client.send("PUT", "/health", {}), 405, "METHOD_NOT_ALLOWED");
}

TEST(Refusals, CancellingAFinishedJob) {
    HostProcess host(echoEndpoints());
    host.start();
    const Json status = run(host.client(), {{"prompt", "x"}});
    ASSERT_EQ(status["status"], "completed");
    expectError(host.client().del("/api/v1/queue/" + status["job_id"].get<std::string>()), 400,
                "VALIDATION_ERROR");
    EXPECT_EQ(statusOf(host.client(), status["job_id"])["status"], "completed");
}

TEST(Refusals, OddQueryParameters) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    for (const char* path :
         {"/api/v1/jobs?limit=0", "/api/v1/jobs?limit=1001", "/api/v1/jobs?limit=x",
          "/api/v1/jobs?status=lost", "/api/v1/jobs?cursor=!!!", "/api/v1/gallery?limit=10001",
          "/api/v1/gallery?limit=-1", "/api/v1/gallery?cursor=!!!"}) {
        SCOPED_TRACE(path);
        expectError(client.get(path), 400, "VALIDATION_ERROR");
    }
}

TEST(Refusals, CarryTheCorrelationIdOfTheRequest) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    const HttpAnswer kept = client.get("/api/v1/nothing", {{"X-Correlation-ID", "my-id:1.2_3"}});
    EXPECT_EQ(kept.header("X-Correlation-ID"), "my-id:1.2_3");
    expectError(kept, 404, "NOT_FOUND");
    for (const std::string& odd : {std::string("white space"), std::string(129, 'x'),
                                   std::string("<script>"), std::string("ünïcode")}) {
        const HttpAnswer fresh = client.get("/api/v1/nothing", {{"X-Correlation-ID", odd}});
        EXPECT_NE(fresh.header("X-Correlation-ID"), odd);
        expectError(fresh, 404, "NOT_FOUND");
    }
}

TEST(Refusals, PagesOfOtherOriginsUnlessAllowed) {
    Json config = echoEndpoints();
    config["allowed_origins"] = {"http://friend.example:8080"};
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    const Json request = {{"prompt", "x"}};
    EXPECT_EQ(client.post("/api/v1/generate", request, {{"Origin", "http://evil.example"}}).status,
              403);
    EXPECT_EQ(client.post("/api/v1/generate", request, {{"Origin", host.url()}}).status, 200);
    EXPECT_EQ(
        client.post("/api/v1/generate", request, {{"Origin", "http://friend.example:8080"}}).status,
        200);
    EXPECT_EQ(client.get("/api/v1/jobs").json().size(), 2U) << "the refused one made no job";
}

TEST(Refusals, PagesThatLetTheirOwnNameLeadHereWhereAllowedHostsAreListed) {
    Json config = echoEndpoints();
    config["allowed_hosts"] = {"Studio.lan"};
    HostProcess host(config);
    host.start();
    const Json request = {{"prompt", "x"}};
    for (const char* service : {"dual_gen", "json_from_image", "create_json"}) {
        const HttpClient client(host.url(service));
        const auto by = [&](const std::string& name) {
            return client.get("/api/v1/jobs", {{"Host", name}});
        };
        expectError(by("evil.example:5050"), 403, "VALIDATION_ERROR");
        for (const char* bad :
             {"evil.example", "127.0.0.1.evil.example", "studio.lan.evil.example",
              "localhost.evil.example", "[evil.example]:80", "studio.lan:80@evil.example",
              "[::1]@evil.example", "[::1", "evil.example?.localhost", "evil.example/.localhost"})
            EXPECT_EQ(by(bad).status, 403) << bad;
        for (const char* good : {"studio.lan", "STUDIO.LAN.:5050", "localhost:5050", "LOCALHOST",
                                 "app.localhost", "192.168.5.7:5050", "[::1]:5050"})
            EXPECT_EQ(by(good).status, 200) << good;
        EXPECT_EQ(client
                      .post("/api/v1/generate", request,
                            {{"Host", "evil.example"}, {"Origin", "http://evil.example"}})
                      .status,
                  403);
        EXPECT_EQ(client.get("/health", {{"Host", "evil.example"}}).status, 403);
        EXPECT_EQ(client.get("/health").status, 200);
    }
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 0U);
    ASSERT_EQ(host.stop(), 0);
    host.configure({{"allowed_hosts", Json::array()}});
    host.start();
    EXPECT_EQ(host.client().get("/api/v1/jobs", {{"Host", "any.example"}}).status, 200)
        << "not listed, not looked at";
}

}  // namespace

}  // namespace test
