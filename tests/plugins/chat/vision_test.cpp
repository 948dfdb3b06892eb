// The plugin in the vision role, and what else a chat server does that a client must bear, against
// scripted servers over real sockets. "llama-server N": the numbered surprises of the recordings'
// source.
#include <future>

#include "common/backend_run.hpp"
#include "plugins/chat/scripted.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::plugins::CallStatus;
using host::plugins::PromptBackend;
using host::plugins::VisionBackend;
using test::recorded;
using test::Scripted;
using test::streamWord;
using testing::HasSubstr;
using testing::Not;
using Eye = test::BackendRun<VisionBackend>;
using Writer = test::BackendRun<PromptBackend>;

constexpr const char* kPng = "\x89PNG\r\n\x1a\n";
constexpr const char* kSchema = R"({"type":"object","properties":{"scene":{"type":"string"}}})";

template <typename Run = Eye>
Run start(const sim::Server& server, Json settings = {{"model", "m"}}) {
    settings["url"] = server.url();
    const bool sees = std::is_same_v<Run, Eye>;
    return Run(IPL_PLUGIN_DIR "/chat.so", sees ? IPL_ROLE_VISION : IPL_ROLE_PROMPT, settings);
}

test::Outcome look(Eye& eye, std::chrono::milliseconds time = 20s,
                   std::shared_ptr<host::plugins::Cancellation> cancellation = {},
                   const std::string& model = "") {
    return eye.run(
        [&](auto& backend, const auto& context) {
            host::plugins::TextRequest request;
            request.system = "describe the picture as JSON";
            request.user = "what is it";
            request.model = model;
            request.responseSchema = kSchema;
            request.image = host::plugins::PictureIn{
                "image/png", std::make_shared<const std::string>(kPng), 1, 1};
            return backend.analyze(request, context);
        },
        time, std::move(cancellation));
}

Json bodyOf(const sim::Request& request) {
    return Json::parse(request.body);
}

TEST(ChatVision, SendsInstructionsPictureAndSchemaAsAStream) {  // llama-server 8, 15 and 18
    Scripted scripted(recorded("vision_stream"));
    Eye eye = start(scripted.server(), {{"model", "qwen-vl"}, {"api_key", "sekret"}});
    const auto outcome = look(eye);
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    EXPECT_THAT(outcome.result.text, HasSubstr("close bright style"));

    const auto request = scripted.requests().at(0);
    EXPECT_EQ(request.header("authorization"), "Bearer sekret");
    EXPECT_EQ(request.header("x-correlation-id"), "test-correlation");
    const Json body = bodyOf(request);
    EXPECT_EQ(body["model"], "qwen-vl");
    EXPECT_EQ(body["stream"], true);
    EXPECT_EQ(body["messages"][0]["role"], "system");
    EXPECT_EQ(body["messages"][1]["content"], Json::parse(R"([
        {"type":"text","text":"what is it"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}])"));
    EXPECT_EQ(body["response_format"]["type"], "json_schema");
    EXPECT_EQ(body["response_format"]["json_schema"]["schema"], Json::parse(kSchema));
}

TEST(ChatVision, TheModelOfTheRequestGoesBeforeTheOneOfTheSettings) {
    Scripted scripted([](auto& connection, const auto&, int) { return streamWord(connection); });
    Eye eye = start(scripted.server(), {{"model", "configured"}});
    look(eye, 20s, {}, "asked-for");
    EXPECT_EQ(bodyOf(scripted.requests().at(0))["model"], "asked-for");
}

TEST(ChatVision, TellsTheHostWhichPicturesItTakes) {
    Scripted scripted([](auto& connection, const auto&, int) { return streamWord(connection); });
    const auto described = [&](Json settings) {
        Eye eye = start(scripted.server(), std::move(settings));
        return Json::parse(eye.backend().describe(eye.context(3s)).text);
    };
    EXPECT_EQ(described({{"model", "m"}}),
              Json::parse(R"({"image_formats":["image/jpeg","image/png"],"max_image_side":2048})"));
    EXPECT_EQ(described({{"max_image_side", 512}})["max_image_side"], 512);
    EXPECT_FALSE(described({{"max_image_side", 0}}).contains("max_image_side"));
    EXPECT_THROW(described({{"max_image_side", -1}}), std::runtime_error);
}

