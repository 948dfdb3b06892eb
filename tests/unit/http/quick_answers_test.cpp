// Routes that may answer on the event loop, and what the front counts.
#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "common/metrics_text.hpp"
#include "support/metrics.hpp"
#include "unit/http/fixture.hpp"

namespace test {

namespace {

class QuickAnswersTest : public ServerTest {
  protected:
    QuickAnswersTest() {
        frontOptions.workers = 1;
        frontOptions.metrics = metrics;
        router->add("GET", "/status/{id}",
                    [this](Request& request) {
                        gate.wait();
                        return Response::text("slowly " + request.pathParam("id"), "text/plain");
                    },
                    {Lane::Worker, [](Request& request) -> std::optional<Response> {
                         if (request.pathParam("id") != "kept") return std::nullopt;
                         return Response::text("at once", "text/plain");
                     }});
    }

    std::shared_ptr<host::MetricsRegistry> metrics = std::make_shared<host::MetricsRegistry>();
    Gate gate;
};

TEST_F(QuickAnswersTest, ComeWhileTheOnlyWorkerIsBusy) {
    start();
    RawClient waiting = client();
    ASSERT_TRUE(waiting.send(get("/status/other")));
    ASSERT_TRUE(gate.awaitWaiting(1));
    EXPECT_EQ(ask(get("/status/kept")).body, "at once");
    EXPECT_EQ(client().ask("HEAD /status/kept HTTP/1.1\r\nHost: test\r\n\r\n", true).status, 200);
    EXPECT_EQ(front->figures().working, 1U);
    gate.open();
    EXPECT_EQ(waiting.read().body, "slowly other");
}

TEST_F(QuickAnswersTest, AreRefusedToForeignPagesLikeAllOthers) {
    start();
    EXPECT_EQ(ask(get("/status/kept", "Origin: http://elsewhere\r\n")).status, 403);
}

TEST_F(QuickAnswersTest, AnswersAreCountedByRouteAndNotByPath) {
    gate.open();
    start();
    for (const char* path : {"/status/kept", "/status/a", "/status/b", "/nowhere/1", "/nowhere/2"})
        ask(get(path));
    ask("DELETE /status/a HTTP/1.1\r\nHost: test\r\n\r\n");
    ask("nonsense\r\n\r\n");
    const std::string text = metrics->text();
    EXPECT_EQ(metricOf(text, "ipl_http_requests_total",
                       R"(method="GET",route="/status/{id}",status="2xx")"),
              3);
    EXPECT_EQ(metricOf(text, "ipl_http_requests_total",
                       R"x(method="(none)",route="(none)",status="4xx")x"),
              4);
    EXPECT_EQ(metricOf(text, "ipl_http_request_seconds_count", R"(route="/status/{id}")"), 3);
    EXPECT_EQ(text.find("nowhere"), std::string::npos);
}

}  // namespace

}  // namespace test
