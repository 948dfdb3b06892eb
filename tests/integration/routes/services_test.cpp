// The pages, and the two services beside the generator.
#include "integration/routes/routes_fixture.hpp"

namespace test {

namespace {

using host::Json;

TEST(Pages, AreServedByEveryServiceWithWhatTheyNeed) {
    HostProcess host;
    host.start();
    for (const char* service : {"dual_gen", "json_from_image", "create_json"}) {
        const HttpClient client(host.url(service));
        const HttpAnswer page = client.get("/");
        EXPECT_EQ(page.status, 200) << service;
        EXPECT_EQ(page.header("Content-Type").substr(0, 9), "text/html") << service;
        EXPECT_NE(page.body.find("</html>"), std::string::npos) << service;
        // Whatever the page refers to on its own host is there.
        for (std::size_t at = 0; (at = page.body.find("\"/static/", at)) != std::string::npos;) {
            const std::size_t end = page.body.find('"', at + 1);
            const std::string path = page.body.substr(at + 1, end - at - 1);
            EXPECT_EQ(client.get(path).status, 200) << service << " " << path;
            at = end;
        }
        EXPECT_EQ(client.get("/static/../index.html").status / 100, 4);
    }
    EXPECT_EQ(host.client().get("/gallery").status, 200);
}

TEST(Services, AnswerHealthUnderTheirOwnNames) {
    HostProcess host;
    host.start();
    for (const char* service : {"dual_gen", "json_from_image", "create_json"}) {
        const Json health = HttpClient(host.url(service)).get("/health").json();
        EXPECT_EQ(health["service"], service);
        EXPECT_TRUE(health["status"] == "healthy" || health["status"] == "degraded");
        EXPECT_TRUE(health["version"].is_string());
    }
}

TEST(Services, AllServeTheGeneratorsApiAndPicturesSameOrigin) {
    HostProcess host(echoEndpoints());
    host.start();
    const Json job = run(HttpClient(host.url("create_json")), {{"prompt", "x"}});
    ASSERT_EQ(job["status"], "completed");
    for (const char* service : {"json_from_image", "create_json"}) {
        const HttpClient client(host.url(service));
        EXPECT_EQ(client.get("/api/v1/jobs").json().size(), 1U) << service;
        EXPECT_EQ(client.get(imagesOf(job).at(0)["url"].get<std::string>()).status, 200) << service;
    }
}

TEST(Services, ThatAreSwitchedOffDoNotListen) {
    HostProcess host({{"services", {{"json_from_image", false}, {"create_json", false}}}});
    host.start();
    EXPECT_EQ(host.client().get("/health").status, 200);
    EXPECT_THROW(host.url("create_json"), std::out_of_range);
}

TEST(Keys, AreAskedForOnceTheyAreConfigured) {
    Json config = echoEndpoints();
    config["api_keys"] = {"correct-horse"};
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    const Json request = {{"prompt", "x"}};
    expectError(client.post("/api/v1/generate", request), 401, "UNAUTHORIZED");
    expectError(client.post("/api/v1/generate", request, {{"Authorization", "Bearer wrong"}}), 401,
                "UNAUTHORIZED");
    EXPECT_EQ(client.post("/api/v1/generate", request, {{"Authorization", "Bearer correct-horse"}})
                  .status,
              200);
    expectError(client.get("/api/v1/jobs"), 401, "UNAUTHORIZED");
    EXPECT_EQ(client.get("/health").status, 200) << "monitoring needs no key";
}

}  // namespace

}  // namespace test