TEST(ChatVision, ARefusedSchemaIsLeftOutFromThenOn) {  // llama-server 15, LM Studio, vLLM
    const auto schemaBad = test::readRecording(IPL_TEST_DATA, "llama-server/chat_json_schema_bad");
    const auto formatBad =
        test::readRecording(IPL_TEST_DATA, "llama-server/chat_response_format_bad");
    const std::pair<int, std::string> refusals[] = {
        {schemaBad.status, schemaBad.body()},
        {formatBad.status, formatBad.body()},
        {400, R"({"error":"'response_format.type' must be 'json_schema' or 'text'"})"},
        {400, R"({"error":{"message":"Invalid grammar request: unsupported"}})"},
        {500, R"({"error":{"message":"guided decoding failed"}})"}};
    for (const auto& [status, refusal] : refusals) {
        Scripted scripted([&](auto& connection, const sim::Request& request, int) {
            return bodyOf(request).contains("response_format")
                       ? connection.reply(status, "application/json", refusal)
                       : streamWord(connection);
        });
        Eye eye = start(scripted.server());
        EXPECT_EQ(look(eye).result.text, "cat") << refusal;
        EXPECT_EQ(look(eye).result.text, "cat");
        EXPECT_EQ(scripted.requests().size(), 3U) << "asked once with the schema, then never";
    }
}

TEST(ChatVision, ASchemaThatOneModelRefusedIsStillSentToAnother) {
    Scripted scripted([](auto& connection, const sim::Request& request, int) {
        const Json body = bodyOf(request);
        return body["model"] == "small" && body.contains("response_format")
                   ? connection.reply(400, "application/json", R"({"error":"no json_schema here"})")
                   : streamWord(connection);
    });
    Eye eye = start(scripted.server());
    EXPECT_EQ(look(eye, 20s, {}, "small").result.text, "cat");
    EXPECT_EQ(look(eye, 20s, {}, "large").result.text, "cat");
    EXPECT_TRUE(bodyOf(scripted.requests().back()).contains("response_format"));
}

TEST(ChatVision, OtherRefusalsAreNotAskedAgain) {
    for (const int status : {400, 401, 404, 413, 500}) {
        Scripted scripted([&](auto& connection, const auto&, int) {
            return connection.reply(status, "application/json", R"({"error":"no schema for you"})");
        });
        // What speaks of a schema is tried without one, but a missing key stays missing.
        Eye eye = start(scripted.server());
        EXPECT_FALSE(look(eye).result.ok());
        EXPECT_EQ(scripted.requests().size(), status == 400 || status == 500 ? 2U : 1U);
    }
    Scripted scripted(recorded("err_bad_role_type"));
    Eye eye = start(scripted.server());
    EXPECT_EQ(look(eye).result.status, CallStatus::Upstream);
    EXPECT_EQ(scripted.requests().size(), 1U);
}

struct Case {
    const char* recording;
    CallStatus status;
    const char* says;
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.recording;
}

class VisionRecorded : public testing::TestWithParam<Case> {};

