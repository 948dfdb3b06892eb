// ipl.host.websocket/1 as a plugin uses it, through the C++ wrapper and by hand.
#include <gmock/gmock.h>

#include <future>

#include "ipl/plugin.hpp"
#include "ipl/websocket.hpp"
#include "plugins/plugin_call.hpp"
#include "sim-common/websocket.hpp"
#include "support/http_client.hpp"
#include "unit/plugins/plugin_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::plugins::HostContext;
using host::plugins::PluginCall;
using testing::HasSubstr;

class HostWebSocketTest : public testing::Test {
  protected:
    using Script = std::function<void(sim::WebSocketPeer&, sim::Connection&)>;

    // A server that grants every handshake, and a call of a plugin.
    void start(Script script, std::chrono::milliseconds within = 10s) {
        server_ = std::make_unique<sim::Server>([script](sim::Connection& connection) {
            auto request = connection.readRequest();
            if (!request) return;
            sim::WebSocketPeer peer(connection);
            if (!sim::asksForWebSocket(*request)) {
                connection.reply(403, "text/plain", "");
            } else if (peer.accept(*request)) {
                script(peer, connection);
            }
        });
        openCall(within);
    }
    void openCall(std::chrono::milliseconds within) {
        context_ = test::contextFor(nullptr, within);
        call_ =
            std::make_shared<PluginCall>(host_, context_, host::plugins::Expect::Nothing, false);
    }
    ipl::WebSocketRequest request() const {
        ipl::WebSocketRequest request;
        request.url = "ws://127.0.0.1:" + std::to_string(server_->port()) + "/ws";
        return request;
    }
    ipl::Host host() const { return ipl::Host(host_->abi()); }
    ipl::Call call() const { return ipl::Call(call_->abi()); }
    ipl::Status failureOf(const std::function<void()>& work) {
        try {
            work();
        } catch (const ipl::Error& error) {
            return error.status();
        }
        return ipl::Status{};
    }
    host::plugins::CallResult result(ipl_status status) {
        call_->close();
        return call_->result(status);
    }

    std::shared_ptr<HostContext> host_ = std::make_shared<HostContext>(
        "acme", "Studio A", Json::object(),
        host::plugins::HostServices{nullptr, std::make_shared<host::HttpClient>(), {}});
    std::unique_ptr<sim::Server> server_;
    host::plugins::CallContext context_;
    std::shared_ptr<PluginCall> call_;
};

void echo(sim::WebSocketPeer& peer, sim::Connection& /*connection*/) {
    while (auto frame = peer.receive(10s)) {
        if (!frame->isText()) return;
        peer.sendText(frame->payload);
        peer.sendBinary(frame->payload);
    }
}

TEST_F(HostWebSocketTest, MessagesGoBothWays) {
    start(echo);
    ASSERT_TRUE(ipl::WebSocket::available(host()));
    ipl::WebSocket socket(host(), call(), request());
    EXPECT_FALSE(socket.receive(0ms).has_value());
    socket.sendText("hello");
    const auto text = socket.receive(5s);
    ASSERT_TRUE(text);
    EXPECT_FALSE(text->binary);
    EXPECT_EQ(text->bytes, "hello");
    const auto binary = socket.receive(5s);
    ASSERT_TRUE(binary);
    EXPECT_TRUE(binary->binary);
    EXPECT_EQ(binary->bytes, "hello");
}

TEST_F(HostWebSocketTest, ARefusalIsUnavailableWithTheStatusInTheDetails) {
    sim::Server server([](sim::Connection& connection) {
        connection.readRequest();
        connection.reply(403, "text/plain", "no");
    });
    openCall(10s);
    ipl::WebSocketRequest asked;
    asked.url = "ws://127.0.0.1:" + std::to_string(server.port()) + "/";
    EXPECT_EQ(failureOf([&] { ipl::WebSocket(host(), call(), asked); }), ipl::Status::kUnavailable);
    const auto failed = result(IPL_E_UNAVAILABLE);
    EXPECT_THAT(failed.message, HasSubstr("answered 403"));
    EXPECT_EQ(failed.details["status"], 403);
}

TEST_F(HostWebSocketTest, ALostSocketIsUnavailableAndACloseAfterItNoFault) {
    start([](sim::WebSocketPeer&, sim::Connection& connection) { connection.reset(); });
    ipl::WebSocket socket(host(), call(), request());
    EXPECT_EQ(failureOf([&] { socket.receive(5s); }), ipl::Status::kUnavailable);
    EXPECT_EQ(failureOf([&] { socket.sendText("x"); }), ipl::Status::kUnavailable);
}

