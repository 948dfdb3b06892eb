#include "support/base64.hpp"

#include <gtest/gtest.h>

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

TEST(Base64, EveryByteSurvives) {
    // 0x00 0x10 0x83 ... : the alphabet in order.
    const auto bytes =
        base64Decode("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    ASSERT_TRUE(bytes);
    ASSERT_EQ(bytes->size(), 48U);
    EXPECT_EQ(bytes->substr(0, 3), std::string("\x00\x10\x83", 3));
    EXPECT_EQ(bytes->substr(45), std::string("\xf3\xdf\xbf", 3));
}

}  // namespace
