// The host interfaces as a plugin uses them: config, metrics, http.
#include <gmock/gmock.h>

#include <future>

#include "common/raw_server.hpp"
#include "plugins/abi_text.hpp"
#include "plugins/plugin_call.hpp"
#include "support/http_client.hpp"
#include "unit/plugins/plugin_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::MetricsRegistry;
using host::plugins::HostContext;
using host::plugins::PluginCall;
using host::plugins::spanOf;
using host::plugins::viewOf;
using test::httpAnswer;
using test::RawConnection;
using test::RawServer;
using testing::HasSubstr;

class HostInterfaceTest : public testing::Test {
  protected:
    template <typename T>
    const T& get(const char* id) {
        const auto* table = static_cast<const T*>(host_->abi()->get_interface(host_->abi(), id));
        if (table == nullptr) throw std::runtime_error(id);
        return *table;
    }

    std::shared_ptr<MetricsRegistry> metrics_ = std::make_shared<MetricsRegistry>();
    std::shared_ptr<HostContext> host_ = std::make_shared<HostContext>(
        "acme", "Studio A",
        Json{{"url", "http://x"},
             {"n", 7},
             {"big", 1e300},
             {"on", true},
             {"deep", {{"a/b", {1, 2.5}}}}},
        host::plugins::HostServices{metrics_, std::make_shared<host::HttpClient>(), {}});
};

TEST_F(HostInterfaceTest, UnknownInterfacesAreNull) {
    EXPECT_EQ(host_->abi()->get_interface(host_->abi(), "ipl.host.teapot/1"), nullptr);
    EXPECT_EQ(host_->abi()->get_interface(host_->abi(), nullptr), nullptr);
}

TEST_F(HostInterfaceTest, ConfigGivesValuesOfTheRightTypeOnly) {
    const auto& config = get<ipl_host_config>(IPL_HOST_CONFIG);
    const ipl_host* host = host_->abi();
    ipl_span text{};
    EXPECT_EQ(config.get_string(host, "/url", &text), 1);
    EXPECT_EQ(viewOf(text), "http://x");
    EXPECT_EQ(text.data[text.size], '\0');
    std::int64_t integer = -1;
    EXPECT_EQ(config.get_i64(host, "/n", &integer), 1);
    EXPECT_EQ(integer, 7);
    double number = -1;
    EXPECT_EQ(config.get_f64(host, "/deep/a~1b/1", &number), 1);
    EXPECT_EQ(number, 2.5);
    EXPECT_EQ(config.get_f64(host, "/n", &number), 1);
    EXPECT_EQ(number, 7);
    std::int32_t on = 0;
    EXPECT_EQ(config.get_bool(host, "/on", &on), 1);
    EXPECT_EQ(on, 1);
    EXPECT_EQ(config.get_string(host, "/n", &text), 0);
    EXPECT_EQ(config.get_i64(host, "/big", &integer), 0);
    EXPECT_EQ(config.get_bool(host, "/n", &on), 0);
    for (const char* pointer :
         {"/absent", "url", "/deep/a~2b", "/deep/a~1b/9", "/deep/a~1b/-", ""}) {
        EXPECT_EQ(config.get_i64(host, pointer, &integer), 0) << pointer;
    }
    EXPECT_EQ(integer, 7);
}

