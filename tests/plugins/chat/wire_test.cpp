// The plugin against scripted servers over real sockets; answers from recordings where there are
// any.
#include <future>

#include "common/backend_run.hpp"
#include "plugins/chat/scripted.hpp"
#include "sim-llm/model.hpp"

namespace {

using namespace std::chrono_literals;
using host::plugins::CallStatus;
using host::plugins::PromptBackend;
using test::play;
using test::recorded;
using test::Scripted;
using test::streamWord;
using testing::Contains;
using testing::HasSubstr;
using Plugin = test::BackendRun<PromptBackend>;

Plugin startPlugin(const sim::Server& server, host::Json settings = {{"model", "m"}}) {
    settings["url"] = server.url();
    return Plugin(IPL_PLUGIN_DIR "/chat.so", IPL_ROLE_PROMPT, settings);
}

test::Outcome complete(Plugin& plugin, std::chrono::milliseconds time = 20s,
                       std::shared_ptr<host::plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [](auto& backend, const auto& context) {
            host::plugins::TextRequest request;
            request.system = "write a prompt";
            request.user = "a red cat";
            return backend.complete(request, context);
        },
        time, std::move(cancellation));
}

TEST(ChatWire, ARecordedStreamBecomesText) {
    Scripted scripted(recorded("chat_stream"));
    Plugin plugin = startPlugin(scripted.server(), {{"model", "tiny"}, {"api_key", "sekret"}});
    auto outcome = complete(plugin);
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    EXPECT_THAT(outcome.result.text, HasSubstr("close dog river sky"));
    EXPECT_THAT(outcome.collected->text(), HasSubstr("close dog river sky"));

    auto request = scripted.requests().at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/v1/chat/completions");
    EXPECT_EQ(request.header("authorization"), "Bearer sekret");
    EXPECT_EQ(request.header("x-correlation-id"), "test-correlation");
    EXPECT_EQ(request.header("content-length"), std::to_string(request.body.size()));
    auto body = nlohmann::json::parse(request.body);
    EXPECT_EQ(body["stream"], true);
    EXPECT_EQ(body["model"], "tiny");
}

struct Case {
    const char* recording;
    CallStatus status;
    const char* says = "";
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.recording;
}

class ChatRecorded : public testing::TestWithParam<Case> {};

TEST_P(ChatRecorded, EndsWithItsStatusAndItsWords) {
    Scripted scripted(recorded(GetParam().recording));
    Plugin plugin = startPlugin(scripted.server());
    auto outcome = complete(plugin);
    EXPECT_EQ(outcome.result.status, GetParam().status) << outcome.result.message;
    EXPECT_THAT(outcome.result.ok() ? outcome.result.text : outcome.result.message,
                HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    LlamaServer, ChatRecorded,
    testing::Values(Case{"chat_ok", CallStatus::Ok, "close dog"},
                    Case{"chat_stream_usage", CallStatus::Ok, "sky"},
                    Case{"chat_stream_progress", CallStatus::Ok, "river"},
                    Case{"chat_stream_timings", CallStatus::Ok, "river"},
                    Case{"chat_stream_multibyte", CallStatus::Ok, "éé猫猫é"},
                    Case{"slow_stream_with_sse_pings", CallStatus::Ok, "system green rain"},
                    Case{"reasoning_stream", CallStatus::Ok, "with old night"},
                    Case{"reasoning_format_none", CallStatus::Ok, "with old night"},
                    Case{"chat_stream_byte_tokens", CallStatus::Upstream, "peg-native"},
                    Case{"reasoning_cut_by_max_tokens", CallStatus::BadOutput,
                         "max_tokens ran out"},
                    Case{"reasoning_enable_thinking_false", CallStatus::BadOutput, "only thought"},
                    Case{"err_context_overflow_stream", CallStatus::TooLarge, "3620 tokens"},
                    Case{"auth_missing", CallStatus::InvalidArgument, "api key"},
                    Case{"router_chat_unknown_model", CallStatus::InvalidArgument, "model 'm'"},
                    Case{"not_found", CallStatus::InvalidArgument, "address"},
                    Case{"err_bad_json", CallStatus::Upstream, "parse error"}),
    [](const auto& test) { return test.param.recording; });

TEST(ChatWire, ReasoningIsKeptOutOfTheText) {
    Scripted scripted(recorded("reasoning_stream"));
    Plugin plugin = startPlugin(scripted.server());
    auto result = complete(plugin).result;
    EXPECT_THAT(result.reasoning, HasSubstr("paper window house"));
    EXPECT_THAT(result.text, testing::Not(HasSubstr("paper window house")));
}

TEST(ChatWire, ALoadingModelIsWaitedFor) {
    auto loading = recorded("loading_chat_503");
    Scripted scripted([&](sim::Connection& connection, const sim::Request& request, int number) {
        return number <= 2 ? loading(connection, request, number) : streamWord(connection);
    });
    Plugin plugin = startPlugin(scripted.server());
    auto outcome = complete(plugin);
    EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    EXPECT_EQ(outcome.result.text, "cat");
    EXPECT_THAT(outcome.collected->phases(), Contains("loading model"));
}

TEST(ChatWire, AModelThatNeverLoadsEndsAtTheDeadline) {
    Scripted scripted(recorded("loading_chat_503"));
    Plugin plugin = startPlugin(scripted.server());
    auto outcome = complete(plugin, 700ms);
    EXPECT_EQ(outcome.result.status, CallStatus::Timeout);
    EXPECT_THAT(outcome.result.message, HasSubstr("loading"));
}

TEST(ChatWire, ACancelWhileTheModelLoadsIsHeard) {
    std::promise<void> asked;
    auto loading = recorded("loading_chat_503");
    Scripted scripted([&](sim::Connection& connection, const sim::Request& request, int number) {
        if (number == 1) asked.set_value();
        return loading(connection, request, number);
    });
    Plugin plugin = startPlugin(scripted.server());
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    auto call = std::async(std::launch::async, [&] { return complete(plugin, 20s, cancellation); });
    asked.get_future().wait();
    auto begun = std::chrono::steady_clock::now();
    cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 200ms);
}

