#include "support/llm_text.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "support/text.hpp"

namespace {

using host::cleanPrompt;
using host::stripThinking;

struct Case {
    const char* raw;
    const char* clean;
};

class CleanPrompt : public testing::TestWithParam<Case> {};

TEST_P(CleanPrompt, TakesTheWrappingOff) {
    EXPECT_EQ(cleanPrompt(GetParam().raw), GetParam().clean) << GetParam().raw;
}

INSTANTIATE_TEST_SUITE_P(
    Thinking, CleanPrompt,
    testing::Values(Case{"a red boat", "a red boat"},
                    Case{"<think>hm</think>a red boat", "a red boat"},
                    Case{"<THINK>\nhm\n</Think >\n\na red boat", "a red boat"},
                    Case{"hm, a boat</think>\na red boat", "a red boat"},
                    Case{"a red boat<think>and then", "a red boat"}, Case{"<think>never ends", ""},
                    Case{"<think>a</think>one <think>b</think>two", "one two"},
                    Case{"<think>a<think>b</think>c</think>boat", "boat"},
                    Case{"<think>they say <think> opens it</think> boat", "boat"},
                    Case{"<thinking>x</thinking><reasoning>y</reasoning>boat", "boat"},
                    Case{"[THINK]x[/THINK]boat", "boat"}, Case{"<think></think>", ""},
                    Case{"<th<think></think>ink>boat", "<th ink>boat"},
                    Case{"a sign that says <3 and [thought] here",
                         "a sign that says <3 and [thought] here"}));

INSTANTIATE_TEST_SUITE_P(
    Fences, CleanPrompt,
    testing::Values(Case{"```\na red boat\n```", "a red boat"},
                    Case{"```text\na red boat\n```", "a red boat"},
                    Case{"```a red boat```", "a red boat"},
                    Case{"Here is your prompt:\n\n```\na red boat\n```\nEnjoy!", "a red boat"},
                    Case{"~~~\na red boat\n~~~", "a red boat"},
                    Case{"```\nnever closed", "never closed"}, Case{"`a red boat`", "a red boat"},
                    Case{"<think>x</think>\n```markdown\n\"a red boat\"\n```", "a red boat"}));

INSTANTIATE_TEST_SUITE_P(Quotes, CleanPrompt,
                         testing::Values(Case{"\"a red boat\"", "a red boat"},
                                         Case{"'a red boat'", "a red boat"},
                                         Case{"\xe2\x80\x9c"
                                              "a red boat\xe2\x80\x9d",
                                              "a red boat"},
                                         Case{"\xc2\xab"
                                              "a red boat\xc2\xbb",
                                              "a red boat"},
                                         Case{"\"'a red boat'\"", "a red boat"},
                                         Case{"'a sailor's boat'", "a sailor's boat"},
                                         Case{"\"Sea\" meets \"Sky\"", "\"Sea\" meets \"Sky\""},
                                         Case{"a boat called \"Anna\"", "a boat called \"Anna\""},
                                         Case{"\"", "\""}, Case{"**a red boat**", "a red boat"}));

INSTANTIATE_TEST_SUITE_P(
    Labels, CleanPrompt,
    testing::Values(Case{"Prompt: a red boat", "a red boat"},
                    Case{"**Prompt:** a red boat", "a red boat"},
                    Case{"### Image Prompt:\n\na red boat", "a red boat"},
                    Case{"**Final prompt**: \"a red boat\"", "a red boat"},
                    Case{"Sure! Here is a vivid prompt:\na red boat", "a red boat"},
                    Case{"Boat: a study in red", "Boat: a study in red"},
                    Case{"Prompt: ", "Prompt:"},
                    Case{"A prompt: that is what it shows", "A prompt: that is what it shows"},
                    Case{"Here stands a red boat: old, wet", "Here stands a red boat: old, wet"}));

INSTANTIATE_TEST_SUITE_P(Spaces, CleanPrompt,
                         testing::Values(Case{"  a \t red\r\n\r\nboat \n", "a red boat"},
                                         Case{"a\x01"
                                              "b",
                                              "a b"},
                                         Case{"", ""}, Case{" \n ", ""},
                                         Case{"bad \xff byte", "bad \xef\xbf\xbd byte"}));

TEST(StripThinking, KeepsEverythingElseAsItIs) {
    EXPECT_EQ(stripThinking("{\"a\":\n 1}"), "{\"a\":\n 1}");
}

TEST(CleanPromptProperties, HugeInputIsCut) {
    const std::string clean = cleanPrompt(std::string(5'000'000, 'x'));
    EXPECT_EQ(clean.size(), host::kMaxLlmText);
}

TEST(CleanPromptProperties, IsIdempotentAndGivesValidTextForAnyPieces) {
    const std::string_view pieces[] = {"<think>", "</think>",    "```",      "\n",   "\"",
                                       "'",       "Prompt:",     "**",       "boat", " ",
                                       "<th",     "ink>",        "\xe2\x80", "\x9c", "[THINK]",
                                       "text",    "Here is it:", "`",        "~~~",  "\xff"};
    std::mt19937 random(11);
    for (int round = 0; round < 20'000; ++round) {
        std::string raw;
        for (std::size_t n = random() % 12; n > 0; --n)
            raw += pieces[random() % std::size(pieces)];
        const std::string once = cleanPrompt(raw);
        EXPECT_EQ(cleanPrompt(once), once) << raw;
        EXPECT_TRUE(host::isValidUtf8(once)) << raw;
    }
}

}  // namespace
