// Surprises of llama-server's recordings by their numbers, played from a real socket; the other
// ones are in wire_test, vision_test and servers_test, tests/data/llama-server/README.md names them
// all.
#include "common/backend_run.hpp"
#include "plugins/chat/scripted.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::plugins::CallStatus;
using host::plugins::PromptBackend;
using host::plugins::TextRequest;
using host::plugins::VisionBackend;
using test::recorded;
using test::Scripted;
using testing::Contains;
using testing::HasSubstr;
using testing::StartsWith;
using Writer = test::BackendRun<PromptBackend>;
using Eye = test::BackendRun<VisionBackend>;

TextRequest words() {
    TextRequest request;
    request.system = "write a prompt";
    request.user = "a red cat";
    return request;
}

test::Outcome write(const Scripted& scripted, const TextRequest& request = words(),
                    Json settings = {{"model", "m"}}) {
    settings["url"] = scripted.server().url();
    Writer writer(IPL_PLUGIN_DIR "/chat.so", IPL_ROLE_PROMPT, std::move(settings));
    return writer.run(
        [&](auto& backend, const auto& context) { return backend.complete(request, context); });
}

test::Outcome look(const Scripted& scripted) {
    Eye eye(IPL_PLUGIN_DIR "/chat.so", IPL_ROLE_VISION,
            {{"model", "m"}, {"url", scripted.server().url()}});
    return eye.run([](auto& backend, const auto& context) {
        TextRequest request = words();
        request.image = host::plugins::PictureIn{
            "image/png", std::make_shared<const std::string>("\x89PNG\r\n\x1a\n"), 1, 1};
        return backend.analyze(request, context);
    });
}

Json sentTo(Scripted& scripted) {
    return Json::parse(scripted.requests().at(0).body);
}

// Sent when extra_body asks for it: a server that does not know the field may refuse it.
TEST(LlamaServer, S03ProgressOfThePromptMovesTheBar) {
    const auto recording = test::readRecording(IPL_TEST_DATA, "llama-server/chat_stream_progress");
    Scripted scripted([&](auto& connection, const auto&, int) {
        connection.send(recording.head + "Transfer-Encoding: chunked\r\n\r\n");
        for (std::size_t i = 0; i < recording.pieces.size(); ++i) {
            // The host passes on ten steps a second; a prompt of a length that matters takes
            // longer.
            if (i < 3) connection.workFor(150ms);
            connection.sendChunk(recording.pieces[i]);
        }
        return connection.endChunked() && false;
    });
    const auto outcome =
        write(scripted, words(), {{"model", "m"}, {"extra_body", {{"return_progress", true}}}});
    EXPECT_EQ(sentTo(scripted)["return_progress"], true);
    EXPECT_THAT(outcome.result.text, HasSubstr("close dog river"));
    EXPECT_THAT(outcome.collected->phases(), Contains("reading the prompt"));
    EXPECT_THAT(outcome.collected->fractions(), Contains(testing::Ge(56.0 / 57)));
}

TEST(LlamaServer, S04CommentsBeforeTheFirstWordAreSignsOfLife) {
    Scripted scripted(recorded("slow_stream_with_sse_pings"));
    const auto outcome = write(scripted);
    EXPECT_THAT(outcome.result.text, HasSubstr("system green rain"));
    EXPECT_THAT(outcome.collected->phases(), Contains("waiting for the model"));
}

// No error tells of either: the answer is what there is.
TEST(LlamaServer, S12AnAnswerThatTokensOrContextCutShortIsAnAnswer) {
    for (const auto& [recording, text] :
         {std::pair{"chat_context_filled_while_generating", "soft rain"},
          {"chat_max_tokens_0", "close"}}) {
        Scripted scripted(recorded(recording));
        const auto outcome = write(scripted);
        EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
        EXPECT_THAT(outcome.result.text, HasSubstr(text));
        EXPECT_FALSE(sentTo(scripted).contains("max_tokens")) << "0 would give one token";
    }
    Scripted scripted(recorded("chat_max_tokens_0"));
    TextRequest request = words();
    request.maxTokens = 16;
    write(scripted, request);
    EXPECT_EQ(sentTo(scripted)["max_tokens"], 16);
}

