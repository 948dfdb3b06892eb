// Error answers and model lists, as the various servers spell them.
#include "chat/errors.hpp"

#include "chat/models.hpp"
#include "common/recording.hpp"

namespace {

using ipl::Status;
using testing::HasSubstr;

chat::Refusal refusal(int status, std::string body) {
    return {.status = status,
            .body = std::move(body),
            .retryAfter = {},
            .model = "qwen3",
            .hadKey = false};
}

chat::Refusal recorded(const std::string& name) {
    auto recording = test::readRecording(IPL_TEST_DATA, "llama-server/" + name);
    return refusal(recording.status, recording.body());
}

TEST(ChatErrors, AMissingKeyAndAWrongOneAreToldApart) {
    auto missing = recorded("auth_missing");
    EXPECT_EQ(errorOf(missing).status(), Status::kInvalidArgument);
    EXPECT_EQ(errorOf(missing).field(), "/api_key");
    EXPECT_THAT(errorOf(missing).message(), HasSubstr("asks for an api key"));
    auto wrong = recorded("auth_wrong");
    wrong.hadKey = true;
    EXPECT_THAT(errorOf(wrong).message(), HasSubstr("refused the api key"));
}

TEST(ChatErrors, AContextOverflowIsTooLarge) {  // llama-server 6 and 9
    auto error = errorOf(recorded("err_context_overflow_stream"));
    EXPECT_EQ(error.status(), Status::kTooLarge);
    EXPECT_THAT(error.message(), HasSubstr("3620 tokens"));
}

TEST(ChatErrors, AnUnknownModelIsNamed) {  // llama-server 10, Ollama
    for (const auto& unknown :
         {recorded("router_chat_unknown_model"),
          refusal(404, R"({"error":{"message":"model 'qwen3' not found","type":"not_found_error",
                           "param":null,"code":null}})"),
          refusal(404, R"({"error":{"message":"The model `qwen3` does not exist.","code":404}})"),
          refusal(400, R"({"error":"Model not found: qwen3"})")}) {
        EXPECT_TRUE(isUnknownModel(unknown)) << unknown.body;
        EXPECT_EQ(errorOf(unknown).field(), "/model");
        EXPECT_THAT(errorOf(unknown).message(), HasSubstr("'qwen3'"));
    }
    EXPECT_EQ(errorOf(recorded("router_chat_no_model")).status(), Status::kUpstream);
}

TEST(ChatErrors, APathThatIsNotThereBlamesTheAddress) {
    EXPECT_EQ(errorOf(recorded("not_found")).field(), "/url");
    EXPECT_EQ(errorOf(refusal(404, "404 page not found")).field(), "/url");
}

TEST(ChatErrors, LoadingIsToldFromBusy) {  // llama-server 9
    EXPECT_TRUE(isLoading(recorded("loading_chat_503")));
    EXPECT_TRUE(isLoading(recorded("loading_models")));
    auto busy = refusal(503, "no capacity");
    EXPECT_FALSE(isLoading(busy));
    busy.retryAfter = "3";
    EXPECT_EQ(errorOf(busy).status(), Status::kBusy);
    EXPECT_EQ(errorOf(busy).details(), R"({"retry_after_ms":3000})");
    EXPECT_EQ(errorOf(refusal(429, "{}")).status(), Status::kBusy);
    EXPECT_FALSE(isLoading(refusal(500, R"({"error":"Loading model"})")));
}

TEST(ChatErrors, WhatTheServerCannotDoIsUnsupported) {
    EXPECT_EQ(errorOf(recorded("metrics_disabled")).status(), Status::kUnsupported);
    EXPECT_EQ(errorOf(recorded("vision_without_mmproj")).status(), Status::kUnsupported);
}

