#include "support/http_client.hpp"

#include <gtest/gtest.h>
#include <sys/eventfd.h>

#include <cstdlib>

#include "common/raw_server.hpp"

namespace {

using namespace std::chrono_literals;
using host::HttpClient;
using host::HttpOutcome;
using host::HttpRequest;
using test::httpAnswer;
using test::RawConnection;
using test::RawServer;
using Clock = std::chrono::steady_clock;

HttpRequest get(const std::string& url, std::chrono::milliseconds within = 5s) {
    HttpRequest request;
    request.url = url;
    request.deadline = Clock::now() + within;
    return request;
}

HttpRequest post(const std::string& url, std::string_view body) {
    HttpRequest request = get(url);
    request.method = "POST";
    request.body = body;
    return request;
}

// Answers every request on every connection.
void serve(RawConnection& connection) {
    while (!connection.readRequest().empty() && connection.send(httpAnswer("hello"))) {
    }
}

class HttpClientTest : public testing::Test {
  protected:
    HttpClient client_;
};

TEST_F(HttpClientTest, DeliversStatusHeadersInLowerCaseAndBody) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer("short and stout", "418 I'm a teapot", "X-Kind:  Tea \r\n"));
    });
    const auto response = client_.fetch(get(server.url()));
    EXPECT_TRUE(response.result.ok()) << response.result.message;
    EXPECT_EQ(response.result.status, 418);
    EXPECT_EQ(response.header("x-kind"), "Tea");
    EXPECT_EQ(response.body, "short and stout");
}

TEST_F(HttpClientTest, SendsTheRequestWithContentLengthAndWithoutExpect) {
    std::string seen;
    RawServer server([&](RawConnection& c) {
        seen = c.readRequest();
        c.send(httpAnswer("ok"));
    });
    const std::string body(100'000, 'x');
    HttpRequest request = post(server.url("/generate?a=b"), body);
    request.headers = {{"Content-Type", "application/json"},
                       {"Transfer-Encoding", "chunked"},
                       {"X-Empty", ""},
                       {"X-Correlation-ID", "abc"}};
    ASSERT_TRUE(client_.fetch(request).result.ok());
    EXPECT_TRUE(seen.starts_with("POST /generate?a=b HTTP/1.1\r\n")) << seen.substr(0, 300);
    EXPECT_NE(seen.find("Content-Length: 100000\r\n"), std::string::npos);
    EXPECT_NE(seen.find("X-Correlation-ID: abc\r\n"), std::string::npos);
    EXPECT_NE(seen.find("Content-Type: application/json\r\n"), std::string::npos);
    EXPECT_NE(seen.find("X-Empty:\r\n"), std::string::npos);
    EXPECT_EQ(seen.find("Expect"), std::string::npos);
    EXPECT_EQ(seen.find("chunked"), std::string::npos);
    EXPECT_TRUE(seen.ends_with("\r\n\r\n" + body));
}

TEST_F(HttpClientTest, PostWithoutBodySaysSo) {
    std::string seen;
    RawServer server([&](RawConnection& c) {
        seen = c.readRequest();
        c.send(httpAnswer("ok"));
    });
    ASSERT_TRUE(client_.fetch(post(server.url(), "")).result.ok());
    EXPECT_NE(seen.find("Content-Length: 0\r\n"), std::string::npos) << seen;
    EXPECT_EQ(seen.find("Content-Type"), std::string::npos) << seen;
}

TEST_F(HttpClientTest, HeadersComeBeforeTheBodyAndPiecesAsTheyArrive) {
    std::promise<void> first;
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\none\r\n");
        first.get_future().wait();  // not before the client has seen the first piece
        c.send("3\r\ntwo\r\n0\r\n\r\n");
    });
    std::string order;
    const auto result =
        client_.perform(get(server.url()), {.onHeaders =
                                                [&](int status, const host::HttpHeaders&) {
                                                    order += std::to_string(status) + ":";
                                                    return true;
                                                },
                                            .onBody =
                                                [&](std::string_view piece) {
                                                    if (order == "200:") first.set_value();
                                                    order.append(piece);
                                                    return true;
                                                }});
    EXPECT_TRUE(result.ok()) << result.message;
    EXPECT_EQ(order, "200:onetwo");
}

TEST_F(HttpClientTest, InterimAnswersAreSkipped) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 100 Continue\r\n\r\n" + httpAnswer("real"));
    });
    const auto response = client_.fetch(get(server.url()));
    EXPECT_EQ(response.result.status, 200);
    EXPECT_EQ(response.body, "real");
}

