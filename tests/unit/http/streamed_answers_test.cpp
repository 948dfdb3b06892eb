// Bodies that a handler writes piece by piece: how they are framed, and how they break off.
#include <sys/socket.h>

#include <atomic>
#include <cerrno>

#include "unit/http/fixture.hpp"

namespace test {

namespace {

using host::http::StreamWriter;

class StreamedAnswers : public ServerTest {
  protected:
    // GET /x promises `length` and writes `pieces`; `broken`: then something goes wrong.
    void serve(std::optional<std::uint64_t> length, std::vector<std::string> pieces,
               bool broken = false) {
        router->add("GET", "/x",
                    [=](Request&) {
                        Response response = Response::stream("text/plain", [=](StreamWriter& out) {
                            for (const std::string& piece : pieces)
                                out.write(piece);
                            if (broken) throw std::runtime_error("the upstream is gone");
                        });
                        response.streamLength = length;
                        return response;
                    },
                    {Lane::Slow});
        start();
    }
};

TEST_F(StreamedAnswers, OfKnownLengthSayItAndKeepTheConnection) {
    serve(6, {"one", "two"});
    RawClient one = client();
    for (int i = 0; i < 2; ++i) {
        const Answer answer = one.ask(get("/x"));
        EXPECT_EQ(answer.header("content-length"), "6");
        EXPECT_EQ(answer.header("transfer-encoding"), "");
        EXPECT_EQ(answer.body, "onetwo");
    }
    const Answer head = one.ask("HEAD /x HTTP/1.1\r\nHost: test\r\n\r\n", true);
    EXPECT_EQ(head.header("content-length"), "6");
    EXPECT_EQ(one.ask(get("/x")).body, "onetwo");
}

TEST_F(StreamedAnswers, ShorterThanPromisedAreCutOff) {
    serve(7, {"one", "two"});
    RawClient one = client();
    one.send(get("/x"));
    EXPECT_TRUE(one.readAll().ends_with("\r\n\r\nonetwo"));
    EXPECT_TRUE(one.closedByPeer());
}

TEST_F(StreamedAnswers, LongerThanPromisedAreCutOff) {
    serve(5, {"one", "two"});
    RawClient one = client();
    one.send(get("/x"));
    EXPECT_TRUE(one.readAll().ends_with("\r\n\r\none"));
    EXPECT_TRUE(one.closedByPeer());
}

TEST_F(StreamedAnswers, ThatBreakOffLackTheLastChunk) {
    serve({}, {"one"}, true);
    RawClient one = client();
    one.send(get("/x"));
    EXPECT_TRUE(one.readAll().ends_with("\r\n3\r\none\r\n"));
}

TEST_F(StreamedAnswers, ThatBreakOffAreResetForClientsThatReadToTheEnd) {
    serve({}, {"one"}, true);
    RawClient old = client();
    old.send("GET /x HTTP/1.0\r\n\r\n");
    char bytes[4096];
    ssize_t got = 1;
    while (got > 0)
        got = ::recv(old.fd(), bytes, sizeof bytes, 0);
    EXPECT_EQ(got, -1);
    EXPECT_EQ(errno, ECONNRESET);
}

class WaitingHandlers : public ServerTest {};

TEST_F(WaitingHandlers, AreToldThatTheirClientLeft) {
    Gate entered;
    std::atomic<bool> goneAtFirst{true};
    std::atomic<bool> told{false};
    router->add("GET", "/wait",
                [&](Request& request) {
                    goneAtFirst = request.clientGone();
                    entered.open();
                    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
                    while (!told && std::chrono::steady_clock::now() < until)
                        told = request.clientGone();
                    return Response::empty(204);
                },
                {Lane::Slow});
    start();
    {
        RawClient leaving = client();
        leaving.send(get("/wait"));
        ASSERT_TRUE(entered.wait());
    }
    server->stop(std::chrono::seconds(30));
    front->stop();
    EXPECT_FALSE(goneAtFirst);
    EXPECT_TRUE(told);
}

}  // namespace

}  // namespace test