TEST_F(HostWebSocketTest, TheDeadlineOfTheCallIsATimeout) {
    start(echo, 200ms);
    ipl::WebSocket socket(host(), call(), request());
    EXPECT_EQ(failureOf([&] { socket.receive(30s); }), ipl::Status::kTimeout);
}

TEST_F(HostWebSocketTest, ACancelEndsReceiveAtOnce) {
    std::promise<void> there;
    start([&](sim::WebSocketPeer& peer, sim::Connection& connection) {
        there.set_value();
        echo(peer, connection);
    });
    auto waiting = std::async(std::launch::async, [&] {
        return failureOf([&] {
            ipl::WebSocket socket(host(), call(), request());
            socket.receive(30s);
        });
    });
    there.get_future().wait();
    context_.cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(waiting.get(), ipl::Status::kCancelled);
}

TEST_F(HostWebSocketTest, TheFifthSocketOfACallIsRefusedUntilOneIsClosed) {
    start(echo);
    std::vector<std::unique_ptr<ipl::WebSocket>> open;
    const auto another = [&] {
        open.push_back(std::make_unique<ipl::WebSocket>(host(), call(), request()));
    };
    for (int i = 0; i < 4; ++i)
        another();
    EXPECT_EQ(failureOf(another), ipl::Status::kInvalidArgument);
    open.pop_back();
    another();
    EXPECT_EQ(open.size(), 4U);
}

TEST_F(HostWebSocketTest, TheEndOfTheCallClosesWhatThePluginLeftOpen) {
    std::promise<int> said;
    start([&](sim::WebSocketPeer& peer, sim::Connection&) {
        const auto frame = peer.receive(10s);
        said.set_value(frame ? frame->first : 0);
    });
    const auto& table = *static_cast<const ipl_host_websocket*>(
        host_->abi()->get_interface(host_->abi(), IPL_HOST_WEBSOCKET));
    const std::string url = request().url;
    ipl_websocket_request raw{};
    raw.struct_size = sizeof raw;
    raw.url = {url.data(), url.size()};
    std::uint64_t socket = 0;
    ASSERT_EQ(table.open(host_->abi(), call_->abi(), &raw, &socket), IPL_OK);
    call_->close();
    EXPECT_EQ(said.get_future().get(), 0x88);  // a close frame
    ipl_websocket_message message{};
    message.struct_size = sizeof message;
    EXPECT_EQ(table.receive(host_->abi(), call_->abi(), socket, 0, &message), IPL_E_CANCELLED);
    EXPECT_EQ(table.open(host_->abi(), call_->abi(), &raw, &socket), IPL_E_CANCELLED);
}

TEST_F(HostWebSocketTest, WhatIsMalformedIsRefusedAndCounted) {
    start(echo);
    const auto& table = *static_cast<const ipl_host_websocket*>(
        host_->abi()->get_interface(host_->abi(), IPL_HOST_WEBSOCKET));
    std::uint64_t socket = 0;
    ipl_websocket_request small{};
    ipl_websocket_message message{};
    EXPECT_EQ(table.open(host_->abi(), call_->abi(), nullptr, &socket), IPL_E_INVALID_ARGUMENT);
    EXPECT_EQ(table.open(host_->abi(), call_->abi(), &small, &socket), IPL_E_INVALID_ARGUMENT);
    EXPECT_EQ(table.receive(host_->abi(), call_->abi(), 1, 0, &message), IPL_E_INVALID_ARGUMENT);
    message.struct_size = sizeof message;
    EXPECT_EQ(table.receive(host_->abi(), call_->abi(), 77, 0, &message), IPL_E_INVALID_ARGUMENT);
    table.close(host_->abi(), call_->abi(), 77);
    table.close(host_->abi(), nullptr, 77);
    EXPECT_EQ(result(IPL_OK).misbehaviours, 4U);
}

TEST_F(HostWebSocketTest, WithoutANetworkItIsUnavailable) {
    host_ = std::make_shared<HostContext>("acme", "Studio A", Json::object(),
                                          host::plugins::HostServices{});
    start(echo);
    EXPECT_EQ(failureOf([&] { ipl::WebSocket(host(), call(), request()); }),
              ipl::Status::kUnavailable);
}

}  // namespace