TEST_F(HostInterfaceTest, MetricsGetThePrefixAndTheInstance) {
    const auto& metrics = get<ipl_host_metrics>(IPL_HOST_METRICS);
    const char* labels[] = {"kind", "a"};
    metrics.counter_add(host_->abi(), "tokens_total", labels, 1, 2);
    metrics.counter_add(host_->abi(), "tokens_total", labels, 1, 3);
    metrics.histogram_observe(host_->abi(), "seconds", nullptr, 0, 0.2);
    metrics.gauge_set(host_->abi(), "bad name!", nullptr, 0, 1);
    metrics.gauge_set(host_->abi(), "no_number", nullptr, 0, std::nan(""));
    metrics.gauge_set(host_->abi(), nullptr, nullptr, 0, 1);
    const std::string text = metrics_->text();
    const std::string instance = R"(instance="Studio A")";
    EXPECT_EQ(test::metricOf(text, "plugin_acme_seconds_count", instance), 1);
    EXPECT_EQ(test::metricOf(text, "plugin_acme_tokens_total", instance + R"(,kind="a")"), 5);
    EXPECT_EQ(text.find("bad name"), std::string::npos);
    EXPECT_GE(metrics_->dropped(), 2U);
}

// Collects an answer as a plugin would.
struct Answer {
    std::int32_t status = 0;
    std::string headers, body;
    ipl_status say = IPL_OK;

    ipl_http_sink sink() {
        ipl_http_sink sink{};
        sink.struct_size = sizeof sink;
        sink.ctx = this;
        sink.on_headers = [](void* ctx, std::int32_t code, ipl_span lines) -> ipl_status {
            auto* self = static_cast<Answer*>(ctx);
            self->status = code;
            self->headers = viewOf(lines);
            return IPL_OK;
        };
        sink.on_body = [](void* ctx, ipl_span bytes) -> ipl_status {
            auto* self = static_cast<Answer*>(ctx);
            self->body.append(viewOf(bytes));
            return self->say;
        };
        return sink;
    }
};

class HostHttpTest : public HostInterfaceTest {
  protected:
    void open(std::chrono::milliseconds within) {
        context_ = test::contextFor(nullptr, within);
        call_ =
            std::make_shared<PluginCall>(host_, context_, host::plugins::Expect::Nothing, false);
    }
    ipl_status perform(const std::string& url, Answer& answer, const std::string& headers = "",
                       const std::string& body = "") {
        if (!call_) open(10s);
        ipl_http_request request{};
        request.struct_size = sizeof request;
        request.method = spanOf(body.empty() ? "GET" : "POST");
        request.url = spanOf(url);
        request.headers = spanOf(headers);
        request.body = spanOf(body);
        const ipl_http_sink sink = answer.sink();
        return get<ipl_host_http>(IPL_HOST_HTTP)
            .perform(host_->abi(), call_->abi(), &request, &sink);
    }
    host::plugins::CallResult result(ipl_status status) {
        call_->close();
        return call_->result(status);
    }

    host::plugins::CallContext context_;
    std::shared_ptr<PluginCall> call_;
};

TEST_F(HostHttpTest, PassesRequestAndAnswerAndAddsTheCorrelationId) {
    std::string seen;
    RawServer server([&](RawConnection& c) {
        seen = c.readRequest();
        c.send(httpAnswer("done", "201 Created", "X-Kind: Tea\r\n"));
    });
    Answer answer;
    EXPECT_EQ(perform(server.url("/x"), answer, "Content-Type: text/plain\nX-A: b\n", "hello"),
              IPL_OK);
    EXPECT_EQ(answer.status, 201);
    EXPECT_EQ(answer.body, "done");
    EXPECT_THAT(answer.headers, HasSubstr("x-kind: Tea\n"));
    EXPECT_THAT(seen, HasSubstr("X-Correlation-ID: test-correlation\r\n"));
    EXPECT_THAT(seen, HasSubstr("X-A: b\r\n"));
    EXPECT_TRUE(seen.ends_with("hello"));
}

TEST_F(HostHttpTest, AnOwnCorrelationIdStays) {
    std::string seen;
    RawServer server([&](RawConnection& c) {
        seen = c.readRequest();
        c.send(httpAnswer("done"));
    });
    Answer answer;
    EXPECT_EQ(perform(server.url(), answer, "x-correlation-id: mine"), IPL_OK);
    EXPECT_THAT(seen, HasSubstr("x-correlation-id: mine\r\n"));
    EXPECT_EQ(seen.find("test-correlation"), std::string::npos);
}

