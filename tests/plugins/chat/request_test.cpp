#include "chat/request.hpp"

#include "common/openai_server.hpp"

#include "chat/settings.hpp"
#include "common/upstream.hpp"

namespace {

using upstream::Json;

struct Asked : ipl::LanguageRequest {};

Json bodyOf(const std::string& settings, const Asked& asked, std::string_view model = "m",
            std::optional<ipl::ImageInput> image = {}) {
    return Json::parse(
        requestBody(chat::readSettings(settings), {.language = asked, .image = image}, model));
}

constexpr const char* kUrl = R"({"url":"http://h"})";

TEST(ChatRequest, SendsOnlyWhatIsSet) {
    Asked asked;
    asked.system = "be brief";
    asked.user = "a cat";
    EXPECT_EQ(bodyOf(kUrl, asked), Json::parse(R"({"model":"m","messages":[
        {"role":"system","content":"be brief"},{"role":"user","content":"a cat"}],"stream":true})"));
}

TEST(ChatRequest, LeavesOutAnUnknownModel) {
    Asked asked;
    asked.user = "a cat";
    EXPECT_FALSE(bodyOf(kUrl, asked, "").contains("model"));
}

TEST(ChatRequest, TheRequestGoesBeforeTheSettings) {
    const std::string settings = R"({"url":"http://h","temperature":0.2,"max_tokens":100,
                                     "reasoning_effort":"none"})";
    Asked asked;
    auto body = bodyOf(settings, asked);
    EXPECT_EQ(body["temperature"], 0.2);
    EXPECT_EQ(body["max_tokens"], 100);
    EXPECT_EQ(body["reasoning_effort"], "none");
    asked.temperature = 0;
    asked.maxTokens = 7;
    asked.seed = 9007199254740991;
    body = bodyOf(settings, asked);
    EXPECT_EQ(body["temperature"], 0);
    EXPECT_EQ(body["max_tokens"], 7);
    EXPECT_EQ(body["seed"].dump(), "9007199254740991");
}

TEST(ChatRequest, ExtraBodyIsMergedButTheStreamStays) {
    Asked asked;
    asked.user = "x";
    asked.temperature = 1;
    auto body = bodyOf(R"({"url":"http://h","extra_body":{"top_k":40,"stream":false,"messages":[],
                           "temperature":null,"chat_template_kwargs":{"enable_thinking":false}}})",
                       asked);
    EXPECT_EQ(body["top_k"], 40);
    EXPECT_EQ(body["stream"], true);
    EXPECT_EQ(body["messages"].size(), 1u);
    EXPECT_FALSE(body.contains("temperature"));
    EXPECT_EQ(body["chat_template_kwargs"]["enable_thinking"], false);
}

TEST(ChatRequest, InstructionsWithoutAUserTextBecomeTheUsersTurn) {
    Asked asked;
    asked.system = "write something";
    EXPECT_EQ(bodyOf(kUrl, asked)["messages"],
              Json::parse(R"([{"role":"user","content":"write something"}])"));
}

TEST(ChatRequest, TheSystemPromptOfTheSettingsStandsFirst) {
    Asked asked;
    asked.system = "be brief";
    asked.user = "x";
    auto body = bodyOf(R"({"url":"http://h","system_prompt":"/no_think"})", asked);
    EXPECT_EQ(body["messages"][0]["content"], "/no_think\n\nbe brief");
}

TEST(ChatRequest, APictureGoesAsADataUrlInAPart) {
    Asked asked;
    asked.user = "what is it";
    const std::string bytes = "\x89PNG";
    ipl::ImageInput image{.mime = "image/png", .bytes = ipl::bytesOf(bytes)};
    auto content = bodyOf(kUrl, asked, "m", image)["messages"][0]["content"];
    EXPECT_EQ(content, Json::parse(R"([{"type":"text","text":"what is it"},
        {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw=="}}])"));
}

TEST(ChatRequest, ASchemaIsSentAsJsonSchema) {
    Asked asked;
    asked.user = "x";
    asked.responseSchema = R"({"type":"object"})";
    auto format = bodyOf(kUrl, asked)["response_format"];
    EXPECT_EQ(format["type"], "json_schema");
    EXPECT_EQ(format["json_schema"]["schema"], Json::parse(R"({"type":"object"})"));
    asked.responseSchema = "{no";
    EXPECT_THROW(bodyOf(kUrl, asked), ipl::Error);
}

TEST(ChatRequest, TextThatIsNotUtf8DoesNotThrow) {
    Asked asked;
    asked.user = "caf\xE9";
    EXPECT_EQ(bodyOf(kUrl, asked)["messages"][0]["content"], "caf\xEF\xBF\xBD");
}

// ---- Settings

TEST(ChatSettings, TheAddressMayBeWrittenInManyWays) {
    for (const char* url : {"http://h:1234", "http://h:1234/", "http://h:1234/v1", "h:1234",
                            "http://h:1234/v1/", " http://h:1234/v1/chat/completions "})
        EXPECT_EQ(upstream::apiBase(url, "/chat/completions"), "http://h:1234/v1") << url;
    EXPECT_EQ(upstream::apiBase("https://h/api/v3", "/chat/completions"), "https://h/api/v3");
    EXPECT_EQ(upstream::apiBase("https://h/openai", "/chat/completions"), "https://h/openai/v1");
    EXPECT_EQ(upstream::apiBase("https://h/beta/openai/chat/completions", "/chat/completions"),
              "https://h/beta/openai");
    EXPECT_EQ(upstream::apiBase("http://[::1]:8080", "/chat/completions"), "http://[::1]:8080/v1");
    for (const char* url :
         {"", "  ", "ftp://h", "http://", "http:///v1", "http://a b", "http://h/?x=1"})
        EXPECT_EQ(upstream::apiBase(url, "/chat/completions"), "") << url;
}

TEST(ChatSettings, AFaultNamesTheSetting) {
    auto fieldOf = [](const char* settings) -> std::string {
        try {
            chat::readSettings(settings);
        } catch (const ipl::Error& error) {
            EXPECT_EQ(error.status(), ipl::Status::kInvalidArgument);
            return error.field();
        }
        return "accepted";
    };
    EXPECT_EQ(fieldOf("{}"), "/url");
    EXPECT_EQ(fieldOf(R"({"url":7})"), "/url");
    EXPECT_EQ(fieldOf(R"({"url":"h","api_key":"a\nb"})"), "/api_key");
    EXPECT_EQ(fieldOf(R"({"url":"h","max_tokens":0})"), "/max_tokens");
    EXPECT_EQ(fieldOf(R"({"url":"h","temperature":"hot"})"), "/temperature");
    EXPECT_EQ(fieldOf(R"({"url":"h","extra_body":[]})"), "/extra_body");
    EXPECT_EQ(fieldOf(R"({"url":"h","model":null,"extra_body":null})"), "accepted");
}

TEST(ChatSettings, EverySettingIsDescribedInTheSchema) {
    auto schema = Json::parse(chat::kSettingsSchema);
    EXPECT_EQ(schema["properties"].size(), 9u);
    for (const auto& [name, property] : schema["properties"].items())
        EXPECT_FALSE(property.value("description", "").empty()) << name;
}

}  // namespace
