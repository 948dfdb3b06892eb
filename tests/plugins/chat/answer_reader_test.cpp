// What servers really send, replayed from recordings and in pieces of every size.
#include "chat/answer_reader.hpp"

#include "common/recording.hpp"

namespace {

using ipl::Status;
using testing::HasSubstr;

struct Answer : chat::AnswerSink {
    std::string text_;
    std::string reasoning_;
    std::vector<double> fractions;
    int life = 0;
    Status status = Status::kOk;
    std::string message;

    void text(std::string_view piece) override { text_ += piece; }
    void reasoning(std::string_view piece) override { reasoning_ += piece; }
    void promptProgress(double fraction) override { fractions.push_back(fraction); }
    void signOfLife() override { ++life; }
};

Answer read(std::string_view body, std::size_t pieceSize = 7) {
    Answer answer;
    chat::AnswerReader reader(answer);
    try {
        for (std::size_t at = 0; at < body.size(); at += pieceSize)
            if (!reader.feed(body.substr(at, pieceSize))) break;
        reader.finish();
    } catch (const ipl::Error& error) {
        answer.status = error.status();
        answer.message = error.message();
    }
    return answer;
}

Answer replay(const std::string& name, std::size_t pieceSize = 7) {
    return read(test::readRecording(IPL_TEST_DATA, "llama-server/" + name).body(), pieceSize);
}

TEST(ChatAnswer, StreamIsReadWhereverAPieceEnds) {  // llama-server 1
    for (std::size_t size : {1, 2, 3, 5, 64, 511, 100000}) {
        auto answer = replay("chat_stream", size);
        EXPECT_EQ(answer.text_,
                  " close dog river sky sky green paper window morning and grain woman green paper "
                  "window morning");
        EXPECT_EQ(answer.status, Status::kOk) << answer.message;
    }
}

// What stood in front of the first event made it another field when it came in the same piece.
TEST(ChatAnswer, BlanksBeforeTheFirstEventDoNotHideIt) {
    const std::string event =
        R"(data: {"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]})"
        "\n\n";
    for (std::size_t size : {1, 2, 7, 1000})
        EXPECT_EQ(read(" \r\n  " + event, size).text_, "a") << "in pieces of " << size;
}

TEST(ChatAnswer, CharactersOfManyBytesSurviveTheCut) {
    for (std::size_t size : {1, 2, 3, 4})
        EXPECT_EQ(replay("chat_stream_multibyte", size).text_,
                  "éé猫猫é猫éééé猫猫é猫猫猫猫猫éééé猫猫");
}

TEST(ChatAnswer, TheUsageEventWithoutChoicesIsNoAnswer) {  // llama-server 2
    auto answer = replay("chat_stream_usage");
    EXPECT_EQ(answer.text_, " close dog river sky");
    EXPECT_EQ(answer.status, Status::kOk) << answer.message;
}

TEST(ChatAnswer, PromptProgressIsReported) {  // llama-server 3
    auto answer = replay("chat_stream_progress");
    ASSERT_EQ(answer.fractions.size(), 2u);
    EXPECT_NEAR(answer.fractions[0], 56.0 / 57, 1e-9);
    EXPECT_EQ(answer.fractions[1], 1.0);
    EXPECT_EQ(answer.text_, " close dog river");
}

TEST(ChatAnswer, CommentsAreSignsOfLife) {  // llama-server 4
    auto answer = replay("slow_stream_with_sse_pings");
    EXPECT_GT(answer.life, 30);
    EXPECT_EQ(answer.text_, " system green rain");
    EXPECT_EQ(answer.status, Status::kOk) << answer.message;
}

TEST(ChatAnswer, AnErrorInMidStreamIsAnError) {  // llama-server 5
    auto answer = replay("chat_stream_byte_tokens");
    EXPECT_EQ(answer.status, Status::kUpstream);
    EXPECT_THAT(answer.message, HasSubstr("does not match the expected peg-native format"));
}

TEST(ChatAnswer, AnErrorEventOfLmStudioIsAnError) {
    auto answer = read("event: error\ndata: {\"error\":\"Model unloaded\"}\n\n");
    EXPECT_EQ(answer.status, Status::kUpstream);
    EXPECT_THAT(answer.message, HasSubstr("Model unloaded"));
    answer = read("event: error\ndata: out of memory\n\n");
    EXPECT_THAT(answer.message, HasSubstr("out of memory"));
}

TEST(ChatAnswer, AWholeBodyIsReadAlthoughAStreamWasAskedFor) {  // llama-server 6
    EXPECT_THAT(replay("chat_ok").text_, HasSubstr(" close dog river"));
    auto answer = replay("chat_json_schema");
    EXPECT_EQ(answer.text_, "{\n\n\t\"prompt\" :\" photo a ink\", \"n\":1}");
    EXPECT_EQ(replay("chat_max_tokens_0").text_, " close");
}

TEST(ChatAnswer, TheEndIsTheEndWhateverFollows) {
    auto answer = replay("keepalive_3_after_stream");
    EXPECT_EQ(answer.text_, " close");
    EXPECT_EQ(answer.status, Status::kOk) << answer.message;
}

TEST(ChatAnswer, ReasoningIsKeptApart) {  // llama-server 17
    for (const char* name : {"reasoning_stream", "reasoning_ok"}) {
        auto answer = replay(name);
        EXPECT_EQ(answer.text_, " with old night");
        EXPECT_THAT(answer.reasoning_, HasSubstr("paper window house"));
        EXPECT_EQ(answer.status, Status::kOk) << answer.message;
    }
}