TEST_F(HostHttpTest, FailuresHaveAStatusAndTheErrorIsAlreadySet) {
    int port = 0;
    {
        const RawServer gone([](RawConnection&) {});
        port = gone.port();
    }
    Answer answer;
    EXPECT_EQ(perform("http://127.0.0.1:" + std::to_string(port) + "/", answer), IPL_E_UNAVAILABLE);
    const auto failed = result(IPL_E_UNAVAILABLE);
    EXPECT_THAT(failed.message, HasSubstr("127.0.0.1:" + std::to_string(port)));
    call_.reset();
    EXPECT_EQ(perform("file:///etc/passwd", answer), IPL_E_INVALID_ARGUMENT);
    EXPECT_EQ(perform("http://127.0.0.1/", answer, "no colon here"), IPL_E_INVALID_ARGUMENT);
}

TEST_F(HostHttpTest, TheAnswerOfTheSinkIsWhatPerformReturns) {
    RawServer server([](RawConnection& c) {
        c.readRequest();
        c.send(httpAnswer("x"));
    });
    Answer answer;
    answer.say = IPL_E_BAD_OUTPUT;
    EXPECT_EQ(perform(server.url(), answer), IPL_E_BAD_OUTPUT);
}

TEST_F(HostHttpTest, TheDeadlineOfTheCallCounts) {
    RawServer server([](RawConnection& c) { c.waitForClose(); });
    open(100ms);
    Answer answer;
    const auto start = test::Clock::now();
    EXPECT_EQ(perform(server.url(), answer), IPL_E_TIMEOUT);
    EXPECT_LT(test::Clock::now() - start, 1s);
}

TEST_F(HostHttpTest, ACancelEndsItAtOnce) {
    std::promise<void> asked;
    RawServer server([&](RawConnection& c) {
        c.readRequest();
        asked.set_value();
        c.waitForClose();
    });
    open(30s);
    Answer answer;
    auto running = std::async(std::launch::async, [&] { return perform(server.url(), answer); });
    asked.get_future().wait();
    const auto start = test::Clock::now();
    context_.cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(running.get(), IPL_E_CANCELLED);
    EXPECT_LT(test::Clock::now() - start, 100ms);
    EXPECT_EQ(result(IPL_E_CANCELLED).status, host::plugins::CallStatus::Cancelled);
}

TEST(CallText, ACodePointThatIsCutBetweenTwoPiecesArrivesWhole) {
    auto observer = std::make_shared<test::MemoryObserver>();
    auto hostContext =
        std::make_shared<HostContext>("acme", "x", Json::object(), host::plugins::HostServices{});
    PluginCall call(hostContext, test::contextFor(observer), host::plugins::Expect::Text, false);
    const std::string text =
        "gr\xc3\xbc\xc3\x9f"
        "e \xf0\x9f\x9a\xa2!";
    for (const char c : text) {
        EXPECT_EQ(call.abi()->text(call.abi(), {&c, 1}, IPL_TEXT_DELTA), IPL_OK);
    }
    call.close();
    EXPECT_EQ(observer->textPieces(), text);
    const auto result = call.result(IPL_OK);
    EXPECT_EQ(result.text, text);
    EXPECT_EQ(result.misbehaviours, 0U);
}

TEST(CallText, ATextWithoutDeltaReplacesWhatCameBefore) {
    auto hostContext =
        std::make_shared<HostContext>("acme", "x", Json::object(), host::plugins::HostServices{});
    PluginCall call(hostContext, test::contextFor(nullptr), host::plugins::Expect::Text, false);
    call.abi()->text(call.abi(), spanOf("draft"), IPL_TEXT_DELTA);
    call.abi()->text(call.abi(), spanOf("final"), 0);
    call.close();
    EXPECT_EQ(call.result(IPL_OK).text, "final");
}

}  // namespace
