#include "support/base64.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using host::base64Decode;

TEST(Base64, DecodesTheStandardsOwnExamples) {
    EXPECT_EQ(base64Decode(""), "");
    EXPECT_EQ(base64Decode("Zg=="), "f");
    EXPECT_EQ(base64Decode("Zm8="), "fo");
    EXPECT_EQ(base64Decode("Zm9v"), "foo");
    EXPECT_EQ(base64Decode("Zm9vYg=="), "foob");
    EXPECT_EQ(base64Decode("Zm9vYmE="), "fooba");
    EXPECT_EQ(base64Decode("Zm9vYmFy"), "foobar");
}

TEST(Base64, ForgivesLineBreaksAndMissingPadding) {
    EXPECT_EQ(base64Decode("Zm9v\r\nYmFy\n"), "foobar");
    EXPECT_EQ(base64Decode("Z m 9 v Y g"), "foob");
    EXPECT_EQ(base64Decode("Zm8"), "fo");
}

TEST(Base64, RefusesWhatIsNone) {
    for (const char* text :
         {"Z", "Zm9vY", "Zm9v!", "Zg=g", "=", "Zg===", "Zm9v=", "Zm9vYg=a", "\xc3\xbc\xc3\xbc"}) {
        EXPECT_EQ(base64Decode(text), std::nullopt) << text;
    }
}

// Long texts go another way than short ones.
TEST(Base64, LongTextsAreReadAndRefusedLikeShortOnes) {
    const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string bytes;
    for (std::size_t i = 0; i + 4 <= digits.size(); i += 4)
        bytes += base64Decode(digits.substr(i, 4)).value();
    std::string text;
    std::string expected;
    for (int i = 0; i < 5; ++i) {
        text += digits;
        expected += bytes;
    }
    for (std::size_t cut = 0; cut < 70; ++cut) {
        const std::size_t groups = (text.size() - cut) / 4;
        ASSERT_EQ(base64Decode(std::string_view(text).substr(0, groups * 4)),
                  expected.substr(0, groups * 3));
        std::string broken = text;
        broken.insert(cut, "\r\n");
        ASSERT_EQ(base64Decode(broken), expected) << cut;
    }
    for (int c = 0; c < 256; ++c) {
        const char byte = static_cast<char>(c);
        std::string faulty = text;
        faulty[37] = byte;
        const bool digit = digits.find(byte) != std::string::npos;
        if (byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n') continue;
        EXPECT_EQ(base64Decode(faulty).has_value(), digit) << c;
    }
}

TEST(Base64, EveryByteSurvives) {
    // 0x00 0x10 0x83 ... : the alphabet in order.
    const auto bytes =
        base64Decode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), 48U);
    EXPECT_EQ(bytes->substr(0, 3), std::string("\x00\x10\x83", 3));
    EXPECT_EQ(bytes->substr(45), std::string("\xf3\xdf\xbf", 3));
}

TEST(Base64, EncodesWhatDecodingGivesBack) {
    EXPECT_EQ(host::base64Encode(""), "");
    EXPECT_EQ(host::base64Encode("f"), "Zg==");
    EXPECT_EQ(host::base64Encode("fo"), "Zm8=");
    EXPECT_EQ(host::base64Encode("foobar"), "Zm9vYmFy");
    std::string every;
    for (int i = 0; i < 256; ++i)
        every += static_cast<char>(i);
    EXPECT_EQ(base64Decode(host::base64Encode(every)), every);
}

}  // namespace
