// What a client sees of single requests: methods, bodies, keep-alive, errors, headers.
#include "unit/http/fixture.hpp"

namespace {

using test::errorCode;
using test::get;
using test::post;

class Requests : public test::ServerTest {};

TEST_F(Requests, AnswersWithLengthDateAndCorrelationId) {
    start();
    const auto answer = ask(get("/health"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"ok":true})");
    EXPECT_EQ(answer.header("content-type"), "application/json");
    EXPECT_THAT(answer.header("date"), testing::EndsWith("GMT"));
    EXPECT_THAT(answer.header("x-correlation-id"), testing::MatchesRegex("[0-9a-f]{32}"));
}

TEST_F(Requests, KeepsASaneCorrelationIdAndReplacesOthers) {
    start();
    EXPECT_EQ(ask(get("/health", "X-Correlation-ID: a.b:c-1_2\r\n")).header("x-correlation-id"),
              "a.b:c-1_2");
    const auto replaced = ask(get("/nowhere", "X-Correlation-ID: with space\r\n"));
    EXPECT_THAT(replaced.header("x-correlation-id"), testing::MatchesRegex("[0-9a-f]{32}"));
    EXPECT_EQ(ask("GET bad HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: mine\r\n\r\n")
                  .header("x-correlation-id"),
              "mine");
}

TEST_F(Requests, ARefusedRequestPutsNoBytesOfItsOwnIntoTheAnswersHead) {
    start();
    for (const std::string id : {"a\nSet-Cookie: b=c", "a\n\rcb", "\xff\x01", "with space"}) {
        const auto answer =
            ask("GET bad HTTP/1.1\r\nHost: x\r\nX-Correlation-ID: " + id + "\r\n\r\n");
        EXPECT_EQ(answer.status, 400);
        EXPECT_THAT(answer.header("x-correlation-id"), testing::MatchesRegex("[0-9a-f]{32}"));
        EXPECT_EQ(answer.header("set-cookie"), "");
    }
}

TEST_F(Requests, HeadHasTheHeadersOfGetAndNoBody) {
    start();
    auto connection = client();
    const auto head = connection.ask("HEAD /health HTTP/1.1\r\nHost: test\r\n\r\n", true);
    EXPECT_EQ(head.header("content-length"), "11");
    EXPECT_EQ(connection.ask(get("/health")).body, R"({"ok":true})") << "no body came in between";
}

TEST_F(Requests, KeepsConnectionsByVersionAndHeader) {
    start();
    auto modern = client();
    EXPECT_EQ(modern.ask(get("/health")).status, 200);
    EXPECT_EQ(modern.ask(get("/health", "Connection: close\r\n")).header("connection"), "close");
    EXPECT_TRUE(modern.closedByPeer());
    auto old = client();
    EXPECT_EQ(
        old.ask("GET /health HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").header("connection"),
        "keep-alive");
    EXPECT_EQ(old.ask("GET /health HTTP/1.0\r\n\r\n").status, 200);
    EXPECT_TRUE(old.closedByPeer());
}

TEST_F(Requests, PipelinedOnesAreAnsweredInOrder) {
    router->add("GET", "/n/{number}", [](Request& request) {
        return Response::text(request.pathParam("number"), "text/plain");
    });
    start();
    auto connection = client();
    std::string burst;
    for (int i = 0; i < 200; ++i) {
        burst += i % 3 == 0 ? get("/health") : get("/n/" + std::to_string(i));
    }
    ASSERT_TRUE(connection.send(burst));
    for (int i = 0; i < 200; ++i) {
        ASSERT_EQ(connection.read().body, i % 3 == 0 ? R"({"ok":true})" : std::to_string(i));
    }
}

TEST_F(Requests, HalfClosedClientStillGetsItsAnswers) {
    start();
    auto connection = client();
    connection.send(post("/echo", "first") + post("/echo", "second"));
    connection.shutdownWrite();
    EXPECT_EQ(connection.read().body, "first");
    EXPECT_EQ(connection.read().body, "second");
    EXPECT_TRUE(connection.closedByPeer());
}

TEST_F(Requests, BodiesArriveWholeHoweverTheyAreCut) {
    start();
    const std::string request =
        post("/echo", "hello") +
        "POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n"
        "5;x=y\r\nhello\r\nA\r\n, chunked!\r\n0\r\nTrailer: x\r\n\r\n" +
        post("/echo", "end");
    for (const std::size_t step : {1, 7, 64, 1000}) {
        auto connection = client();
        for (std::size_t i = 0; i < request.size(); i += step) {
            ASSERT_TRUE(connection.send(request.substr(i, step)));
        }
        EXPECT_EQ(connection.read().body, "hello");
        EXPECT_EQ(connection.read().body, "hello, chunked!");
        EXPECT_EQ(connection.read().body, "end");
    }
}

TEST_F(Requests, LargeBodiesGoBothWays) {
    start();
    std::string body(10'000'000, '\0');
    for (std::size_t i = 0; i < body.size(); ++i)
        body[i] = static_cast<char>(i * 7 + i / 1000);
    auto connection = client();
    std::thread sender([&] { connection.send(post("/echo", body)); });
    const auto answer = connection.read();
    sender.join();
    EXPECT_TRUE(answer.body == body);
}

TEST_F(Requests, ExpectContinueIsAnsweredBeforeTheBody) {
    start();
    auto connection = client();
    connection.send(
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(connection.read().status, 100);
    EXPECT_EQ(connection.ask("hi").body, "hi");
    EXPECT_EQ(ask(get("/health", "Expect: something-else\r\n")).status, 417);
}

TEST_F(Requests, TooLargeBodyIsRefusedBeforeItIsSent) {
    options.maxBodyBytes = 1000;
    start();
    auto declared = client();
    const auto answer = declared.ask(
        "POST /echo HTTP/1.1\r\nHost: t\r\nContent-Length: 1001\r\n"
        "Expect: 100-continue\r\n\r\n");
    EXPECT_EQ(answer.status, 413);
    EXPECT_EQ(errorCode(answer), "PAYLOAD_TOO_LARGE");
    EXPECT_EQ(answer.header("connection"), "close");
    EXPECT_EQ(ask(post("/echo", std::string(1000, 'x'))).status, 200) << "the limit itself is fine";

    auto chunked = client();
    chunked.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n3E9\r\n");
    EXPECT_EQ(chunked.read().status, 413);
    auto endless = client();
    endless.send("POST /echo HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (int i = 0; i < 11; ++i)
        endless.send("64\r\n" + std::string(100, 'x') + "\r\n");
    EXPECT_EQ(endless.read().status, 413);
}

TEST_F(Requests, ClientThatSendsAllOfATooLargeBodySeesTheAnswer) {
    options.maxBodyBytes = 1000;
    start();
    auto connection = client();
    EXPECT_TRUE(connection.send(post("/echo", std::string(8'000'000, 'x'))));
    EXPECT_EQ(connection.read().status, 413);
}

TEST_F(Requests, UnknownRoutesAndMethodsAreContractErrors) {
    start();
    const auto missing = ask(get("/nowhere"));
    EXPECT_EQ(missing.status, 404);
    EXPECT_EQ(errorCode(missing), "NOT_FOUND");
    const auto method = ask("DELETE /health HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(method.status, 405);
    EXPECT_EQ(errorCode(method), "METHOD_NOT_ALLOWED");
    EXPECT_EQ(method.header("allow"), "GET, HEAD, OPTIONS");
    const auto options_ = ask("OPTIONS /echo HTTP/1.1\r\nHost: t\r\n\r\n");
    EXPECT_EQ(options_.status, 204);
    EXPECT_EQ(options_.header("allow"), "POST, OPTIONS");
}

TEST_F(Requests, ExceptionsBecomeAnInternalErrorThatTellsNothing) {
    router->add("GET", "/broken",
                [](Request&) -> Response { throw std::runtime_error("/secret/path is gone"); });
    start();
    const auto answer = ask(get("/broken"));
    EXPECT_EQ(answer.status, 500);
    EXPECT_EQ(errorCode(answer), "INTERNAL_ERROR");
    EXPECT_THAT(answer.body, testing::Not(testing::HasSubstr("secret")));
}

TEST_F(Requests, ErrorsCarryDetailsAndRetryAfter) {
    router->add("GET", "/limited", [](Request&) {
        host::Error error{host::ErrorCode::RateLimited, "slow down"};
        error.details["limit"] = 3;
        error.retryAfterSeconds = 7;
        return Response::error(error);
    });
    start();
    const auto answer = ask(get("/limited"));
    EXPECT_EQ(answer.status, 429);
    EXPECT_EQ(answer.header("retry-after"), "7");
    EXPECT_EQ(nlohmann::json::parse(answer.body)["error"]["details"]["limit"], 3);
}

TEST_F(Requests, LegacyPathsAnswerTheSameWithAWarningHeader) {
    router->addVersioned("GET", "/api/v1/jobs/{id}", [](Request& request) {
        return Response::text(request.pathParam("id"), "text/plain");
    });
    start();
    const auto current = ask(get("/api/v1/jobs/17"));
    EXPECT_EQ(current.body, "17");
    EXPECT_EQ(current.header("x-api-deprecated"), "");
    const auto legacy = ask(get("/api/jobs/17"));
    EXPECT_EQ(legacy.body, "17");
    EXPECT_EQ(legacy.header("x-api-deprecated"), "true");
}

TEST_F(Requests, PathAndQueryAreDecodedAndTheRawTargetKept) {
    router->add("GET", "/files/{name}", [](Request& request) {
        host::Json json;
        json["name"] = request.pathParam("name");
        json["q"] = request.query.get("q");
        json["all"] = request.query.all("e").size();
        json["raw"] = request.rawTarget;
        return Response::json(json);
    });
    start();
    const auto answer = ask(get("/files/a%20%C3%A9.png?q=x+y%2B&e=1&e=2"));
    const auto json = nlohmann::json::parse(answer.body);
    EXPECT_EQ(json["name"], "a \xC3\xA9.png");
    EXPECT_EQ(json["q"], "x y+");
    EXPECT_EQ(json["all"], 2);
    EXPECT_EQ(json["raw"], "/files/a%20%C3%A9.png?q=x+y%2B&e=1&e=2");
    EXPECT_EQ(ask("GET http://test/health HTTP/1.1\r\nHost: test\r\n\r\n").status, 200);
}

TEST_F(Requests, StreamedAnswersArriveInChunksAndKeepTheConnection) {
    router->add("GET", "/stream",
                [](Request&) {
                    return Response::stream("text/plain", [](host::http::StreamWriter& writer) {
                        for (int i = 0; i < 3; ++i)
                            writer.write("part" + std::to_string(i) + ";");
                    });
                },
                {Lane::Slow});
    start();
    auto connection = client();
    EXPECT_EQ(connection.ask(get("/stream")).body, "part0;part1;part2;");
    EXPECT_EQ(connection.ask(get("/health")).status, 200);
    auto old = client();
    old.send("GET /stream HTTP/1.0\r\n\r\n");
    EXPECT_THAT(old.readAll(), testing::EndsWith("\r\n\r\npart0;part1;part2;"));
}

TEST_F(Requests, ForwardedAddressCountsOnlyWithTheSecret) {
    options.forwardSecret = "s3cret";
    router->add("GET", "/who", [](Request& request) {
        return Response::text(request.clientAddress + request.header("X-Forward-Secret"),
                              "text/plain");
    });
    start();
    EXPECT_EQ(ask(get("/who", "X-Forwarded-For: 10.1.2.3\r\n")).body, "127.0.0.1");
    EXPECT_EQ(ask(get("/who", "X-Forwarded-For: 10.1.2.3\r\nX-Forward-Secret: wrong!\r\n")).body,
              "127.0.0.1");
    EXPECT_EQ(ask(get("/who", "X-Forwarded-For: 10.1.2.3\r\nX-Forward-Secret: s3cret\r\n")).body,
              "10.1.2.3");
}

TEST_F(Requests, PortInUseIsReportedByName) {
    start();
    host::http::ServerOptions second;
    second.port = server->port();
    const auto failed = host::http::Server::start(second, *front, router);
    ASSERT_FALSE(failed.ok());
    EXPECT_THAT(failed.error().message, testing::HasSubstr(std::to_string(server->port())));
    second.address = "203.0.113.7";
    second.port = 0;
    const auto foreign = host::http::Server::start(second, *front, router);
    ASSERT_FALSE(foreign.ok());
    EXPECT_THAT(foreign.error().message, testing::HasSubstr("203.0.113.7"));
}

}  // namespace
