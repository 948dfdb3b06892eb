#include "support/text.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace std::string_literals;

TEST(Utf8, TextOfEveryLengthOfCodePointIsValid) {
    EXPECT_TRUE(host::isValidUtf8(""));
    EXPECT_TRUE(host::isValidUtf8("plain\0with nul"s));
    EXPECT_TRUE(host::isValidUtf8("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x8E\xA8"));
    EXPECT_TRUE(host::isValidUtf8("\xF4\x8F\xBF\xBF"));
}

TEST(Utf8, WrongBytesAreInvalid) {
    EXPECT_FALSE(host::isValidUtf8("\x80"));              // continuation alone
    EXPECT_FALSE(host::isValidUtf8("\xC3"));              // cut off
    EXPECT_FALSE(host::isValidUtf8("\xE2\x82"));          // cut off
    EXPECT_FALSE(host::isValidUtf8("\xC0\xAF"));          // overlong '/'
    EXPECT_FALSE(host::isValidUtf8("\xE0\x80\xAF"));      // overlong
    EXPECT_FALSE(host::isValidUtf8("\xED\xA0\x80"));      // surrogate
    EXPECT_FALSE(host::isValidUtf8("\xF4\x90\x80\x80"));  // above U+10FFFF
    EXPECT_FALSE(host::isValidUtf8("\xFF"));
    EXPECT_FALSE(host::isValidUtf8("a\xC3z"));
}

