#include "config/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using host::config::Document;
using host::config::parseDocument;
using ::testing::HasSubstr;

// The one fault of a text that is no JSON.
host::config::Fault syntaxFault(std::string_view text) {
    const Document document = parseDocument(text);
    EXPECT_FALSE(document.root.has_value()) << text;
    EXPECT_EQ(document.faults.size(), 1U) << text;
    return document.faults.empty() ? host::config::Fault{} : document.faults.back();
}

TEST(Document, EveryValueHasItsLine) {
    const Document document = parseDocument(R"({
  "a": 1,
  "b": [
    10,
    20
  ],
  "c": {"d": true, "e": null,
        "f": "x"
  }, "g":
    2.5,
  "list": [{"port":
     7
  }, [
     [3]], "s", false]
})");
    ASSERT_TRUE(document.root.has_value());
    EXPECT_TRUE(document.faults.empty());
    const host::config::LineMap expected = {
        {"", 1},           {"/a", 2},           {"/b", 3},
        {"/b/0", 4},       {"/b/1", 5},         {"/c", 7},
        {"/c/d", 7},       {"/c/e", 7},         {"/c/f", 8},
        {"/g", 9},         {"/list", 11},       {"/list/0", 11},
        {"/list/1", 13},   {"/list/2", 14},     {"/list/3", 14},
        {"/list/1/0", 14}, {"/list/1/0/0", 14}, {"/list/0/port", 11}};
    EXPECT_EQ(document.lines, expected);
    EXPECT_EQ((*document.root)["list"][0]["port"], 7);
    EXPECT_EQ((*document.root)["c"]["f"], "x");
}

TEST(Document, ANumberAtTheEndOfALineIsOnThatLine) {
    const Document document = parseDocument("[\n1\n,\n-2.5\r\n,3\n\n]");
    EXPECT_EQ(document.lines.at("/0"), 2);
    EXPECT_EQ(document.lines.at("/1"), 4);
    EXPECT_EQ(document.lines.at("/2"), 5);
    EXPECT_EQ(parseDocument("5").lines.at(""), 1);
    EXPECT_EQ(parseDocument("\n\n5\n").lines.at(""), 3);
}

TEST(Document, OddKeysAreEscapedInPointers) {
    const Document document = parseDocument("{\"a/b\": {\"~\": 1},\n\"\": 2}");
    EXPECT_EQ(document.lines.at("/a~1b"), 1);
    EXPECT_EQ(document.lines.at("/a~1b/~0"), 1);
    EXPECT_EQ(document.lines.at("/"), 2);
}

TEST(Document, ASyntaxErrorTellsLineColumnAndWhatWasFound) {
    const auto fault = syntaxFault("{\n  \"a\": 1,\n}");
    EXPECT_EQ(fault.line, 3);
    EXPECT_THAT(fault.message, HasSubstr("column 1"));
    EXPECT_THAT(fault.message, HasSubstr("unexpected '}'; expected string literal"));
    EXPECT_FALSE(fault.warning);

    const auto literal = syntaxFault("{\"a\": nope}");
    EXPECT_EQ(literal.line, 1);
    EXPECT_THAT(literal.message, HasSubstr("invalid literal"));
    EXPECT_EQ(syntaxFault("{\"a\": tru\n}").line, 1);
    EXPECT_EQ(syntaxFault("{\n\"a\": 1\n\"b\": 2}").line, 3);
    EXPECT_EQ(syntaxFault("{\n\"a\": \"open\n}").line, 2);
    EXPECT_EQ(syntaxFault("{} x").line, 1);
    EXPECT_THAT(syntaxFault("{\"a\": [1,\n2").message, HasSubstr("unexpected end of input"));
    EXPECT_THAT(syntaxFault("{\"a\": 1e999}").message, HasSubstr("number overflow"));
    EXPECT_EQ(syntaxFault("// comment\n{}").line, 1);
}

TEST(Document, AnEmptyFileIsAFault) {
    EXPECT_THAT(syntaxFault("").message, HasSubstr("empty file"));
    EXPECT_THAT(syntaxFault(" \n\t ").message, HasSubstr("empty file"));
    EXPECT_THAT(syntaxFault("\xEF\xBB\xBF").message, HasSubstr("empty file"));
}

TEST(Document, AByteOrderMarkIsLetPass) {
    const Document document = parseDocument("\xEF\xBB\xBF{\"a\":\n1}");
    ASSERT_TRUE(document.root.has_value());
    EXPECT_EQ((*document.root)["a"], 1);
    EXPECT_EQ(document.lines.at("/a"), 1);
}

TEST(Document, InvalidUtf8IsAFault) {
    const auto fault = syntaxFault("{\n\"a\": \"x\xFFz\"}");
    EXPECT_EQ(fault.line, 2);
    EXPECT_THAT(fault.message, HasSubstr("UTF-8"));
    syntaxFault(std::string("{\"a\": \"x\0z\"}", 12));  // a bare NUL
    syntaxFault("\xFF\xFE{");
}

TEST(Document, AKeyGivenTwiceIsAFaultOnItsSecondLine) {
    const Document document =
        parseDocument("{\"a\": {\n\"x\": 1,\n\"y\": 2,\n\"x\": 3},\n\"b\": 1}");
    ASSERT_TRUE(document.root.has_value());
    ASSERT_EQ(document.faults.size(), 1U);
    EXPECT_EQ(document.faults[0].line, 4);
    EXPECT_EQ(document.faults[0].pointer, "/a/x");
    EXPECT_THAT(document.faults[0].message, HasSubstr("line 2"));
}

TEST(Document, DepthIsBounded) {
    const std::size_t most = host::config::kMaxConfigDepth;
    const std::string fits = std::string(most, '[') + std::string(most, ']');
    EXPECT_TRUE(parseDocument(fits).root.has_value());
    EXPECT_THAT(syntaxFault('[' + fits + ']').message, HasSubstr("nested deeper than 64"));
    EXPECT_THAT(syntaxFault(std::string(500'000, '[')).message, HasSubstr("nested deeper"));
}

TEST(Document, SizeIsBounded) {
    const std::string padding(host::config::kMaxConfigBytes - 2, ' ');
    EXPECT_TRUE(parseDocument("{}" + padding).root.has_value());
    EXPECT_THAT(syntaxFault("{} " + padding).message, HasSubstr("1048576"));
}

TEST(Document, HugeObjectsAndLongKeysDoNotGrowMemoryOrTime) {
    std::string many = "{";
    for (int i = 0; i < 60'000; ++i)
        many += "\"k" + std::to_string(i) + "\":1,";
    EXPECT_THAT(syntaxFault(many + "\"z\":1}").message, HasSubstr("more than 1000 keys"));

    const std::string longKey(200'000, 'k');
    std::string wide = "{\"" + longKey + "\":[";
    for (int i = 0; i < 100'000; ++i)
        wide += "1,";
    EXPECT_THAT(syntaxFault(wide + "1]}").message, HasSubstr("too long keys"));
}

}  // namespace
