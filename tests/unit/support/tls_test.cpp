// https and wss against servers that really speak TLS: whom the host trusts, and how it says whom
// not.
#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>

#include "common/temp_dir.hpp"
#include "common/tls/tls_front.hpp"
#include "sim-common/websocket.hpp"
#include "support/http_client.hpp"
#include "support/websocket.hpp"

namespace {

using namespace std::chrono_literals;
using host::HttpOutcome;
using testing::AllOf;
using testing::HasSubstr;
using Clock = std::chrono::steady_clock;

// Answers a GET with its own words; a websocket gets back what it sends, and then a large binary.
class TlsTest : public testing::Test {
  protected:
    void SetUp() override { ::unsetenv("SSL_CERT_FILE"); }
    void TearDown() override { ::unsetenv("SSL_CERT_FILE"); }

    void trust(const test::TlsAuthority& authority) {
        const auto file = folder_ / "authority.pem";
        std::ofstream(file) << authority.certificate();
        ::setenv("SSL_CERT_FILE", file.c_str(), 1);
    }
    std::string url(const std::string& scheme) const { return front().url(scheme) + "/"; }
    test::TlsFront& front() const { return *front_; }
    void serve(const test::TlsIdentity& identity) {
        front_ = std::make_unique<test::TlsFront>(identity, server_.port());
    }

    static host::HttpResponse get(const std::string& url, std::chrono::milliseconds within = 10s) {
        host::HttpClient client;
        host::HttpRequest request;
        request.url = url;
        request.deadline = Clock::now() + within;
        return client.fetch(request);
    }
    static host::WebSocketOptions options(const std::string& url,
                                          std::chrono::milliseconds within = 10s) {
        host::WebSocketOptions options;
        options.url = url;
        options.deadline = Clock::now() + within;
        return options;
    }
    static host::HttpResult opened(const std::string& url) {
        return host::WebSocket(options(url)).open();
    }

    test::TlsAuthority authority_;

  private:
    test::TempDir folder_;
    sim::Server server_{[](sim::Connection& connection) {
        const auto request = connection.readRequest();
        if (!request) return;
        if (!sim::asksForWebSocket(*request)) {
            connection.reply(200, "text/plain", "in confidence");
            return;
        }
        sim::WebSocketPeer peer(connection);
        if (!peer.accept(*request)) return;
        const auto frame = peer.receive(10s);
        if (!frame) return;
        peer.sendText(frame->payload);
        peer.sendBinary(std::string(3'000'000, 'b'));
        connection.waitFor(10s);
    }};
    std::unique_ptr<test::TlsFront> front_;
};

TEST_F(TlsTest, AServerOfATrustedAuthorityAnswers) {
    trust(authority_);
    serve(authority_.issue());
    const auto answer = get(url("https"));
    EXPECT_TRUE(answer.result.ok()) << answer.result.message;
    EXPECT_EQ(answer.body, "in confidence");
}

TEST_F(TlsTest, AWebSocketCarriesMessagesBothWays) {
    trust(authority_);
    serve(authority_.issue());
    host::WebSocket socket(options(url("wss")));
    const auto result = socket.open();
    ASSERT_TRUE(result.ok()) << result.message;
    const std::string said(100'000, 'x');
    EXPECT_TRUE(socket.sendText(said).ok());
    host::WebSocketMessage message;
    ASSERT_TRUE(socket.receive(5s, message).ok());
    EXPECT_EQ(message.bytes, said);
    // Several TLS records, of which some lie decrypted when the socket itself has nothing to read.
    ASSERT_TRUE(socket.receive(5s, message).ok());
    EXPECT_EQ(message.kind, host::WebSocketMessage::Kind::Binary);
    EXPECT_EQ(message.bytes.size(), 3'000'000U);
    EXPECT_EQ(socket.receive(20ms, message).outcome, HttpOutcome::Timeout);
}

TEST_F(TlsTest, AnAuthorityThatNobodyTrustsIsRefusedAndToldWhatToDo) {
    serve(authority_.issue());
    for (const host::HttpResult& result : {get(url("https")).result, opened(url("wss"))}) {
        EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
        EXPECT_THAT(result.message, AllOf(HasSubstr("127.0.0.1:"), HasSubstr("SSL_CERT_FILE")));
    }
    EXPECT_EQ(front().granted(), 0) << "nothing was said to it";
}

TEST_F(TlsTest, ACertificateForAnotherNameIsRefused) {
    trust(authority_);
    serve(authority_.issue("DNS:studio.example"));
    for (const host::HttpResult& result : {get(url("https")).result, opened(url("wss"))}) {
        EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
        EXPECT_THAT(result.message, HasSubstr("another name"));
    }
}

TEST_F(TlsTest, AnExpiredCertificateIsRefused) {
    trust(authority_);
    serve(authority_.issue("IP:127.0.0.1", -1));
    for (const host::HttpResult& result : {get(url("https")).result, opened(url("wss"))}) {
        EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
        EXPECT_THAT(result.message, HasSubstr("expired"));
    }
}

TEST_F(TlsTest, AListOfAuthoritiesThatIsNotThereTrustsNobodyAndSaysSo) {
    serve(authority_.issue());
    ::setenv("SSL_CERT_FILE", "/nowhere/authority.pem", 1);
    for (const host::HttpResult& result : {get(url("https")).result, opened(url("wss"))}) {
        EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
        EXPECT_THAT(result.message, HasSubstr("SSL_CERT_FILE"));
    }
}

TEST(Tls, AServerThatSpeaksPlainHttpIsTold) {
    sim::Server plain([](sim::Connection& connection) {
        connection.peek(1, 10s);
        connection.reply(400, "text/plain", "what?");
    });
    const std::string where = "://127.0.0.1:" + std::to_string(plain.port()) + "/";
    host::HttpClient client;
    host::HttpRequest request;
    request.url = "https" + where;
    request.deadline = Clock::now() + 10s;
    host::WebSocketOptions options;
    options.url = "wss" + where;
    options.deadline = request.deadline;
    for (const host::HttpResult& result :
         {client.fetch(request).result, host::WebSocket(options).open()}) {
        EXPECT_EQ(result.outcome, HttpOutcome::Unavailable);
        EXPECT_THAT(result.message, HasSubstr("Is it http instead"));
    }
}

TEST(Tls, AServerThatNeverEndsTheHandshakeIsLeftInTime) {
    sim::Server silent([](sim::Connection& connection) { connection.waitFor(30s); });
    host::WebSocketOptions options;
    options.url = "wss://127.0.0.1:" + std::to_string(silent.port()) + "/";
    options.deadline = Clock::now() + 100ms;
    EXPECT_EQ(host::WebSocket(options).open().outcome, HttpOutcome::Timeout);
}

}  // namespace
