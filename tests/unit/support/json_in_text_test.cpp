#include "support/json_in_text.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "common/sanitized.hpp"

namespace {

using host::Json;
using host::jsonInText;

// How many of the letters a, b and c an object has.
int letters(const Json& object) {
    return static_cast<int>(object.count("a") + object.count("b") + object.count("c"));
}

std::string found(std::string_view text) {
    const auto json = jsonInText(text, letters);
    return json ? json->dump() : "nothing";
}

TEST(JsonInText, IsFoundWhateverStandsAroundIt) {
    for (const char* text :
         {R"({"a":1})", R"(Sure! Here it is: {"a":1} I hope that helps.)",
          "```json\n{\"a\":1}\n```", "```\n{\"a\":1}```", R"([{"a":1}])",
          R"(I use {braces} and {"x": } in prose, then {"a":1}.)", R"(an open { first, {"a":1})",
          "\xEF\xBB\xBF{\"a\":1}", R"(say "{" or {"a":1})", "\xff\xfe {\"a\":1} \xc3"}) {
        EXPECT_EQ(found(text), R"({"a":1})") << text;
    }
}

TEST(JsonInText, AWrappingObjectIsTakenOff) {
    EXPECT_EQ(found(R"({"result":{"scene":{"a":1,"b":2}}})"), R"({"a":1,"b":2})");
    EXPECT_EQ(found(R"({"a":{"a":1,"b":2}})"), R"({"a":1,"b":2})");
}

TEST(JsonInText, TheBestOneIsTakenAndTheFirstOfEquals) {
    EXPECT_EQ(found(R"({"a":"draft"} then {"a":1,"b":2})"), R"({"a":1,"b":2})");
    EXPECT_EQ(found(R"({"a":1} or {"a":2})"), R"({"a":1})");
    EXPECT_EQ(found(R"({"z":1} {"y":2})"), "nothing");
}

TEST(JsonInText, WhatModelsGetWrongIsUnderstood) {
    EXPECT_EQ(found("{\"a\": [1, 2, ], }"), R"({"a":[1,2]})");
    EXPECT_EQ(found("{\"a\": \"one\ntwo\tthree\"}"), R"({"a":"one\ntwo\tthree"})");
    EXPECT_EQ(found("{\"a\": 1, // the first\n \"b\": 2 /* and last */}"), R"({"a":1,"b":2})");
    EXPECT_EQ(found(R"({"a": "a brace } and a comma, } inside"})"),
              R"({"a":"a brace } and a comma, } inside"})");
    EXPECT_EQ(found(R"({"a": "an \"escaped\" quote, ]"})"), R"({"a":"an \"escaped\" quote, ]"})");
}

TEST(JsonInText, WhatIsNoJsonIsNothing) {
    for (const char* text : {"", "{", "}", "{}", "{{{{", "plain words", R"({"a":)", R"("a":1)",
                             R"({"a" 1})", R"({'a': 1})", "[1,2,3]"}) {
        EXPECT_EQ(found(text), "nothing") << text;
    }
}

TEST(JsonInText, FloodsEndInTimeAndDoNotOverflow) {
    const auto begun = std::chrono::steady_clock::now();
    const std::string deep(100'000, '[');
    EXPECT_EQ(found("{\"a\":" + deep), "nothing");
    EXPECT_EQ(found("{\"a\":" + deep + std::string(100'000, ']') + "}"), "nothing");
    EXPECT_EQ(found(deep + std::string(100'000, '{') + R"( {"a":1})"), R"({"a":1})");
    std::string objects;
    std::string quotes;
    std::string nested;
    for (int i = 0; i < 200'000; ++i) {
        objects += "{x},";
        quotes += "{\"";
        nested += "{\"a\":";
    }
    EXPECT_EQ(found(objects), "nothing");
    EXPECT_EQ(found(quotes), "nothing");
    EXPECT_EQ(found(nested + "1" + std::string(200'000, '}')), "nothing");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, test::kSlower * std::chrono::seconds(20));
}

}  // namespace
