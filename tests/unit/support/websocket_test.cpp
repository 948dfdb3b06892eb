// The host's websocket against real servers: what comes through, and whatever a server can do to
// it.
#include "support/websocket.hpp"

#include <gmock/gmock.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <future>

#include "sim-common/websocket.hpp"
#include "support/websocket_handshake.hpp"

namespace {

using namespace std::chrono_literals;
using host::HttpOutcome;
using host::WebSocket;
using host::WebSocketFrames;
using host::WebSocketMessage;
using host::WebSocketOptions;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;
using Kind = WebSocketMessage::Kind;

// Grants the handshake, then does what the test says.
class SocketServer {
  public:
    using Script = std::function<void(sim::WebSocketPeer&, sim::Connection&)>;
    explicit SocketServer(Script script)
        : server_([this, script = std::move(script)](sim::Connection& connection) {
              auto request = connection.readRequest();
              if (!request) return;
              request_.set_value(*request);
              sim::WebSocketPeer peer(connection);
              if (peer.accept(*request)) script(peer, connection);
          }) {}
    WebSocketOptions options(std::chrono::milliseconds within = 10s) const {
        WebSocketOptions options;
        options.url = "ws://127.0.0.1:" + std::to_string(server_.port()) + "/ws?clientId=a%20b";
        options.deadline = Clock::now() + within;
        return options;
    }
    sim::Request request() { return request_.get_future().get(); }

  private:
    std::promise<sim::Request> request_;
    sim::Server server_;
};

void stay(sim::WebSocketPeer& /*peer*/, sim::Connection& connection) {
    connection.waitFor(30s);
}

struct Received {
    host::HttpResult result;
    WebSocketMessage message;
};

Received receive(WebSocket& socket, std::chrono::milliseconds timeout = 5s) {
    Received out;
    out.result = socket.receive(timeout, out.message);
    return out;
}

TEST(WebSocket, TheHandshakeSaysWhatRfc6455Wants) {
    SocketServer server(stay);
    auto options = server.options();
    options.headers = {{"X-Correlation-ID", "c1"}, {"Host", "evil"}, {"Sec-WebSocket-Key", "x"}};
    WebSocket socket(options);
    const auto opened = socket.open();
    ASSERT_TRUE(opened.ok()) << opened.message;
    const auto request = server.request();
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.target, "/ws?clientId=a%20b");
    EXPECT_EQ(request.header("upgrade"), "websocket");
    EXPECT_EQ(request.header("sec-websocket-version"), "13");
    EXPECT_EQ(request.header("sec-websocket-key").size(), 24U);
    EXPECT_THAT(request.header("host"), HasSubstr("127.0.0.1:"));
    EXPECT_EQ(request.header("x-correlation-id"), "c1");
    EXPECT_EQ(request.header("origin"), "");
    EXPECT_EQ(request.header("sec-websocket-extensions"), "");
}