TEST(Utf8, InvalidPiecesAreReplacedAndTheRestIsKept) {
    EXPECT_EQ(host::replaceInvalidUtf8("caf\xC3\xA9"), "caf\xC3\xA9");
    EXPECT_EQ(host::replaceInvalidUtf8("a\xFFz"), "a\xEF\xBF\xBDz");
    EXPECT_EQ(host::replaceInvalidUtf8("\xE2\x82x"), "\xEF\xBF\xBDx");
    EXPECT_EQ(host::replaceInvalidUtf8("\xF0\x9F\x8E"), "\xEF\xBF\xBD");
    EXPECT_EQ(host::replaceInvalidUtf8("\xC0\xAF"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_TRUE(host::isValidUtf8(host::replaceInvalidUtf8("\xED\xA0\x80\xF8\xC3(")));
}

TEST(Utf8, LengthCountsCodePoints) {
    EXPECT_EQ(host::utf8Length(""), 0U);
    EXPECT_EQ(host::utf8Length("abc"), 3U);
    EXPECT_EQ(host::utf8Length("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x8E\xA8"), 3U);
    EXPECT_EQ(host::utf8Length("a\xFF\xE2\x82"), 3U);
}

TEST(Utf8, PrefixNeverCutsACodePoint) {
    const std::string text = "a\xC3\xA9\xF0\x9F\x8E\xA8z";
    EXPECT_EQ(host::utf8Prefix(text, 0), "");
    EXPECT_EQ(host::utf8Prefix(text, 1), "a");
    EXPECT_EQ(host::utf8Prefix(text, 2), "a");
    EXPECT_EQ(host::utf8Prefix(text, 3), "a\xC3\xA9");
    EXPECT_EQ(host::utf8Prefix(text, 6), "a\xC3\xA9");
    EXPECT_EQ(host::utf8Prefix(text, 7), "a\xC3\xA9\xF0\x9F\x8E\xA8");
    EXPECT_EQ(host::utf8Prefix(text, 100), text);
}

TEST(Utf8, PrefixOfBytesThatAreNoTextStillHasAnEnd) {
    const std::string junk(100, '\x80');
    EXPECT_EQ(host::utf8Prefix(junk, 50).size(), 50U);
    EXPECT_EQ(host::utf8Prefix(junk, 2).size(), 2U);
}

TEST(Slug, KeepsLettersAndDigitsInLowerCase) {
    EXPECT_EQ(host::slug("Studio A"), "studio-a");
    EXPECT_EQ(host::slug("  GPU_2 (new!) "), "gpu_2-new");
    EXPECT_EQ(host::slug("../../etc"), "etc");
}

TEST(Slug, IsNeverEmptyAndBounded) {
    EXPECT_EQ(host::slug(""), "unnamed");
    EXPECT_EQ(host::slug("\xE2\x82\xAC\xE2\x82\xAC"), "unnamed");
    EXPECT_EQ(host::slug(std::string(1000, 'X')), std::string(40, 'x'));
    const std::string cutAtDash = host::slug(std::string(39, 'a') + " bcd");
    EXPECT_EQ(cutAtDash, std::string(39, 'a'));
}

TEST(SafeFileName, OrdinaryNamesStay) {
    EXPECT_EQ(host::safeFileName("Picture_01-b.final.png", 100), "Picture_01-b.final.png");
}

TEST(SafeFileName, NothingLeavesTheFolder) {
    EXPECT_EQ(host::safeFileName("../../etc/passwd", 100), "passwd");
    EXPECT_EQ(host::safeFileName("/absolute/x.png", 100), "x.png");
    EXPECT_EQ(host::safeFileName("C:\\dir\\x.png", 100), "x.png");
    EXPECT_EQ(host::safeFileName("..", 100), "unnamed");
    EXPECT_EQ(host::safeFileName("a/..", 100), "unnamed");
    EXPECT_EQ(host::safeFileName("", 100), "unnamed");
    EXPECT_EQ(host::safeFileName("dir/", 100), "unnamed");
    EXPECT_EQ(host::safeFileName(".hidden", 100), "hidden");
    EXPECT_EQ(host::safeFileName("...png", 100), "png");
}

TEST(SafeFileName, OddCharactersBecomeUnderscores) {
    EXPECT_EQ(host::safeFileName("a b\0c\nd.png"s, 100), "a_b_c_d.png");
    EXPECT_EQ(host::safeFileName("x;rm -rf *.png", 100), "x_rm_-rf__.png");
    EXPECT_EQ(host::safeFileName("\xC3\xA9.png", 100), "__.png");
    EXPECT_EQ(host::safeFileName("._mac.png", 100), "_mac.png");
    EXPECT_EQ(host::safeFileName("a.p\xFFg", 100), "a.p_g");
}

TEST(SafeFileName, LongNamesAreCutBeforeTheirEnding) {
    EXPECT_EQ(host::safeFileName(std::string(300, 'a') + ".png", 20),
              std::string(16, 'a') + ".png");
    EXPECT_EQ(host::safeFileName("a." + std::string(300, 'b'), 10), "a.bbbbbbbb");
    EXPECT_EQ(host::safeFileName("abcdef.png", 4).size(), 4U);
    EXPECT_EQ(host::safeFileName("abc", 0).size(), 1U);
    EXPECT_EQ(host::safeFileName("", 3).size(), 3U);
}

TEST(EditDistance, CountsOneForEachSlipOfTheHand) {
    EXPECT_EQ(host::editDistance("port", "port", 2), 0U);
    EXPECT_EQ(host::editDistance("prt", "port", 2), 1U);
    EXPECT_EQ(host::editDistance("portt", "port", 2), 1U);
    EXPECT_EQ(host::editDistance("part", "port", 2), 1U);
    EXPECT_EQ(host::editDistance("prot", "port", 2), 1U);
    EXPECT_EQ(host::editDistance("endpionts", "endpoints", 2), 1U);
    EXPECT_EQ(host::editDistance("", "ab", 2), 2U);
    EXPECT_EQ(host::editDistance("ab", "ba", 1), 1U);
    EXPECT_EQ(host::editDistance("badc", "abcd", 2), 2U);
}

TEST(EditDistance, StopsAtItsLimit) {
    EXPECT_EQ(host::editDistance("kitten", "sitting", 2), 3U);
    EXPECT_EQ(host::editDistance("a", std::string(1'000'000, 'b'), 2), 3U);
    EXPECT_EQ(host::editDistance("abcdefgh", "hgfedcba", 2), 3U);
    EXPECT_EQ(host::editDistance(std::string(100'000, 'a'), std::string(100'000, 'b'), 2), 3U);
}

TEST(Case, IsIgnoredForAsciiOnly) {
    EXPECT_TRUE(host::iequals("Studio A", "sTUDIO a"));
    EXPECT_FALSE(host::iequals("abc", "abcd"));
    EXPECT_FALSE(host::iequals("[", "{"));
    EXPECT_EQ(host::toLower("ABC \xC3\x89[Z"), "abc \xC3\x89[z");
}

TEST(Trim, TakesWhiteSpaceFromBothEndsOnly) {
    EXPECT_EQ(host::trim(" \t\r\n a b \v\f"), "a b");
    EXPECT_EQ(host::trim(" \n "), "");
    EXPECT_EQ(host::trim(""), "");
}

TEST(IsoTime, HasMillisecondsInUtc) {
    EXPECT_EQ(host::isoTime(0), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(host::isoTime(1767323045.678), "2026-01-02T03:04:05.678Z");
    EXPECT_EQ(host::isoTime(1767323045.9996), "2026-01-02T03:04:06.000Z");
    EXPECT_EQ(host::isoTime(-0.5), "1969-12-31T23:59:59.500Z");
}

TEST(IsoTime, SurvivesTimesThatAreNone) {
    EXPECT_EQ(host::isoTime(std::numeric_limits<double>::quiet_NaN()), "1970-01-01T00:00:00.000Z");
    EXPECT_EQ(host::isoTime(std::numeric_limits<double>::infinity()), "9999-12-31T23:59:59.999Z");
    EXPECT_EQ(host::isoTime(-1e300), "0000-01-01T00:00:00.000Z");
}

TEST(CsvField, IsQuotedOnlyWhereNeeded) {
    EXPECT_EQ(host::csvField("plain text"), "plain text");
    EXPECT_EQ(host::csvField(""), "");
    EXPECT_EQ(host::csvField("a,b"), "\"a,b\"");
    EXPECT_EQ(host::csvField("say \"hi\""), "\"say \"\"hi\"\"\"");
    EXPECT_EQ(host::csvField("two\nlines"), "\"two\nlines\"");
    EXPECT_EQ(host::csvField("two\r\nlines"), "\"two\r\nlines\"");
    EXPECT_EQ(host::csvField(" padded "), "\" padded \"");
}

}  // namespace
