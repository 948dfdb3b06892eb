// The HTTP client of the C++ wrapper over a host interface that plays answers back.
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "ipl/plugin.hpp"
#include "test_host.hpp"

namespace {

using namespace std::chrono_literals;
using validate::TestCall;

// What the played-back host was asked and what it answers.
struct Exchange {
    std::string method, url, headers, body;
    uint64_t maxResponse = 0;
    int64_t timeout = 0;
    uint32_t flags = 0;

    int status = 200;
    std::string answerHeaders;
    std::vector<std::string> pieces;
    size_t delivered = 0;
    ipl_status result = IPL_OK;  // what perform gives when the sink takes everything
};

std::string textOf(ipl_span span) {
    return {span.data == nullptr ? "" : span.data, span.size};
}

ipl_span spanOf(std::string_view text) {
    return {text.data(), text.size()};
}

ipl_status perform(const ipl_host* host, const ipl_call* call, const ipl_http_request* request,
                   const ipl_http_sink* sink) {
    auto& exchange = *static_cast<Exchange*>(host->ctx);
    exchange.method = textOf(request->method);
    exchange.url = textOf(request->url);
    exchange.headers = textOf(request->headers);
    exchange.body = textOf(request->body);
    exchange.maxResponse = request->max_response;
    exchange.timeout = request->timeout_ms;
    exchange.flags = request->flags;
    if (exchange.result != IPL_OK) {
        call->set_error(call, exchange.result, nullptr, spanOf("said the host"), {});
        return exchange.result;
    }
    ipl_status status =
        sink->on_headers(sink->ctx, exchange.status, spanOf(exchange.answerHeaders));
    for (const auto& piece : exchange.pieces) {
        if (status != IPL_OK) break;
        status = sink->on_body(sink->ctx, spanOf(piece));
        ++exchange.delivered;
    }
    return status;
}

const ipl_host_http kHttp = {sizeof(ipl_host_http), 0, perform};

class WrapperHttp : public testing::Test {
  protected:
    WrapperHttp() {
        host_.struct_size = sizeof(host_);
        host_.ctx = &exchange_;
        host_.get_interface = [](const ipl_host*, const char* id) -> const void* {
            return std::string_view(id) == IPL_HOST_HTTP ? &kHttp : nullptr;
        };
    }

    Exchange exchange_;
    ipl_host host_{};
    TestCall testCall_{10s};
    ipl::Call call_{testCall_.abi()};
    ipl::HttpClient http() const { return ipl::HttpClient(ipl::Host(&host_)); }
};

TEST_F(WrapperHttp, PostSendsBodyAndHeadersAndCollectsTheAnswer) {
    exchange_.status = 201;
    exchange_.answerHeaders = "content-type: text/plain\nx-two:  padded \r";
    exchange_.pieces = {"hel", "lo"};
    const auto answer = http().post(call_, "http://a/b", "{}", {{"Accept", "*/*"}, {"X-A", "1"}});
    EXPECT_EQ(exchange_.method, "POST");
    EXPECT_EQ(exchange_.url, "http://a/b");
    EXPECT_EQ(exchange_.body, "{}");
    EXPECT_EQ(exchange_.headers, "Accept: */*\nX-A: 1\n");
    EXPECT_EQ(answer.status, 201);
    EXPECT_TRUE(answer.ok());
    EXPECT_TRUE(answer.complete);
    EXPECT_EQ(answer.body, "hello");
    EXPECT_EQ(answer.header("Content-Type"), "text/plain");
    EXPECT_EQ(answer.header("X-TWO"), "padded");
    EXPECT_EQ(answer.header("x-three"), std::nullopt);
}

TEST_F(WrapperHttp, AnErrorStatusIsAnAnswer) {
    exchange_.status = 503;
    const auto answer = http().get(call_, "http://a");
    EXPECT_EQ(answer.status, 503);
    EXPECT_FALSE(answer.ok());
}

TEST_F(WrapperHttp, FailureBecomesErrorWithTheHostsReason) {
    exchange_.result = IPL_E_UNAVAILABLE;
    try {
        http().get(call_, "http://a");
        FAIL() << "no Error";
    } catch (const ipl::Error& error) {
        EXPECT_EQ(error.status(), ipl::Status::kUnavailable);
        EXPECT_TRUE(error.message().empty());
    }
    EXPECT_EQ(testCall_.error(), "said the host");
}

TEST_F(WrapperHttp, BodyAboveTheBoundIsTooLarge) {
    exchange_.pieces = {"1234", "5678", "9"};
    ipl::HttpRequest request;
    request.url = "http://a";
    request.maxResponse = 8;
    try {
        http().perform(call_, request);
        FAIL() << "no Error";
    } catch (const ipl::Error& error) {
        EXPECT_EQ(error.status(), ipl::Status::kTooLarge);
    }
    EXPECT_EQ(exchange_.maxResponse, 8U);
}

TEST_F(WrapperHttp, StreamStopsWhenTheReceiverHasEnough) {
    exchange_.pieces = {"a", "b", "c"};
    ipl::HttpRequest request;
    request.url = "http://a";
    request.timeout = 1500ms;
    request.reuseConnection = false;
    std::string seen;
    int status = 0;
    const auto answer = http().stream(
        call_, request,
        [&](std::string_view piece) {
            seen += piece;
            return seen.size() < 2;
        },
        [&](const ipl::HttpResponse& head) {
            status = head.status;
            return true;
        });
    EXPECT_EQ(seen, "ab");
    EXPECT_EQ(status, 200);
    EXPECT_EQ(exchange_.delivered, 2U);
    EXPECT_FALSE(answer.complete);
    EXPECT_EQ(exchange_.timeout, 1500);
    EXPECT_EQ(exchange_.flags, IPL_HTTP_NO_REUSE);
}

TEST_F(WrapperHttp, ExceptionOfTheReceiverComesOutOfStream) {
    exchange_.pieces = {"a", "b"};
    ipl::HttpRequest request;
    request.url = "http://a";
    const auto receive = [](std::string_view) -> bool { throw std::runtime_error("not JSON"); };
    EXPECT_THROW(http().stream(call_, request, receive), std::runtime_error);
    EXPECT_EQ(exchange_.delivered, 1U);
}

TEST_F(WrapperHttp, LineBreakInAHeaderIsRefused) {
    EXPECT_THROW(http().get(call_, "http://a", {{"X", "1\r\nHost: b"}}), ipl::Error);
    EXPECT_TRUE(exchange_.url.empty());
}

TEST_F(WrapperHttp, HostWithoutHttpIsReported) {
    host_.get_interface = [](const ipl_host*, const char*) -> const void* { return nullptr; };
    EXPECT_THROW(http(), ipl::Error);
}

}  // namespace