TEST(ChatAnswer, ReasoningOfOllamaAndVllmIsKeptApartAndNotDoubled) {
    auto answer = read(
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\",\"reasoning\":\"hm\"}}]}\n\n"
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"reasoning\":\"ok\",\"reasoning_content\":"
        "\"ok\"}}]}\n\n"
        "data: "
        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"cat\"},\"finish_reason\":\"stop\"}]}"
        "\n\ndata: [DONE]\n\n");
    EXPECT_EQ(answer.reasoning_, "hmok");
    EXPECT_EQ(answer.text_, "cat");
}

TEST(ChatAnswer, InlineThinkingIsLeftToTheHost) {
    EXPECT_THAT(replay("reasoning_format_none").text_, HasSubstr("<think>"));
    EXPECT_EQ(replay("reasoning_format_none").status, Status::kOk);
}

TEST(ChatAnswer, ThinkingUntilTheTokensAreUsedUpSaysSo) {
    auto answer = replay("reasoning_cut_by_max_tokens");
    EXPECT_EQ(answer.status, Status::kBadOutput);
    EXPECT_THAT(answer.message, HasSubstr("max_tokens ran out"));
    answer =
        read(R"({"choices":[{"message":{"content":"<think>well"},"finish_reason":"length"}]})");
    EXPECT_THAT(answer.message, HasSubstr("max_tokens ran out"));
}

TEST(ChatAnswer, OnlyThinkingIsNoAnswer) {
    for (const char* name : {"reasoning_enable_thinking_false"}) {
        auto answer = replay(name);
        EXPECT_EQ(answer.status, Status::kBadOutput);
        EXPECT_THAT(answer.message, HasSubstr("only thought"));
    }
}

TEST(ChatAnswer, AnEmptyAnswerSaysWhy) {
    auto answer =
        read(R"({"choices":[{"message":{"content":" \n"},"finish_reason":"content_filter"}]})");
    EXPECT_EQ(answer.status, Status::kBadOutput);
    EXPECT_THAT(answer.message, HasSubstr("content_filter"));
}

TEST(ChatAnswer, AStreamWithoutDoneIsWholeWhenItSaysThatItFinished) {
    const std::string finished =
        "data: {\"choices\":[{\"delta\":{\"content\":\"cat\"},\"finish_reason\":\"stop\"}]}\n\n";
    EXPECT_EQ(read(finished).status, Status::kOk);
    auto cut = read("data: {\"choices\":[{\"delta\":{\"content\":\"cat\"}}]}\n\n");
    EXPECT_EQ(cut.status, Status::kBadOutput);
    EXPECT_THAT(cut.message, HasSubstr("in the middle"));
}

TEST(ChatAnswer, OnlyTheFirstOfSeveralChoicesCounts) {  // llama-server 16
    auto answer = read(R"({"choices":[{"index":1,"message":{"content":"dog"}},
        {"index":0,"message":{"content":"cat"},"finish_reason":"stop"}]})");
    EXPECT_EQ(answer.text_, "cat");
}

TEST(ChatAnswer, ContentInPartsIsJoined) {
    EXPECT_EQ(read(R"({"choices":[{"message":{"content":[{"type":"text","text":"a "},
        {"type":"text","text":"cat"}]},"finish_reason":"stop"}]})")
                  .text_,
              "a cat");
}

TEST(ChatAnswer, WhatIsNoCompletionIsCited) {
    for (const char* body : {"<html><body>Sign in to the hotel network</body></html>",
                             "Sign in to the hotel network"}) {
        auto answer = read(body);
        EXPECT_EQ(answer.status, Status::kBadOutput);
        EXPECT_THAT(answer.message, HasSubstr("Sign in to the hotel network"));
    }
    EXPECT_EQ(read("{\"choices\": tru").status, Status::kBadOutput);
    EXPECT_EQ(read("{}").status, Status::kBadOutput);
    EXPECT_EQ(read("").status, Status::kBadOutput);
    EXPECT_EQ(read("data: {broken\n\n").status, Status::kBadOutput);
    EXPECT_EQ(read("data: [DONE]\n\n").status, Status::kBadOutput);
}

TEST(ChatAnswer, StrangeTypesDoNotHurt) {
    for (const char* body :
         {R"({"choices":null})", R"({"choices":[null,1,"x"]})", R"({"choices":[{"message":7}]})",
          R"({"choices":[{"index":"0","delta":{"content":{}}}]})", R"({"error":[]})",
          R"({"prompt_progress":{"total":0,"processed":"x"}})", R"({"choices":{"0":1}})"})
        EXPECT_NE(read(body).status, Status::kOk) << body;
    std::string deep(100000, '[');
    EXPECT_EQ(read("{\"choices\":" + deep).status, Status::kBadOutput);
    EXPECT_EQ(read("data: " + deep + "\n\n", 4096).status, Status::kBadOutput);
}

TEST(ChatAnswer, EndlessTextAndThinkingAreStopped) {
    auto endless = [](const char* field) {
        std::string event = std::string("data: {\"choices\":[{\"delta\":{\"") + field + "\":\"" +
                            std::string(8000, 'w') + "\"}}]}\n\n";
        Answer answer;
        chat::AnswerReader reader(answer);
        try {
            for (int i = 0; i < 200; ++i)
                reader.feed(event);
        } catch (const ipl::Error& error) {
            return error.message();
        }
        return std::string();
    };
    EXPECT_THAT(endless("content"), HasSubstr("does not stop writing"));
    EXPECT_THAT(endless("reasoning_content"), HasSubstr("does not stop thinking"));
    EXPECT_EQ(read("{\"x\":\"" + std::string(5 << 20, 'x'), 65536).status, Status::kBadOutput);
}

}  // namespace
