// Request targets that try to reach another server, or another path, through the proxies.
#include "integration/editor/editor_fixture.hpp"

namespace test {

namespace {

class HostileTargets : public testing::Test {
  protected:
    void SetUp() override {
        host_.configure(editorOnly(model_.url() + "/v1", {{"generator_url", generator_.url()}}));
        host_.start();
    }

    // What came back; 0 when the connection was closed instead. The target goes out as it is.
    int ask(const std::string& target, const std::string& lines = "") {
        OpenRequest request(host_.url("create_json"),
                            "GET " + target + " HTTP/1.1\r\n" +
                                (lines.starts_with("Host:") ? "" : "Host: x\r\n") + lines +
                                "Connection: close\r\n\r\n");
        return request.head().status;
    }

    // What the generator was asked by clients, not by the editor itself.
    std::vector<sim::Request> askedOfGenerator() const {
        auto requests = generator_.requests();
        std::erase_if(requests, [](const auto& request) { return request.target == "/health"; });
        return requests;
    }

    RecordingServer decoy_;  // whoever an attacker would like to reach
    RecordingServer model_;
    RecordingServer generator_;
    HostProcess host_;
};

TEST_F(HostileTargets, NeverLeadToAnotherServer) {
    const std::string evil = decoy_.authority();
    for (const std::string& target : {"/lm//" + evil + "/x",
                                      "/lm///" + evil,
                                      "/lm/@" + evil + "/",
                                      "/lm@" + evil + "/",
                                      "/lm%40" + evil + "/",
                                      "/lm%2f@" + evil,
                                      "/lm:80@" + evil + "/",
                                      "/lm." + evil,
                                      "/lm/http://" + evil + "/",
                                      "/lm/%0d%0aHost:%20" + evil,
                                      "/lm/\\\\" + evil,
                                      "/lm?@" + evil,
                                      "/lm/x#@" + evil,
                                      "http://" + evil + "/lm/v1/models",
                                      "http://" + evil + "/",
                                      "//" + evil + "/lm/x",
                                      "@" + evil,
                                      evil,
                                      std::string("*"),
                                      "/api/v1//" + evil,
                                      "/api//" + evil,
                                      "/api/@" + evil,
                                      "/api@" + evil + "/v1/jobs",
                                      "/images//" + evil + "/x.png",
                                      "http://" + evil + "/api/v1/jobs"}) {
        const int status = ask(target);
        EXPECT_TRUE(status == 200 || status / 100 == 4 || status == 0) << target << ' ' << status;
    }
    for (const std::string& lines :
         {"Host: " + evil + "\r\n", "X-Forwarded-Host: " + evil + "\r\n",
          "Forwarded: host=" + evil + "\r\n", "X-Original-URL: http://" + evil + "/\r\n",
          std::string("Proxy-Authorization: Basic eA==\r\n")}) {
        EXPECT_EQ(ask("/lm/v1/models", lines), 200) << lines;
        EXPECT_EQ(ask("/api/v1/jobs", lines), 200) << lines;
    }
    EXPECT_EQ(decoy_.connections(), 0);
    for (const auto* server : {&model_, &generator_}) {
        EXPECT_FALSE(server->requests().empty());
        for (const sim::Request& request : server->requests()) {
            EXPECT_TRUE(request.target.starts_with('/')) << request.target;
            EXPECT_EQ(request.header("host"), server->authority()) << request.target;
            for (const char* name : {"x-forwarded-host", "forwarded", "proxy-authorization"})
                EXPECT_EQ(request.header(name), "") << request.target;
        }
    }
}

TEST_F(HostileTargets, DoNotClimb) {
    for (const char* target :
         {"/lm/..%2f..%2fx", "/lm/../x", "/lm/%2e%2e/x", "/lm/v1/%2E%2E/%2E%2E/admin", "/lm/..",
          "/lm/.", "/lm/..%5cx", "/lm/..\\x", "/lm/v1/..%2fadmin", "/api/v1/../../metrics",
          "/api/v1/..%2f..%2fmetrics", "/api/..", "/images/..%2fapi%2fv1%2fqueue%2fclear",
          "/images/../api/v1/jobs", "/thumbnails/%2e%2e/x"})
        EXPECT_EQ(ask(target) / 100, 4) << target;
    EXPECT_TRUE(model_.requests().empty()) << model_.last().target;
    EXPECT_TRUE(askedOfGenerator().empty()) << askedOfGenerator().back().target;
}

TEST_F(HostileTargets, CannotSplitTheRequestUpstream) {
    for (const char* target : {"/lm/x%0d%0aX-Evil:%201", "/lm/x%0aX-Evil:%201", "/lm/x%00y",
                               "/lm/x\x01y", "/lm/x y", "/lm/%", "/lm/%zz", "/lm/%ff"})
        EXPECT_EQ(ask(target) / 100, 4) << target;
    EXPECT_TRUE(model_.requests().empty()) << model_.last().target;
    // In a query they are bytes like others, and stay escaped.
    EXPECT_EQ(ask("/lm/x?a=%0d%0aX-Evil:%201"), 200);
    ASSERT_EQ(model_.requests().size(), 1U);
    EXPECT_EQ(model_.last().target, "/x?a=%0d%0aX-Evil:%201");
    EXPECT_EQ(model_.last().header("x-evil"), "");
}

TEST_F(HostileTargets, AreNotFollowedWhenTheServerSendsOneAwayEither) {
    RecordingServer sender([this](sim::Connection& connection, const sim::Request&) {
        return connection.reply(302, "text/plain", "away",
                                "Location: " + decoy_.url() + "/secret\r\n");
    });
    HostProcess host(editorOnly(sender.url()));
    host.start();
    HttpClient client = editorOf(host);
    client.checked = false;  // the status is the model server's own
    const HttpAnswer answer = client.get("/lm/x");
    EXPECT_EQ(answer.status, 302);
    EXPECT_EQ(decoy_.connections(), 0);
}

}  // namespace

}  // namespace test