TEST(ChatErrors, TheTextIsFoundInEveryShape) {
    auto said = [](int status, std::string body) {
        return errorOf(refusal(status, std::move(body))).message();
    };
    EXPECT_THAT(errorOf(recorded("err_bad_json")).message(), HasSubstr("parse error at line 1"));
    EXPECT_THAT(errorOf(recorded("chat_response_format_bad")).message(), HasSubstr("got: xml"));
    EXPECT_THAT(said(400, R"({"error":"'response_format.type' must be 'json_schema' or 'text'"})"),
                HasSubstr("must be 'json_schema' or 'text'"));
    EXPECT_THAT(said(400, R"({"error":{"message":"[] is too short - 'messages'","code":null}})"),
                HasSubstr("too short"));
    EXPECT_THAT(said(400, R"({"object":"error","message":"old vllm"})"), HasSubstr("old vllm"));
    EXPECT_THAT(said(422, R"({"detail":[{"loc":["body"],"msg":"field required"}]})"),
                HasSubstr("field required"));
    EXPECT_THAT(said(502, "<html>Bad Gateway</html>"), HasSubstr("Bad Gateway"));
    EXPECT_EQ(said(418, ""), "the model server answered 418");
}

TEST(ChatErrors, ALongTextIsCutAtFiveHundredCharacters) {
    std::string body;
    for (int i = 0; i < 1000; ++i)
        body += "é";
    auto message = errorOf(refusal(500, body)).message();
    EXPECT_EQ(message, "the model server answered 500: " + body.substr(0, 1000));
    EXPECT_EQ(errorOf(refusal(500, "\n\x01 a\xFF\x80z")).message(),
              "the model server answered 500: a??z");
}

// ---- Model lists

std::vector<std::string> idsOf(std::string_view body) {
    std::vector<std::string> ids;
    for (const auto& model : chat::parseModels(body))
        ids.push_back(model.id);
    return ids;
}

TEST(ChatModels, AreReadInEveryShape) {
    using testing::ElementsAre;
    using testing::IsEmpty;
    auto recording = [](const char* name) {
        return test::readRecording(IPL_TEST_DATA, std::string("llama-server/") + name).body();
    };
    EXPECT_THAT(idsOf(recording("models")), ElementsAre("tiny-random"));  // llama-server 11
    EXPECT_THAT(idsOf(recording("router_models_before")), ElementsAre("alpha", "beta"));
    EXPECT_THAT(idsOf(R"({"object":"list","data":null})"), IsEmpty());
    EXPECT_THAT(idsOf(R"({"object":"list"})"), IsEmpty());
    EXPECT_THAT(idsOf(R"({"data":[]})"), IsEmpty());
    EXPECT_THAT(idsOf(R"({"models":[{"type":"llm","key":"a/b"}]})"), ElementsAre("a/b"));
    EXPECT_THAT(idsOf(R"({"models":[{"name":"llama3:8b","model":"llama3:8b"}]})"),
                ElementsAre("llama3:8b"));
    EXPECT_THAT(idsOf(R"({"data":[{"id":"x"},{"id":7},null,"y"]})"), ElementsAre("x", "y"));
    EXPECT_THROW(idsOf("<html>"), ipl::Error);
}

TEST(ChatModels, TheDefaultOneWritesTextAndIsLoadedIfThatIsKnown) {
    auto pick = [](std::string_view body) { return defaultModel(chat::parseModels(body)); };
    EXPECT_EQ(pick(R"({"data":[{"id":"text-embedding-nomic"},{"id":"a"},{"id":"b"}]})"), "a");
    EXPECT_EQ(pick(R"({"data":[{"id":"a","state":"not-loaded"},{"id":"b","state":"loaded"}]})"),
              "b");
    EXPECT_EQ(pick(R"({"data":[{"id":"a"},{"id":"b","status":{"value":"loaded"}}]})"), "b");
    EXPECT_EQ(pick(R"({"data":[]})"), "");
}

TEST(ChatModels, TheListIsBounded) {
    std::string body = R"({"data":[{"id":"x"})";
    for (int i = 0; i < 5000; ++i)
        body += R"(,{"id":"x"})";
    EXPECT_EQ(chat::parseModels(body + "]}").size(), chat::kMaxModels);
}

}  // namespace
