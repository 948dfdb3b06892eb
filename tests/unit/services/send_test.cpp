// POST /api/send: what becomes of a scene on its way to the generator.
#include "services/vision/send.hpp"

#include <gtest/gtest.h>

namespace {

using host::Json;
using host::http::Request;
using host::http::Response;
using host::services::sendHandler;

struct Sent {
    int calls = 0;
    Request request;
    Response response;
};

Sent send(const std::string& body) {
    Sent sent;
    const auto handler = sendHandler([&](Request& request) {
        ++sent.calls;
        sent.request = request;
        return Response::jsonText(R"({"success":true,"job_id":"12345678"})", 200);
    });
    Request request;
    request.method = "POST";
    request.path = "/api/send";
    request.body = body;
    request.correlationId = "corr";
    request.clientAddress = "10.0.0.1";
    request.headers.add("Content-Type", "text/plain");
    request.headers.add("Idempotency-Key", "k");
    sent.response = handler(request);
    return sent;
}

void expectRefused(const std::string& body) {
    const Sent sent = send(body);
    EXPECT_EQ(sent.calls, 0) << body.substr(0, 60);
    ASSERT_TRUE(std::holds_alternative<host::Error>(sent.response.body));
    EXPECT_EQ(std::get<host::Error>(sent.response.body).code, host::ErrorCode::Validation);
    EXPECT_EQ(sent.response.status, 400);
}

TEST(Send, MakesTheScenesIndentedTextThePromptOfOneRun) {
    const Sent sent = send(R"({"scene":"a lake","camera":{"iso":100},"palette":["#fff"]})");
    ASSERT_EQ(sent.calls, 1);
    EXPECT_EQ(Json::parse(sent.request.body),
              (Json{{"prompt",
                     "{\n  \"scene\": \"a lake\",\n  \"camera\": {\n    \"iso\": 100\n  },"
                     "\n  \"palette\": [\n    \"#fff\"\n  ]\n}"},
                    {"random", false},
                    {"count", 1}}));
    EXPECT_EQ(sent.request.contentType(), "application/json");
    EXPECT_EQ(sent.request.correlationId, "corr");
    EXPECT_EQ(sent.request.clientAddress, "10.0.0.1");
    EXPECT_EQ(sent.request.header("Idempotency-Key"), "k");
    EXPECT_EQ(std::get<std::string>(sent.response.body), R"({"success":true,"job_id":"12345678"})");
}

TEST(Send, KeepsUnknownFieldsTheirOrderAndOtherScripts) {
    const Sent sent =
        send(R"({"zeta":1,"alpha":{"b":null,"a":[1.5,true]},"scene":"日本の湖 \u00e9"})");
    const std::string prompt = Json::parse(sent.request.body)["prompt"];
    EXPECT_EQ(Json::parse(prompt).dump(),
              R"({"zeta":1,"alpha":{"b":null,"a":[1.5,true]},"scene":"日本の湖 é"})");
}

TEST(Send, RefusesWhatIsNoScene) {
    for (const char* body : {"", "null", "[]", "\"text\"", "17", "{", "{\"a\":1,}", "{\"a\":1} x",
                             "prompt=x", "{\"a\":\"\xff\"}"})
        expectRefused(body);
}

TEST(Send, RefusesWhatWouldGrowOrNestWithoutBound) {
    std::string deep = "{\"a\":";
    deep += std::string(100'000, '[') + std::string(100'000, ']') + "}";
    expectRefused(deep);
    expectRefused("{\"a\":\"" + std::string(300 * 1024, 'x') + "\"}");
    std::string nested = "1";
    for (int i = 0; i < 31; ++i)
        nested = "{\"a\":" + nested + "}";
    EXPECT_EQ(send(nested).calls, 1);
}

}  // namespace