TEST(LlamaServer, S13NumbersGoOutWholeAndAsNumbers) {
    Scripted scripted(recorded("chat_seed_2pow53"));
    TextRequest request = words();
    request.seed = (std::int64_t{1} << 53) + 1;
    request.temperature = 0.5;
    EXPECT_THAT(write(scripted, request).result.text, HasSubstr("close dog river"));
    const Json body = sentTo(scripted);
    EXPECT_EQ(body["seed"].get<std::int64_t>(), (std::int64_t{1} << 53) + 1);
    EXPECT_TRUE(body["temperature"].is_number());
    for (const auto& [name, value] : body.items())
        EXPECT_FALSE(value.is_null()) << name;

    Scripted refusing(recorded("chat_temperature_string"));
    const auto refused = write(refusing);
    EXPECT_FALSE(refused.result.ok());
    EXPECT_THAT(refused.result.message, HasSubstr("Field 'temperature'"));
    for (const char* const lenient : {"chat_null_fields", "err_content_null"}) {
        Scripted taking(recorded(lenient));
        EXPECT_TRUE(write(taking).result.ok()) << lenient;
    }
}

// Words about nothing, and no error: an empty list never goes out.
TEST(LlamaServer, S14AnEmptyListOfMessagesWouldBeAnsweredAllTheSame) {
    Scripted scripted(recorded("err_empty_messages"));
    EXPECT_THAT(write(scripted, TextRequest{}).result.text, HasSubstr("lamp red the house"));
    EXPECT_EQ(sentTo(scripted)["messages"].size(), 1U);
}

// Bare base64 is taken by this server alone, and what an address names it would fetch itself.
TEST(LlamaServer, S18APictureGoesAsADataUrlWithItsType) {
    for (const auto& [recording, says] :
         {std::pair{"vision_raw_base64_no_data_url", "close morning"},
          {"vision_http_url_refused", "cannot make GET request"},
          {"vision_file_url_refused", "file:// URLs are not allowed"}}) {
        Scripted scripted(recorded(recording));
        const auto result = look(scripted).result;
        EXPECT_THAT(result.ok() ? result.text : result.message, HasSubstr(says));
        const Json content = sentTo(scripted)["messages"][1]["content"];
        EXPECT_THAT(content[1]["image_url"]["url"].get<std::string>(),
                    StartsWith("data:image/png;base64,iVBORw0KGgo"));
    }
}

TEST(LlamaServer, S19HeadersForBrowsersChangeNothing) {
    for (const char* const recording : {"chat_ok", "chat_stream"}) {
        ASSERT_THAT(
            test::readRecording(IPL_TEST_DATA, std::string("llama-server/") + recording).head,
            HasSubstr("Access-Control-Allow-Origin: \r\n"));
        Scripted scripted(recorded(recording));
        EXPECT_THAT(write(scripted).result.text, HasSubstr("close dog river"));
        EXPECT_EQ(scripted.requests().at(0).header("origin"), "");
    }
}

TEST(LlamaServer, S20AnInterimAnswerIsNotTheAnswer) {
    const auto interim = test::readRecording(IPL_TEST_DATA, "llama-server/expect_100");
    ASSERT_EQ(interim.status, 100);
    Scripted scripted([&](auto& connection, const auto&, int) {
        // The answer proper stands in the recorded body, head and all.
        return connection.send(interim.head + "\r\n" + interim.body());
    });
    const auto outcome = write(scripted);
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    EXPECT_THAT(outcome.result.text, HasSubstr("close"));
    EXPECT_EQ(scripted.requests().at(0).header("expect"), "");
}

// It has neither Ollama's lists nor LM Studio's; its own one names the model.
TEST(LlamaServer, S21ListsOfOtherServersThatItLacksAreNotMissed) {
    const auto models = recorded("models");
    const auto stream = recorded("chat_stream");
    const auto tags = recorded("ollama_api_tags");
    const auto lmStudio = recorded("lmstudio_api_v0");
    Scripted scripted([&](auto& connection, const sim::Request& request, int number) {
        const auto& answer = request.target == "/v1/models"        ? models
                             : request.target == "/api/tags"       ? tags
                             : request.target.starts_with("/api/") ? lmStudio
                                                                   : stream;
        return answer(connection, request, number);
    });
    const auto outcome = write(scripted, words(), Json::object());
    EXPECT_THAT(outcome.result.text, HasSubstr("close dog river")) << outcome.result.message;
    EXPECT_EQ(Json::parse(scripted.requests().back().body)["model"], "tiny-random");
}

}  // namespace