TEST_F(HttpClientTest, LinesThatAreNoHeadersAreLeftOutOfThem) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer("real", "200 OK",
                          "X-First: 1\r\nb@d name: 2\r\nX-Long: 3\r\n"
                          "\tx-folded: 4\r\nX-Last: 5\r\n"));
    });
    const auto response = client_.fetch(get(server.url()));
    EXPECT_TRUE(response.result.ok()) << response.result.message;
    EXPECT_EQ(response.header("x-first"), "1");
    EXPECT_EQ(response.header("b@d name"), "");
    EXPECT_EQ(response.header("x-folded"), "") << "it goes on with the line before";
    EXPECT_EQ(response.header("x-last"), "5");
    EXPECT_EQ(response.body, "real");
}

TEST_F(HttpClientTest, RedirectsAreAnswersLikeAnyOther) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer("", "302 Found", "Location: http://127.0.0.1:1/\r\n"));
    });
    EXPECT_EQ(client_.fetch(get(server.url())).result.status, 302);
}

TEST_F(HttpClientTest, ProxyVariablesOfTheEnvironmentAreIgnored) {
    RawServer server(serve);
    ::setenv("http_proxy", "http://127.0.0.1:1", 1);
    const auto response = client_.fetch(get(server.url()));
    ::unsetenv("http_proxy");
    EXPECT_EQ(response.body, "hello") << response.result.message;
}

TEST_F(HttpClientTest, ARefusedConnectionIsUnavailableAndNamesHostAndPort) {
    std::string origin;
    std::string url;
    {
        const RawServer gone(serve);
        origin = gone.origin();
        url = gone.url("/secret?token=1");
    }
    const auto result = client_.fetch(get(url)).result;
    EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
    EXPECT_NE(result.message.find(origin), std::string::npos) << result.message;
    EXPECT_NE(result.message.find("refused"), std::string::npos) << result.message;
    EXPECT_EQ(result.message.find("secret"), std::string::npos) << result.message;
}

TEST_F(HttpClientTest, AnUnknownNameIsUnavailable) {
    const auto result = client_.fetch(get("http://no-such-host.invalid:81/")).result;
    EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
    EXPECT_NE(result.message.find("no-such-host.invalid:81"), std::string::npos) << result.message;
}

TEST_F(HttpClientTest, AServerThatNeverAnswersIsATimeoutAtTheDeadline) {
    RawServer server([](RawConnection& c) { c.waitForClose(); });
    const auto start = Clock::now();
    const auto result = client_.fetch(get(server.url(), 150ms)).result;
    EXPECT_EQ(result.outcome, HttpOutcome::Timeout) << result.message;
    EXPECT_EQ(result.status, 0);
    EXPECT_GE(Clock::now() - start, 150ms);
    EXPECT_LT(Clock::now() - start, 1s);
}

TEST_F(HttpClientTest, AServerThatTricklesForeverIsATimeoutAtTheDeadline) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
        while (c.send("x"))
            std::this_thread::sleep_for(5ms);
    });
    const auto start = Clock::now();
    EXPECT_EQ(client_.fetch(get(server.url(), 150ms)).result.outcome, HttpOutcome::Timeout);
    EXPECT_LT(Clock::now() - start, 1s);
}

TEST_F(HttpClientTest, SilenceInTheMiddleOfAnAnswerIsATimeoutAfterTheIdleTime) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome");
        c.waitForClose();
    });
    HttpRequest request = get(server.url(), 10s);
    request.idleTimeout = 100ms;
    const auto start = Clock::now();
    const auto result = client_.fetch(request).result;
    EXPECT_EQ(result.outcome, HttpOutcome::Timeout);
    EXPECT_EQ(result.status, 200);
    EXPECT_LT(Clock::now() - start, 2s);
}

TEST_F(HttpClientTest, TheIdleTimeDoesNotCountBeforeTheAnswerBegins) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        std::this_thread::sleep_for(200ms);
        c.send(httpAnswer("slow"));
    });
    HttpRequest request = get(server.url());
    request.idleTimeout = 50ms;
    EXPECT_EQ(client_.fetch(request).body, "slow");
}

struct Cut {
    const char* name;
    const char* bytes;
};
class HttpClientCutOff : public testing::TestWithParam<Cut> {};

TEST_P(HttpClientCutOff, IsUnavailable) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send(GetParam().bytes);
    });
    HttpClient client;
    const auto result = client.fetch(get(server.url())).result;
    EXPECT_EQ(result.outcome, HttpOutcome::Unavailable) << result.message;
    EXPECT_NE(result.message.find(server.origin()), std::string::npos) << result.message;
}