TEST(WebSocket, TextsBinariesAndFragmentsArriveInOrder) {
    SocketServer server([](sim::WebSocketPeer& peer, sim::Connection& connection) {
        peer.sendText("first");
        peer.sendBinary(std::string(70'000, 'b'));
        peer.sendFrame(0x01, "sec");  // a text in three pieces, a ping between
        peer.sendFrame(0x00, "");
        peer.sendFrame(0x89, "are you there");
        peer.sendFrame(0x80, "ond");
        peer.sendText("");
        connection.waitFor(30s);
    });
    WebSocket socket(server.options());
    ASSERT_TRUE(socket.open().ok());
    auto got = receive(socket);
    EXPECT_EQ(got.message.kind, Kind::Text);
    EXPECT_EQ(got.message.bytes, "first");
    got = receive(socket);
    EXPECT_EQ(got.message.kind, Kind::Binary);
    EXPECT_EQ(got.message.bytes.size(), 70'000U);
    EXPECT_EQ(receive(socket).message.bytes, "second");
    got = receive(socket);
    EXPECT_EQ(got.message.kind, Kind::Text);
    EXPECT_EQ(got.message.bytes, "");
}

TEST(WebSocket, APingIsAnsweredAndATextGoesOutMasked) {
    std::promise<sim::WebSocketPeer::Frame> pong;
    std::promise<sim::WebSocketPeer::Frame> text;
    SocketServer server([&](sim::WebSocketPeer& peer, sim::Connection& connection) {
        text.set_value(peer.receive(5s).value_or(sim::WebSocketPeer::Frame{}));
        peer.sendFrame(0x89, "tick");
        pong.set_value(peer.receive(5s).value_or(sim::WebSocketPeer::Frame{}));
        peer.sendText("go on");
        connection.waitFor(30s);
    });
    WebSocket socket(server.options());
    ASSERT_TRUE(socket.open().ok());
    ASSERT_TRUE(socket.sendText(std::string(300, 'h')).ok());
    EXPECT_EQ(receive(socket).message.bytes, "go on");
    EXPECT_EQ(text.get_future().get().payload, std::string(300, 'h'));
    const auto answer = pong.get_future().get();
    EXPECT_EQ(answer.first, 0x8A);
    EXPECT_EQ(answer.payload, "tick");
}

TEST(WebSocket, ATimeoutLeavesItStandingEvenInTheMiddleOfAFrame) {
    std::promise<void> goOn;
    SocketServer server([&](sim::WebSocketPeer& /*peer*/, sim::Connection& connection) {
        connection.send("\x81\x05he");
        goOn.get_future().wait();
        connection.send("llo");
        connection.waitFor(30s);
    });
    WebSocket socket(server.options());
    ASSERT_TRUE(socket.open().ok());
    EXPECT_EQ(receive(socket, 30ms).result.outcome, HttpOutcome::Timeout);
    goOn.set_value();
    EXPECT_EQ(receive(socket).message.bytes, "hello");
}

TEST(WebSocket, AServerThatDoesNotStopPingingDoesNotHoldUs) {
    SocketServer server([](sim::WebSocketPeer& peer, sim::Connection& /*connection*/) {
        while (peer.sendFrame(0x89, "x")) {
        }
    });
    WebSocket socket(server.options());
    ASSERT_TRUE(socket.open().ok());
    const auto start = Clock::now();
    EXPECT_EQ(receive(socket, 200ms).result.outcome, HttpOutcome::Timeout);
    EXPECT_LT(Clock::now() - start, 5s);
}

TEST(WebSocket, ACancelEndsReceiveAtOnce) {
    std::promise<void> there;
    SocketServer server([&](sim::WebSocketPeer& /*peer*/, sim::Connection& connection) {
        there.set_value();
        connection.waitFor(30s);
    });
    const int cancel = ::eventfd(0, EFD_CLOEXEC);
    auto options = server.options(30s);
    options.cancel.fd = cancel;
    WebSocket socket(options);
    ASSERT_TRUE(socket.open().ok());
    there.get_future().wait();
    auto waiting = std::async(std::launch::async, [&] { return receive(socket, 30s); });
    const std::uint64_t one = 1;
    ASSERT_EQ(::write(cancel, &one, sizeof one), 8);
    EXPECT_EQ(waiting.get().result.outcome, HttpOutcome::Cancelled);
    ::close(cancel);
}

TEST(WebSocket, AHandshakeWithoutAnswerEndsAtItsTime) {
    sim::Server server([](sim::Connection& connection) {
        connection.readRequest();
        connection.waitFor(30s);
    });
    WebSocketOptions options;
    options.url = "ws://127.0.0.1:" + std::to_string(server.port());
    options.deadline = Clock::now() + 30s;
    options.openTimeout = 100ms;
    WebSocket socket(options);
    EXPECT_EQ(socket.open().outcome, HttpOutcome::Timeout);
}

TEST(WebSocket, AServerThatNeverReadsDoesNotHoldASender) {
    SocketServer server(stay);
    auto options = server.options(1s);
    WebSocket socket(options);
    ASSERT_TRUE(socket.open().ok());
    EXPECT_EQ(socket.sendText(std::string(16 << 20, 'x')).outcome, HttpOutcome::Timeout);
}

struct Ended {
    const char* name;
    SocketServer::Script script;
    HttpOutcome outcome;
    const char* says;
};

void PrintTo(const Ended& one, std::ostream* out) {
    *out << one.name;
}

class WebSocketEnd : public testing::TestWithParam<Ended> {};

TEST_P(WebSocketEnd, IsToldAndWhatCameBeforeIsNotLost) {
    SocketServer server([](sim::WebSocketPeer& peer, sim::Connection& connection) {
        peer.sendText("before");
        GetParam().script(peer, connection);
    });
    auto options = server.options();
    options.maxMessageBytes = 1000;
    WebSocket socket(options);
    ASSERT_TRUE(socket.open().ok());
    EXPECT_EQ(receive(socket).message.bytes, "before");
    const auto end = receive(socket);
    EXPECT_EQ(end.result.outcome, GetParam().outcome);
    EXPECT_THAT(end.result.message, HasSubstr(GetParam().says));
    EXPECT_FALSE(receive(socket).result.ok());
    EXPECT_FALSE(socket.sendText("anybody?").ok());
}

using Peer = sim::WebSocketPeer;
using Connection = sim::Connection;
const auto kUnavailable = HttpOutcome::Unavailable;

INSTANTIATE_TEST_SUITE_P(
    All, WebSocketEnd,
    testing::Values(
        Ended{"closed", [](Peer& peer, Connection&) { peer.sendClose(1001); }, kUnavailable,
              "(code 1001)"},
        Ended{"gone", [](Peer&, Connection&) {}, kUnavailable, "was lost"},
        Ended{"reset", [](Peer&, Connection& connection) { connection.reset(); }, kUnavailable,
              "was lost"},
        Ended{"cut_in_a_frame", [](Peer&, Connection& c) { c.send("\x81\x7e\x01"); }, kUnavailable,
              "was lost"},
        Ended{"too_large", [](Peer& peer, Connection&) { peer.sendText(std::string(1001, 'x')); },
              HttpOutcome::TooLarge, "over the allowed 1000"},
        Ended{"too_large_in_fragments",
              [](Peer& peer, Connection&) {
                  for (int i = 0; i < 1001 && peer.sendFrame(i == 0 ? 1 : 0, "x"); ++i) {
                  }
              },
              HttpOutcome::TooLarge, "over the allowed 1000"},
        Ended{"huge_length",
              [](Peer&, Connection& c) {
                  c.send(std::string("\x82\x7f\x7f\xff\xff\xff\xff\xff\xff\xffx", 11));
              },
              HttpOutcome::TooLarge, "over the allowed 1000"},
        Ended{"no_utf8", [](Peer& peer, Connection&) { peer.sendText("\xff"); }, kUnavailable,
              "does not keep to the websocket protocol"},
        Ended{"reserved_bit", [](Peer& peer, Connection&) { peer.sendFrame(0xC1, "x"); },
              kUnavailable, "protocol"},
        Ended{"unknown_opcode", [](Peer& peer, Connection&) { peer.sendFrame(0x83, "x"); },
              kUnavailable, "protocol"},
        Ended{"continuation_of_nothing", [](Peer& peer, Connection&) { peer.sendFrame(0x80, "x"); },
              kUnavailable, "protocol"},
        Ended{"fragmented_ping", [](Peer& peer, Connection&) { peer.sendFrame(0x09, "x"); },
              kUnavailable, "protocol"}),
    [](const auto& test) { return std::string(test.param.name); });

struct Refused {
    const char* name;
    std::string answer;
    int status;
    const char* says;
};

void PrintTo(const Refused& one, std::ostream* out) {
    *out << one.name;
}

class WebSocketRefusal : public testing::TestWithParam<Refused> {};

TEST_P(WebSocketRefusal, IsUnavailableWithItsReason) {
    sim::Server server([](sim::Connection& connection) {
        connection.readRequest();
        connection.send(GetParam().answer);
    });
    WebSocketOptions options;
    options.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/ws";
    options.deadline = Clock::now() + 10s;
    WebSocket socket(options);
    const auto result = socket.open();
    EXPECT_EQ(result.outcome, HttpOutcome::Unavailable) << result.message;
    EXPECT_EQ(result.status, GetParam().status);
    EXPECT_THAT(result.message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    All, WebSocketRefusal,
    testing::Values(Refused{"forbidden", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 403,
                            "answered 403 to the request for a websocket"},
                    Refused{"no_http", "220 mail.example ESMTP\r\n\r\n", 0, "does not speak HTTP"},
                    Refused{"wrong_key",
                            "HTTP/1.1 101 S\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
                            101, "not as RFC 6455 wants it"},
                    Refused{"cut", "HTTP/1.1 101 Switching", 0, "was lost"}),
    [](const auto& test) { return std::string(test.param.name); });

TEST(WebSocket, WhatIsNoWebsocketUrlOrHeaderIsRefusedBeforeAnythingGoesOut) {
    for (const char* url : {"", "http://127.0.0.1/", "ws://", "ws://a b/", "ftp://x"}) {
        WebSocketOptions options;
        options.url = url;
        options.deadline = Clock::now() + 1s;
        EXPECT_EQ(WebSocket(options).open().outcome, HttpOutcome::Invalid) << url;
    }
    WebSocketOptions options;
    options.url = "ws://127.0.0.1:1/";
    options.deadline = Clock::now() + 1s;
    options.headers = {{"X", "a\r\nInjected: b"}};
    EXPECT_EQ(WebSocket(options).open().outcome, HttpOutcome::Invalid);
}

TEST(WebSocketHandshake, TheKeyIsAnsweredAsInTheRfc) {
    EXPECT_EQ(host::websocketAccept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
    EXPECT_NE(host::websocketKey(), host::websocketKey());
}

TEST(WebSocketHandshake, CredentialsOfTheUrlGoOutAsBasicAuthorization) {
    const auto url = host::parseHttpUrl("http://me:s%20t@a.example/x?y=1");
    const auto request = host::websocketRequest(url, {}, "key");
    ASSERT_TRUE(request);
    EXPECT_THAT(*request, HasSubstr("GET /x?y=1 HTTP/1.1\r\nHost: a.example\r\n"));
    EXPECT_THAT(*request, HasSubstr("Authorization: Basic bWU6cyB0\r\n"));
}

// Nothing grows with pings that come faster than the answers go out: each feed is read to its end.
TEST(WebSocketFrames, EachPingIsAnsweredOnce) {
    WebSocketFrames frames(100);
    std::string pings;
    for (int i = 0; i < 1000; ++i)
        pings += std::string("\x89\x00", 2);
    frames.feed(pings);
    EXPECT_EQ(frames.state(), WebSocketFrames::State::Open);
    EXPECT_EQ(frames.outgoing().size(), 6000U);
}

}  // namespace