// The model is freed because the server sees the connection close.
TEST(ChatWire, ACancelClosesTheConnectionToTheModel) {
    for (bool begun : {false, true}) {
        std::promise<void> waiting;
        std::promise<std::chrono::steady_clock::time_point> closed;
        sim::Server server([&](sim::Connection& connection) {
            if (!connection.readRequest()) return;
            if (begun) {
                connection.beginChunked(200, "text/event-stream");
                connection.sendChunk("data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n");
            }
            waiting.set_value();
            if (connection.waitFor(10s) == sim::Connection::Wait::PeerClosed)
                closed.set_value(std::chrono::steady_clock::now());
        });
        Plugin plugin = startPlugin(server);
        auto cancellation = std::make_shared<host::plugins::Cancellation>();
        auto call =
            std::async(std::launch::async, [&] { return complete(plugin, 20s, cancellation); });
        waiting.get_future().wait();
        auto start = std::chrono::steady_clock::now();
        cancellation->cancel(host::plugins::CancelReason::User);
        auto seen = closed.get_future();
        ASSERT_EQ(seen.wait_for(5s), std::future_status::ready);
        EXPECT_LT(seen.get() - start, 200ms);
        EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
    }
}

TEST(ChatWire, AConnectionThatWasClosedAfterAStreamIsReplaced) {  // llama-server 7
    Scripted scripted(recorded("keepalive_3_after_stream"));
    Plugin plugin = startPlugin(scripted.server());
    for (int i = 0; i < 4; ++i) {
        auto result = complete(plugin).result;
        EXPECT_EQ(result.status, CallStatus::Ok) << result.message;
    }
}

TEST(ChatWire, ASilentServerIsATimeout) {
    Scripted scripted([](sim::Connection& connection, const sim::Request&, int) {
        connection.waitFor(10s);
        return false;
    });
    Plugin plugin = startPlugin(scripted.server());
    EXPECT_EQ(complete(plugin, 300ms).result.status, CallStatus::Timeout);
}

TEST(ChatWire, AFloodOfCommentsIsStopped) {
    Scripted scripted([](sim::Connection& connection, const sim::Request&, int) {
        connection.beginChunked(200, "text/event-stream");
        std::string comment = ":" + std::string(32 * 1024, ' ') + "\n\n";
        while (connection.sendChunk(comment)) {
        }
        return false;
    });
    Plugin plugin = startPlugin(scripted.server());
    auto result = complete(plugin).result;
    EXPECT_EQ(result.status, CallStatus::BadOutput);
    EXPECT_THAT(result.message, HasSubstr("no end"));
}

TEST(ChatWire, TheFirstListedModelIsUsedWhenNoneIsNamed) {
    Scripted scripted([](sim::Connection& connection, const sim::Request& request, int) {
        if (request.target == "/v1/models")
            return connection.reply(200, "application/json",
                                    R"({"data":[{"id":"nomic-embed"},{"id":"qwen3"}]})");
        if (request.target.starts_with("/api/")) return connection.reply(404, "", "");
        return streamWord(connection);
    });
    Plugin plugin = startPlugin(scripted.server(), host::Json::object());
    complete(plugin);
    complete(plugin);
    auto requests = scripted.requests();
    std::erase_if(requests, [](const auto& one) { return one.target.starts_with("/api/"); });
    ASSERT_EQ(requests.size(), 3u);  // the list once only
    EXPECT_EQ(nlohmann::json::parse(requests[1].body)["model"], "qwen3");
    EXPECT_EQ(nlohmann::json::parse(requests[2].body)["model"], "qwen3");
}

