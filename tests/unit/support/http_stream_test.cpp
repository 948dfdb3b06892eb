// HttpClient::open: the head first, the body when its owner is ready.
#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "common/raw_server.hpp"
#include "support/http_client.hpp"

namespace {

using namespace std::chrono_literals;
using host::HttpClient;
using host::HttpOutcome;
using host::HttpRequest;
using host::HttpResult;
using host::HttpStream;
using test::httpAnswer;
using test::RawConnection;
using test::RawServer;
using Clock = std::chrono::steady_clock;

HttpRequest get(const std::string& url, std::chrono::milliseconds within = 20s) {
    HttpRequest request;
    request.url = url;
    request.deadline = Clock::now() + within;
    return request;
}

// The rest of the answer, added to `body`.
HttpResult readAll(HttpStream& stream, std::string& body) {
    return stream.read(Clock::now() + 20s, [&](std::string_view piece) {
        body += piece;
        return true;
    });
}

TEST(HttpStream, GivesTheHeadBeforeAnyOfTheBodyIsThere) {
    std::promise<void> headSeen;
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 202 Accepted\r\nX-Kind: tea\r\nContent-Length: 6\r\n\r\n");
        headSeen.get_future().wait();
        c.send("onetwo");
    });
    HttpClient client;
    const auto stream = client.open(get(server.url()));
    ASSERT_TRUE(stream->result().ok()) << stream->result().message;
    EXPECT_EQ(stream->result().status, 202);
    ASSERT_FALSE(stream->headers().empty());
    EXPECT_EQ(stream->headers().front(), std::pair(std::string("x-kind"), std::string("tea")));
    headSeen.set_value();
    std::string body;
    EXPECT_TRUE(readAll(*stream, body).ok());
    EXPECT_EQ(body, "onetwo");
}

TEST(HttpStream, KeepsABodyThatCameWithTheHeadUntilItIsAskedFor) {
    const std::string big(300'000, 'x');
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer(big));
    });
    HttpClient client;
    const auto stream = client.open(get(server.url()));
    ASSERT_TRUE(stream->result().ok());
    std::string body;
    EXPECT_TRUE(readAll(*stream, body).ok());
    EXPECT_EQ(body, big);
}

TEST(HttpStream, ReusesItsConnectionOnceTheBodyWasTakenWhole) {
    RawServer server([](RawConnection& c) {
        while (!c.readRequest().empty() && c.send(httpAnswer("n" + std::to_string(c.number())))) {
        }
    });
    HttpClient client;
    for (int i = 0; i < 3; ++i) {
        const auto stream = client.open(get(server.url()));
        std::string body;
        ASSERT_TRUE(readAll(*stream, body).ok());
        EXPECT_EQ(body, "n0");
    }
    client.open(get(server.url())).reset();  // not taken: this connection is gone
    std::string body;
    ASSERT_TRUE(readAll(*client.open(get(server.url())), body).ok());
    EXPECT_EQ(body, "n1");
}

TEST(HttpStream, OutlivesItsClient) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer("hello"));
    });
    auto client = std::make_unique<HttpClient>();
    const auto stream = client->open(get(server.url()));
    client.reset();
    std::string body;
    EXPECT_TRUE(readAll(*stream, body).ok());
    EXPECT_EQ(body, "hello");
}

TEST(HttpStream, TellsWhyNoHeadCame) {
    HttpClient client;
    const auto refused = client.open(get("http://127.0.0.1:1/"));
    EXPECT_EQ(refused->result().outcome, HttpOutcome::Unavailable);
    EXPECT_TRUE(refused->headers().empty());
    std::string body;
    EXPECT_EQ(readAll(*refused, body).outcome, HttpOutcome::Unavailable);
    EXPECT_EQ(client.open(get("ftp://nowhere/"))->result().outcome, HttpOutcome::Invalid);

    std::promise<void> over;
    const auto wait = over.get_future().share();
    RawServer silent([&](RawConnection& c) {
        c.readRequest();
        wait.wait();
    });
    EXPECT_EQ(client.open(get(silent.url(), 50ms))->result().outcome, HttpOutcome::Timeout);
    std::atomic<bool> gone{true};
    HttpRequest cancelled = get(silent.url());
    cancelled.cancelled = [&] { return gone.load(); };
    EXPECT_EQ(client.open(std::move(cancelled))->result().outcome, HttpOutcome::Cancelled);
    over.set_value();
}

TEST(HttpStream, TellsABodyThatBreaksOffFromAWholeOne) {
    RawServer server([](RawConnection& c) {
        const bool sized = c.readRequest().starts_with("GET /sized");
        c.send(sized ? "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"
                     : "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
    });
    HttpClient client;
    for (const char* path : {"/sized", "/chunked"}) {
        const auto stream = client.open(get(server.url(path)));
        std::string body;
        const HttpResult result = stream->result().ok() ? readAll(*stream, body) : stream->result();
        EXPECT_EQ(result.outcome, HttpOutcome::Unavailable) << path;
    }
}

TEST(HttpStream, EndsWhenItsOwnerTheIdleLimitOrTheDeadlineSaysSo) {
    std::promise<void> over;
    const auto wait = over.get_future().share();
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n");
        wait.wait();
    });
    HttpClient client;
    const auto stopped = client.open(get(server.url()));
    EXPECT_EQ(stopped->read(Clock::now() + 20s, [](auto) { return false; }).outcome,
              HttpOutcome::Stopped);
    HttpRequest impatient = get(server.url());
    impatient.idleTimeout = 50ms;
    std::string body;
    EXPECT_EQ(readAll(*client.open(std::move(impatient)), body).outcome, HttpOutcome::Timeout);
    EXPECT_EQ(body, "half");
    const auto late = client.open(get(server.url()));
    EXPECT_EQ(late->read(Clock::now() + 50ms, [](auto) { return true; }).outcome,
              HttpOutcome::Timeout);
    over.set_value();
}

}  // namespace