TEST_P(VisionRecorded, EndsWithItsStatusAndItsWords) {
    Scripted scripted(recorded(GetParam().recording));
    Eye eye = start(scripted.server());
    const auto result = look(eye).result;
    EXPECT_EQ(result.status, GetParam().status) << result.message;
    EXPECT_THAT(result.ok() ? result.text : result.message, HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    LlamaServer, VisionRecorded,
    testing::Values(
        Case{"vision_ok", CallStatus::Ok, "close bright style"},                       // 18
        Case{"vision_bad_base64", CallStatus::Upstream, "Failed to load image"},       // 18
        Case{"vision_bad_image_bytes", CallStatus::Upstream, "Failed to load image"},  // 18
        Case{"vision_image_url_as_string", CallStatus::Upstream, "Invalid base64"},    // 18
        Case{"vision_without_mmproj", CallStatus::Unsupported, "mmproj"},              // 18
        Case{"chat_json_object", CallStatus::Ok, "close dog"},  // 15: not enforced, plain words
        Case{"chat_json_schema", CallStatus::Ok, "{"},          // 15
        Case{"reasoning_effort_none", CallStatus::BadOutput, "only thought"},       // 17
        Case{"reasoning_budget_0", CallStatus::BadOutput, "max_tokens ran out"},    // 17
        Case{"chat_context_filled_while_generating", CallStatus::Ok, "soft rain"},  // 12
        Case{"chat_n_2", CallStatus::Ok, "style window"},                           // 16
        Case{"chat_unknown_model_ignored", CallStatus::Ok, "close"},                // 10
        Case{"router_chat_swap", CallStatus::Ok, "close dog"},                      // 10
        Case{"err_empty_body", CallStatus::Upstream, "parse error"},                // 9
        Case{"err_invalid_utf8", CallStatus::Upstream, "ill-formed UTF-8"},         // 9
        Case{"err_bad_role_type", CallStatus::Upstream, "type must be string"},     // 9
        Case{"err_messages_string", CallStatus::Upstream, "to be an array"},        // 9
        Case{"err_no_content", CallStatus::Upstream, "must contain 'content'"},     // 13
        Case{"chat_get_method", CallStatus::InvalidArgument, "address"},            // 9
        Case{"auth_models_without_key", CallStatus::InvalidArgument, "api key"},    // 9
        Case{"metrics_disabled", CallStatus::Unsupported, ""}),                     // 9
    [](const auto& test) { return test.param.recording; });

TEST(ChatVision, TheSecondChoiceIsNotPartOfTheAnswer) {  // llama-server 16
    Scripted scripted(recorded("chat_n_2"));
    Eye eye = start(scripted.server());
    EXPECT_THAT(look(eye).result.text, Not(HasSubstr("close morning")));
}

TEST(ChatVision, WhatWasThoughtIsThereWhenNothingElseIs) {  // llama-server 17
    Scripted scripted([](auto& connection, const auto&, int) {
        return connection.reply(200, "application/json",
                                R"({"choices":[{"message":{"content":"",
                                    "reasoning_content":"{\"scene\":\"a pier\"}"},
                                    "finish_reason":"stop"}]})");
    });
    Eye eye = start(scripted.server());
    const auto result = look(eye).result;
    EXPECT_EQ(result.status, CallStatus::BadOutput);
    EXPECT_EQ(result.reasoning, R"({"scene":"a pier"})");
}

TEST(ChatVision, TheModelOfAServerThatNamesNoneIsOneThatSees) {  // llama-server 11, LM Studio
    const auto chosen = [](const std::string& list) {
        Scripted scripted([&](auto& connection, const sim::Request& request, int) {
            return request.target == "/v1/models" ? connection.reply(200, "application/json", list)
                                                  : streamWord(connection);
        });
        Eye eye = start(scripted.server(), Json::object());
        look(eye);
        return bodyOf(scripted.requests().back()).value("model", "");
    };
    const auto recording = [](const char* name) {
        return test::readRecording(IPL_TEST_DATA, std::string("llama-server/") + name).body();
    };
    EXPECT_EQ(chosen(recording("models")), "tiny-random");
    EXPECT_EQ(chosen(recording("models_text_only")), "tiny-llama.gguf");
    EXPECT_EQ(chosen(R"({"models":[{"name":"a","capabilities":["completion"]},
                                   {"name":"b","capabilities":["completion","multimodal"]}],
                         "data":[{"id":"a"},{"id":"b"}]})"),
              "b");
    EXPECT_EQ(chosen(R"({"data":[{"id":"a","type":"llm","state":"loaded"},
                                 {"id":"b","type":"vlm","state":"not-loaded"}]})"),
              "b");
    EXPECT_EQ(chosen(R"({"models":[{"key":"a","capabilities":{"vision":false}},
                                   {"key":"b","capabilities":{"vision":true}}]})"),
              "b");
    EXPECT_EQ(chosen(R"({"data":[{"id":"a","architecture":{"input_modalities":["text"]}},
                                 {"id":"b","architecture":{"input_modalities":["text","image"]}}]})"),
              "b");
    EXPECT_EQ(chosen(R"({"data":[{"id":"only-text"}]})"), "only-text");
}