INSTANTIATE_TEST_SUITE_P(
    Answers, HttpClientCutOff,
    testing::Values(
        Cut{"Nothing", ""}, Cut{"InTheStatusLine", "HTTP/1.1 20"},
        Cut{"InTheHeaders", "HTTP/1.1 200 OK\r\nContent-Le"},
        Cut{"BeforeTheContentLength", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"},
        Cut{"InAChunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"},
        Cut{"BeforeTheLastChunk",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"},
        Cut{"ABadChunkSize", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"},
        Cut{"NotHttp", "220 smtp.example.org ESMTP\r\n"}),
    [](const auto& each) { return each.param.name; });

TEST_F(HttpClientTest, MoreBytesThanContentLengthAreIgnored) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcdefgh");
        c.waitForClose();
    });
    EXPECT_EQ(client_.fetch(get(server.url())).body, "abc");
}

TEST_F(HttpClientTest, EndlessHeadersAreTooLarge) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\n");
        while (c.send("X-More: " + std::string(200, 'x') + "\r\n")) {
        }
    });
    EXPECT_EQ(client_.fetch(get(server.url())).result.outcome, HttpOutcome::TooLarge);
}

TEST_F(HttpClientTest, OneEndlessHeaderLineEndsTheExchange) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nX-More: ");
        while (c.send(std::string(4096, 'x'))) {
        }
    });
    EXPECT_EQ(client_.fetch(get(server.url())).result.outcome, HttpOutcome::TooLarge);
}

TEST_F(HttpClientTest, AnEndlessBodyIsTooLarge) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\n\r\n");
        while (c.send(std::string(4096, 'x'))) {
        }
    });
    HttpRequest request = get(server.url());
    request.maxResponseBytes = 50'000;
    const auto response = client_.fetch(request);
    EXPECT_EQ(response.result.outcome, HttpOutcome::TooLarge);
    EXPECT_LE(response.body.size(), 50'000U);
}

TEST_F(HttpClientTest, AnAnnouncedBodyOverTheBoundIsRefusedBeforeItComes) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n");
        c.waitForClose();
    });
    EXPECT_EQ(client_.fetch(get(server.url())).result.outcome, HttpOutcome::TooLarge);
}

TEST_F(HttpClientTest, ASinkThatSaysNoEndsTheExchange) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send("HTTP/1.1 200 OK\r\n\r\nx");
        c.waitForClose();
    });
    const auto result = client_.perform(
        get(server.url()), {.onHeaders = {}, .onBody = [](std::string_view) { return false; }});
    EXPECT_EQ(result.outcome, HttpOutcome::Stopped);
}

TEST_F(HttpClientTest, ACancelEndsAWaitingExchangeWithin50MsAndClosesItsConnection) {
    std::promise<void> asked;
    std::promise<void> closed;
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        asked.set_value();
        c.waitForClose();
        closed.set_value();
    });
    const int fd = ::eventfd(0, EFD_CLOEXEC);
    HttpRequest request = get(server.url(), 30s);
    request.cancelFd = fd;
    auto running = std::async(std::launch::async, [&] { return client_.fetch(request).result; });
    asked.get_future().wait();
    const auto start = Clock::now();
    ::eventfd_write(fd, 1);
    EXPECT_EQ(running.get().outcome, HttpOutcome::Cancelled);
    EXPECT_LT(Clock::now() - start, 50ms);
    EXPECT_EQ(closed.get_future().wait_for(2s), std::future_status::ready);
    ::close(fd);
}

TEST_F(HttpClientTest, ACancelWithoutADescriptorWorksToo) {
    std::promise<void> asked;
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        asked.set_value();
        c.waitForClose();
    });
    std::atomic<bool> cancelled{false};
    HttpRequest request = get(server.url(), 30s);
    request.cancelled = [&] { return cancelled.load(); };
    auto running = std::async(std::launch::async, [&] { return client_.fetch(request).result; });
    asked.get_future().wait();
    const auto start = Clock::now();
    cancelled = true;
    EXPECT_EQ(running.get().outcome, HttpOutcome::Cancelled);
    EXPECT_LT(Clock::now() - start, 100ms);
}

TEST_F(HttpClientTest, WhatIsCancelledAlreadyIsNotSent) {
    RawServer server(serve);
    HttpRequest request = get(server.url());
    request.cancelled = [] { return true; };
    EXPECT_EQ(client_.fetch(request).result.outcome, HttpOutcome::Cancelled);
    EXPECT_EQ(server.accepted(), 0);
}

