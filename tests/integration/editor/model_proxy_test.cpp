// What reaches the model server through /lm, and what comes back.
#include "integration/editor/editor_fixture.hpp"

namespace test {

namespace {

using host::Json;
using sim::Connection;
using sim::Request;

TEST(EditorConfig, TellsThePageWhereTheGeneratorIs) {
    HostProcess host(editorOnly("", {{"generator_url", "http://127.0.0.1:5050"}}));
    host.start();
    const HttpAnswer answer = editorOf(host).get("/config.json", {{"Host", "studio.lan:3030"}});
    EXPECT_EQ(answer.status, 200);
    const Json config = answer.json();
    EXPECT_EQ(config.value("endpoint", ""), "http://studio.lan:5050");
    EXPECT_EQ(config.value("generatePath", ""), "/api/v1/generate");
    EXPECT_EQ(config.value("lmModel", ""), "the-model");
}

TEST(ModelProxy, ReachesTheSamePathWhetherOrNotTheUrlEndsInV1) {
    RecordingServer model;
    for (const char* end : {"", "/", "/v1", "/v1/"}) {
        HostProcess host(editorOnly(model.url() + end));
        host.start();
        const HttpClient client = editorOf(host);
        EXPECT_EQ(client.get("/lm/v1/models?filter=a%20b&x=%2F").body, R"({"ok":true})") << end;
        EXPECT_EQ(model.last().target, "/v1/models?filter=a%20b&x=%2F") << end;
        EXPECT_EQ(client.get("/lm/health").status, 200);
        EXPECT_EQ(model.last().target, "/health") << end;
        EXPECT_EQ(client.get("/lm/").status, 200);
        EXPECT_EQ(model.last().target, "/") << end;
    }
}

TEST(ModelProxy, PassesMethodsBodiesStatusAndTypeUnchanged) {
    RecordingServer model([](Connection& connection, const Request& request) {
        if (request.target == "/broken") {
            return connection.reply(500, "text/html; charset=utf-8",
                                    "<html><h1>CUDA out of memory</h1></html>");
        }
        if (request.target == "/missing") return connection.reply(404, "text/plain", "nope");
        return connection.reply(200, "application/x-echo", request.method + " " + request.body);
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    const HttpClient client = editorOf(host);
    const std::string bytes("\0\xff{not json\r\n\r\n", 15);
    for (const char* method : {"POST", "PUT", "DELETE"}) {
        const HttpAnswer answer =
            client.send(method, "/lm/v1/x", {{"Content-Type", "application/x-odd"}}, bytes);
        EXPECT_EQ(answer.status, 200);
        EXPECT_EQ(answer.header("Content-Type"), "application/x-echo");
        EXPECT_EQ(answer.body, std::string(method) + " " + bytes);
        EXPECT_EQ(model.last().header("content-type"), "application/x-odd");
    }
    EXPECT_EQ(client.get("/lm/v1/x").body, "GET ");
    const HttpAnswer broken = client.get("/lm/broken");
    EXPECT_EQ(broken.status, 500);
    EXPECT_EQ(broken.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(broken.body, "<html><h1>CUDA out of memory</h1></html>");
    EXPECT_THAT(broken.header("Content-Security-Policy"), testing::HasSubstr("sandbox"))
        << "a foreign page must not run as one of ours";
    EXPECT_EQ(client.get("/lm/missing").status, 404);
    EXPECT_EQ(client.get("/lm/missing").body, "nope");
    const HttpAnswer patched = client.send("PATCH", "/lm/v1/x", {});
    expectError(patched, 405, "METHOD_NOT_ALLOWED");
    EXPECT_TRUE(patched.has("Allow"));
}

TEST(ModelProxy, PassesAnswersWithoutABody) {
    RecordingServer model([](Connection& connection, const Request& request) {
        if (request.method == "HEAD")
            return connection.send("HTTP/1.1 200 OK\r\nContent-Length: 77\r\nX-Seen: 1\r\n\r\n");
        return connection.send("HTTP/1.1 204 No Content\r\n\r\n");
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    HttpClient client = editorOf(host);
    client.checked = false;  // 204 is the model server's own
    const HttpAnswer head = client.send("HEAD", "/lm/v1/models", {});
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("X-Seen"), "1");
    EXPECT_EQ(model.last().method, "HEAD");
    EXPECT_EQ(client.del("/lm/v1/models/x").status, 204);
}

TEST(ModelProxy, DropsWhatBelongsToOneConnectionAndKeepsTheCorrelationId) {
    RecordingServer model([](Connection& connection, const Request&) {
        return connection.reply(200, "application/json", "{}",
                                "Connection: keep-alive, X-Between\r\nX-Between: 1\r\n"
                                "Keep-Alive: timeout=5\r\nX-Correlation-ID: of-the-model\r\n"
                                "Set-Cookie: a=b\r\nX-Usage: 7\r\n");
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    const HttpAnswer answer = editorOf(host).get("/lm/v1/models", {{"X-Correlation-ID", "trace-7"},
                                                                   {"Connection", "X-Hop"},
                                                                   {"X-Hop", "1"},
                                                                   {"TE", "trailers"},
                                                                   {"X-Kept", "yes"}});
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.header("X-Correlation-ID"), "trace-7");
    EXPECT_EQ(answer.header("X-Usage"), "7");
    for (const char* name : {"X-Between", "Keep-Alive", "Set-Cookie"})
        EXPECT_FALSE(answer.has(name)) << name;
    const Request seen = model.last();
    EXPECT_EQ(seen.header("x-correlation-id"), "trace-7");
    EXPECT_EQ(seen.header("x-kept"), "yes");
    EXPECT_EQ(seen.header("host"), model.authority());
    for (const char* name : {"x-hop", "te", "x-forwarded-for"})
        EXPECT_EQ(seen.header(name), "") << name;

    const HttpAnswer fresh = editorOf(host).get("/lm/v1/models");
    EXPECT_FALSE(fresh.header("X-Correlation-ID").empty());
    EXPECT_EQ(model.last().header("x-correlation-id"), fresh.header("X-Correlation-ID"));
}

TEST(ModelProxy, GivesTheModelServerItsOwnKeyAndNeverOurs) {
    RecordingServer model;
    Json config = editorOnly("", {{"api_keys", {"correct-horse"}}});
    config["prompt"] = {{"plugin", "chat"},
                        {"settings", {{"url", model.url()}, {"api_key", "sk-of-the-model"}}}};
    HostProcess host(config);
    host.start();
    const HttpClient client = editorOf(host);
    expectError(client.get("/lm/v1/models"), 401, "UNAUTHORIZED");
    expectError(client.get("/lm/v1/models", {{"X-API-Key", "wrong"}}), 401, "UNAUTHORIZED");
    EXPECT_TRUE(model.requests().empty()) << "nobody gets through without a key";
    for (const Headers& key :
         {Headers{{"X-API-Key", "correct-horse"}},
          Headers{{"Authorization", "Bearer correct-horse"}},
          Headers{{"Cookie", "ipl_key=correct-horse"}, {"X-Copy", "correct-horse"}}}) {
        EXPECT_EQ(client.get("/lm/v1/models", key).status, 200);
        for (const auto& [name, value] : model.last().headers)
            EXPECT_EQ(value.find("correct-horse"), std::string::npos) << name;
        EXPECT_EQ(model.last().header("authorization"), "Bearer sk-of-the-model");
    }
    EXPECT_EQ(model.requests().size(), 3U);
}

TEST(ModelProxy, SaysThatNoModelServerIsConfiguredOrReachable) {
    HostProcess none(editorOnly(""));
    none.start();
    expectError(editorOf(none).get("/lm/v1/models"), 502, "SERVICE_UNAVAILABLE");
    HostProcess away(editorOnly(kNobody));
    away.start();
    expectError(editorOf(away).post("/lm/v1/chat/completions", {{"a", 1}}), 502,
                "SERVICE_UNAVAILABLE");
    EXPECT_EQ(editorOf(away).get("/health").status, 200);
}

TEST(ModelProxy, AnswersForAServerThatDoesNotSpeakHttpOrLeavesWithoutAnAnswer) {
    RecordingServer model([](Connection& connection, const Request& request) {
        if (request.target == "/garbage") connection.send("\x16\x03\x01 what is this?\r\n\r\n");
        if (request.target == "/endless-head") {
            std::string line = "HTTP/1.1 200 OK\r\n";
            while (connection.send(line))
                line = "X-Filler: " + std::string(4000, 'x') + "\r\n";
        }
        if (request.target == "/reset") connection.reset();
        return false;
    });
    HostProcess host(editorOnly(model.url()));
    host.start();
    for (const char* path : {"/lm/leaves", "/lm/garbage", "/lm/endless-head", "/lm/reset"}) {
        const HttpAnswer answer = editorOf(host).get(path);
        expectError(answer, 502, "SERVICE_UNAVAILABLE");
        EXPECT_EQ(answer.body.find(model.authority() + "/"), std::string::npos) << answer.body;
    }
}

// Pages of other origins may not use the model server through us; our own page may, and the server
// (which has an origin check of its own, as Ollama does) does not see where the page came from.
TEST(ModelProxy, ServesOurOwnPageButNoForeignOne) {
    RecordingServer model;
    HostProcess host(editorOnly(model.url()));
    host.start();
    const std::string own = host.url("create_json");
    const std::string authority = own.substr(7);
    EXPECT_EQ(editorOf(host)
                  .post("/lm/v1/chat/completions", {{"a", 1}},
                        {{"Host", authority}, {"Origin", own}, {"Referer", own + "/"}})
                  .status,
              200);
    EXPECT_EQ(model.last().header("origin"), "");
    EXPECT_EQ(model.last().header("referer"), "");
    EXPECT_EQ(editorOf(host)
                  .post("/lm/v1/chat/completions", {{"a", 1}}, {{"Origin", "http://evil.test"}})
                  .status,
              403);
    EXPECT_EQ(model.requests().size(), 1U);
}

}  // namespace

}  // namespace test