TEST(ChatVision, TheListBeginsWithTheModelThatIsUsed) {
    const std::string list = R"({"data":[{"id":"embed-x"},{"id":"a"},{"id":"b","type":"vlm"}]})";
    const auto listed = [&](Json settings) {
        Scripted scripted([&](auto& connection, const auto&, int) {
            return connection.reply(200, "application/json", list);
        });
        Eye eye = start(scripted.server(), std::move(settings));
        return eye.backend().listModels(eye.context(3s)).text;
    };
    EXPECT_EQ(listed(Json::object()), R"({"data":[{"id":"b"},{"id":"embed-x"},{"id":"a"}]})");
    EXPECT_EQ(listed({{"model", "a"}}), R"({"data":[{"id":"a"},{"id":"embed-x"},{"id":"b"}]})");
}

TEST(ChatVision, ACancelFreesTheModel) {  // llama-server 8
    std::promise<void> waiting;
    std::promise<std::chrono::steady_clock::time_point> closed;
    sim::Server server([&](sim::Connection& connection) {
        if (!connection.readRequest()) return;
        connection.beginChunked(200, "text/event-stream");
        connection.sendChunk("data: {\"choices\":[{\"delta\":{\"content\":\"{\"}}]}\n\n");
        waiting.set_value();
        if (connection.waitFor(10s) == sim::Connection::Wait::PeerClosed)
            closed.set_value(std::chrono::steady_clock::now());
    });
    Eye eye = start(server);
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    auto call = std::async(std::launch::async, [&] { return look(eye, 20s, cancellation); });
    waiting.get_future().wait();
    cancellation->cancel(host::plugins::CancelReason::User);
    auto seen = closed.get_future();
    ASSERT_EQ(seen.wait_for(5s), std::future_status::ready);
    EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
}

// ---- Both roles

TEST(ChatWire, ALateFirstByteIsWaitedFor) {  // llama-server 22: one slot, a request before this one
    const auto second = recorded("queue_one_slot_second");
    Scripted scripted([&](auto& connection, const auto& request, int number) {
        connection.workFor(1200ms);
        return second(connection, request, number);
    });
    Writer writer = start<Writer>(scripted.server());
    const auto outcome = writer.run([](auto& backend, const auto& context) {
        host::plugins::TextRequest request;
        request.user = "a red cat";
        return backend.complete(request, context);
    });
    EXPECT_THAT(outcome.result.text, HasSubstr("the rain")) << outcome.result.message;
}

TEST(ChatWire, ARequestWithoutAnyWordsHasAUsersTurnAndOnlyTypedFields) {  // llama-server 13, 14
    Scripted scripted([](auto& connection, const auto&, int) { return streamWord(connection); });
    Writer writer = start<Writer>(scripted.server());
    writer.run([](auto& backend, const auto& context) {
        return backend.complete(host::plugins::TextRequest{}, context);
    });
    const Json body = bodyOf(scripted.requests().at(0));
    ASSERT_EQ(body["messages"].size(), 1U) << "Ollama refuses an empty list";
    EXPECT_EQ(body["messages"][0]["role"], "user");
    EXPECT_TRUE(body["messages"][0]["content"].is_string()) << "a missing content is a 400";
    for (const auto& [name, value] : body.items())
        EXPECT_FALSE(value.is_null()) << name;
    EXPECT_FALSE(body.contains("max_tokens")) << "0 gives one token";  // llama-server 12
    EXPECT_FALSE(body.contains("n"));                                  // llama-server 16
}

TEST(ChatWire, ALoadingServerIsNotDown) {  // llama-server 9
    Scripted scripted(recorded("loading_models"));
    Eye eye = start(scripted.server());
    EXPECT_EQ(eye.backend().probe(eye.context(3s)).status, CallStatus::Busy);
}

}  // namespace