TEST_F(HttpClientTest, ConnectionsAreReused) {
    RawServer server(serve);
    EXPECT_FALSE(client_.fetch(get(server.url())).result.reusedConnection);
    for (int i = 0; i < 5; ++i) {
        EXPECT_TRUE(client_.fetch(post(server.url(), "x")).result.reusedConnection);
    }
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientTest, WithoutReuseEveryRequestHasAConnectionOfItsOwn) {
    RawServer server(serve);
    for (int i = 0; i < 3; ++i) {
        HttpRequest request = get(server.url());
        request.reuse = false;
        EXPECT_TRUE(client_.fetch(request).result.ok());
    }
    EXPECT_EQ(server.accepted(), 3);
}

TEST_F(HttpClientTest, OriginsDoNotShareConnections) {
    RawServer one(serve);
    RawServer two([](RawConnection& c) {
        while (!c.readRequest().empty() && c.send(httpAnswer("two"))) {
        }
    });
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(client_.fetch(get(one.url())).body, "hello");
        EXPECT_EQ(client_.fetch(get(two.url())).body, "two");
    }
    EXPECT_EQ(one.accepted(), 1);
    EXPECT_EQ(two.accepted(), 1);
}

// The server takes the second request on the kept connection and closes without a byte, as one does
// whose keep-alive time ran out at that moment.
void closeOnReuse(RawConnection& c, bool reset) {
    c.readRequest();
    c.send(httpAnswer("fresh " + std::to_string(c.number())));
    c.readRequest();
    if (reset) c.reset();
}

TEST_F(HttpClientTest, AKeptConnectionThatTheServerClosesIsReplacedOnce) {
    for (const bool reset : {false, true}) {
        for (const std::string body : {"", "some body"}) {
            RawServer server([reset](RawConnection& c) { closeOnReuse(c, reset); });
            const auto ask = [&] {
                return client_.fetch(body.empty() ? get(server.url()) : post(server.url(), body));
            };
            EXPECT_EQ(ask().body, "fresh 0");
            const auto second = ask();
            EXPECT_EQ(second.body, "fresh 1") << second.result.message;
        }
    }
}

TEST_F(HttpClientTest, AKeptConnectionThatWasClosedLongBeforeIsReplaced) {
    std::promise<void> closed;
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer("fresh"));
        ::shutdown(c.fd(), SHUT_RDWR);
        if (c.number() == 0) closed.set_value();
    });
    EXPECT_EQ(client_.fetch(get(server.url())).body, "fresh");
    closed.get_future().wait();
    EXPECT_EQ(client_.fetch(post(server.url(), "x")).body, "fresh");
}

TEST_F(HttpClientTest, AFreshConnectionThatIsClosedIsNotRetried) {
    RawServer server([](RawConnection& c) { c.readRequest(); });
    EXPECT_EQ(client_.fetch(post(server.url(), "x")).result.outcome, HttpOutcome::Unavailable);
    EXPECT_EQ(server.accepted(), 1);
}

TEST_F(HttpClientTest, WhatCannotBeSentIsInvalid) {
    for (const char* url : {"", "ftp://127.0.0.1/", "file:///etc/passwd", "127.0.0.1:80", "http://",
                            "http://a b/", "http://127.0.0.1:99999/", "gopher://x/"}) {
        EXPECT_EQ(client_.fetch(get(url)).result.outcome, HttpOutcome::Invalid) << url;
    }
    HttpRequest request = get("http://127.0.0.1:1/");
    request.method = "GET / HTTP/1.1\r\nX: y";
    EXPECT_EQ(client_.fetch(request).result.outcome, HttpOutcome::Invalid);
    request = get("http://127.0.0.1:1/");
    request.headers = {{"X-A", "b\r\nX-Injected: c"}};
    EXPECT_EQ(client_.fetch(request).result.outcome, HttpOutcome::Invalid);
    request.headers = {{"X A", "b"}};
    EXPECT_EQ(client_.fetch(request).result.outcome, HttpOutcome::Invalid);
}

TEST_F(HttpClientTest, ManyThreadsShareOneClient) {
    RawServer server(serve);
    std::atomic<int> good{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 8; ++i) {
        threads.emplace_back([&] {
            for (int n = 0; n < 20; ++n)
                good += client_.fetch(get(server.url())).body == "hello";
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(good, 160);
    EXPECT_LE(server.accepted(), 8);
}

TEST(HttpOrigin, IsHostAndPortOfAnHttpUrl) {
    EXPECT_EQ(host::httpOrigin("http://a.example/x?y"), "a.example:80");
    EXPECT_EQ(host::httpOrigin("https://u:p@a.example:444"), "a.example:444");
    EXPECT_EQ(host::httpOrigin("file:///x"), "");
}

}  // namespace