TEST(ChatWire, WithoutAListTheRequestNamesNoModel) {
    for (const char* list : {R"({"data":null})", R"({"object":"list"})", "<html>"}) {
        Scripted scripted([list](sim::Connection& connection, const sim::Request& request, int) {
            if (request.target == "/v1/models")
                return connection.reply(200, "application/json", list);
            return streamWord(connection);
        });
        Plugin plugin = startPlugin(scripted.server(), host::Json::object());
        EXPECT_EQ(complete(plugin).result.status, CallStatus::Ok);
        EXPECT_FALSE(nlohmann::json::parse(scripted.requests().at(1).body).contains("model"));
    }
}

TEST(ChatWire, ModelsAreListedWithoutTheServersCommandLine) {  // llama-server 10
    Scripted scripted(recorded("router_models_before"));
    Plugin plugin = startPlugin(scripted.server());
    auto result = plugin.backend().listModels(plugin.context(3s));
    const auto models = nlohmann::json::parse(result.text)["data"];
    ASSERT_EQ(models.size(), 2u);
    EXPECT_EQ(models[0], nlohmann::json::parse(
                             R"({"id":"alpha","created":1795332289,"owned_by":"llamacpp"})"));
    EXPECT_EQ(models[1]["id"], "beta");
    EXPECT_THAT(result.text, testing::Not(HasSubstr("/srv/")));
}

TEST(ChatWire, TheProbeTellsUpFromDown) {
    auto probe = [](int status, std::string body) {
        Scripted scripted([&](sim::Connection& connection, const sim::Request&, int) {
            return connection.reply(status, "application/json", body);
        });
        Plugin plugin = startPlugin(scripted.server());
        return plugin.backend().probe(plugin.context(3s)).status;
    };
    EXPECT_EQ(probe(200, R"({"data":[]})"), CallStatus::Ok);
    EXPECT_EQ(probe(404, "no such page"), CallStatus::Ok);
    EXPECT_EQ(probe(401, "{}"), CallStatus::InvalidArgument);
    EXPECT_EQ(probe(500, "{}"), CallStatus::Upstream);
    EXPECT_EQ(probe(503, R"({"error":{"message":"Loading model"}})"), CallStatus::Busy);
}

TEST(ChatWire, AServerThatIsDownIsUnavailable) {
    auto server = std::make_unique<sim::Server>([](sim::Connection&) {});
    Plugin plugin = startPlugin(*server);
    server.reset();
    EXPECT_EQ(complete(plugin).result.status, CallStatus::Unavailable);
    EXPECT_EQ(plugin.backend().probe(plugin.context(3s)).status, CallStatus::Unavailable);
}

// The faults of the simulated server, which operators rehearse with.
TEST(ChatWire, EveryFaultOfTheSimulatorHasItsStatus) {
    const std::pair<const char*, CallStatus> cases[] = {
        {"", CallStatus::Ok},
        {"empty", CallStatus::BadOutput},
        {"reasoning-only", CallStatus::BadOutput},
        {"reasoning", CallStatus::Ok},
        {"think-tags", CallStatus::Ok},
        {"whole-body", CallStatus::Ok},
        {"no-done", CallStatus::Ok},
        {"http-500", CallStatus::Upstream},
        {"html-502", CallStatus::Upstream},
        {"string-error", CallStatus::Upstream},
        {"unknown-model", CallStatus::InvalidArgument},
        {"busy-429", CallStatus::Busy},
        {"error-mid-stream", CallStatus::Upstream},
        {"broken-stream", CallStatus::Unavailable},
        {"endless-stream", CallStatus::BadOutput},
        {"hang-mid", CallStatus::Timeout},
    };
    for (const auto& [fault, status] : cases) {
        sim::Model model({.seconds = 0, .fault = fault});
        sim::Server server(
            sim::keepAlive([&](sim::Connection& connection, const sim::Request& request) {
                return model.answer(connection, request);
            }));
        Plugin plugin = startPlugin(server, host::Json::object());
        auto result = complete(plugin, std::string_view(fault) == "hang-mid" ? 300ms : 20s).result;
        EXPECT_EQ(result.status, status) << fault << ": " << result.message;
    }
}

}  // namespace
