#include "wordsmith/wordsmith.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>
#include <sstream>
#include <string>

namespace {

using wordsmith::write;

int words(const std::string& text) {
    std::istringstream in(text);
    std::string word;
    int count = 0;
    while (in >> word)
        ++count;
    return count;
}

std::string lower(std::string text) {
    for (char& c : text) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return text;
}

void expectGoodProse(const std::string& text) {
    EXPECT_GE(words(text), wordsmith::kMinWords) << text;
    EXPECT_LE(words(text), wordsmith::kMaxWords) << text;
    ASSERT_FALSE(text.empty());
    EXPECT_EQ(text.back(), '.') << text;
    EXPECT_EQ(text.find("  "), std::string::npos) << text;
    EXPECT_EQ(text.find(" ,"), std::string::npos) << text;
    for (const char c : text)
        EXPECT_GE(static_cast<unsigned char>(c), 0x20U) << text;
}

TEST(Wordsmith, SameConceptSeedAndRunGiveTheSameText) {
    EXPECT_EQ(write("a stormy harbour", 7, 2), write("a stormy harbour", 7, 2));
}

TEST(Wordsmith, NoTwoOfAThousandSeedsAreAlike) {
    for (const char* idea : {"a stormy harbour at dusk", "portrait of a clockmaker", "", "x"}) {
        std::set<std::string> seen;
        for (uint64_t seed = 0; seed < 1000; ++seed)
            seen.insert(write(idea, seed, 0));
        EXPECT_EQ(seen.size(), 1000U) << idea;
    }
}

TEST(Wordsmith, NoTwoOfAThousandRunsAreAlike) {
    std::set<std::string> seen;
    for (uint64_t run = 0; run < 1000; ++run)
        seen.insert(write("a city in the rain", 42, run));
    EXPECT_EQ(seen.size(), 1000U);
}

TEST(Wordsmith, EveryTextHasEightyToOneHundredAndTwentyWords) {
    const std::array<std::string, 8> ideas = {"",
                                              "robot",
                                              "a stormy harbour at dusk",
                                              "Snow at night over a city street",
                                              "портрет женщины",
                                              "a very long idea about an old woman and a young man "
                                              "who walk through the rain on the last day of "
                                              "summer while the birds leave",
                                              "underwater",
                                              "The Persistence of Memory"};
    for (const std::string& idea : ideas) {
        for (uint64_t seed = 0; seed < 300; ++seed)
            expectGoodProse(write(idea, seed, 0));
    }
}

TEST(Wordsmith, TheConceptsOwnWordsAppear) {
    for (uint64_t seed = 0; seed < 50; ++seed) {
        EXPECT_NE(lower(write("A copper automaton feeding pigeons", seed, 0))
                      .find("a copper automaton feeding pigeons"),
                  std::string::npos);
    }
}

TEST(Wordsmith, WhatIsSaidFollowsTheConcept) {
    int sea = 0;
    int space = 0;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        for (const char* word : {"water", "tide", "gull", "foam", "breakwater", "salt", "rope",
                                 "spray", "horizon", "nets", "hull"}) {
            sea += lower(write("two boats", seed, 0)).find(word) != std::string::npos ? 1 : 0;
            space += lower(write("a nebula", seed, 0)).find(word) != std::string::npos ? 1 : 0;
        }
    }
    EXPECT_GT(sea, 120);
    EXPECT_LT(space, sea / 4);
}

TEST(Wordsmith, AnEmptyConceptIsInvented) {
    std::set<std::string> openings;
    for (uint64_t seed = 0; seed < 60; ++seed) {
        const std::string text = write(" \n\t", seed, 0);
        expectGoodProse(text);
        openings.insert(text.substr(0, text.find(',')));
    }
    EXPECT_GT(openings.size(), 20U);
}

TEST(Wordsmith, AConceptThatIsCutWithinANumberEndsWithoutAMark) {
    const std::string cut = wordsmith::tidy(std::string(157, 'a') + "1?1");
    EXPECT_EQ(cut, std::string(157, 'a') + "1");
    EXPECT_EQ(wordsmith::tidy(cut), cut);
}

TEST(Wordsmith, HostileConceptsAreBoundedAndStayOneLineOfUtf8) {
    const std::array<std::string, 8> ideas = {std::string(10000, 'a'),
                                              [] {
                                                  std::string text;
                                                  for (int i = 0; i < 3000; ++i)
                                                      text += "w ";
                                                  return text;
                                              }(),
                                              std::string("\0\x01\x02\x1b[31mred\x7f\r\n", 14),
                                              "{\"concept\": {\"deep\": [1, 2, \"three\"]}}",
                                              "🦊🌊🔥 fox",
                                              "\xff\xfe\xc0\x80\xed\xa0\x80 broken \xf0\x9f",
                                              "\"; DROP TABLE jobs; -- <script>alert(1)</script>",
                                              [] {
                                                  std::string text;
                                                  for (int i = 0; i < 5000; ++i)
                                                      text += "水";
                                                  return text;
                                              }()};
    for (const std::string& idea : ideas) {
        const std::string tidy = wordsmith::tidy(idea);
        EXPECT_LE(tidy.size(), 160U);
        for (uint64_t seed = 0; seed < 20; ++seed) {
            const std::string text = write(idea, seed, 0);
            expectGoodProse(text);
            EXPECT_LT(text.size(), 1500U);
            EXPECT_EQ(text.find_first_of("{}<>\""), std::string::npos) << text;
        }
    }
    EXPECT_EQ(wordsmith::tidy("\xff\xfe\xc0\x80\xed\xa0\x80 broken \xf0\x9f"), "broken");
    EXPECT_EQ(wordsmith::tidy("🦊🌊🔥 fox"), "🦊🌊🔥 fox");
}

}  // namespace
