#include "services/common/bounded_json.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using host::services::parseObject;
using host::services::plainValue;

std::string withMembers(int count) {
    std::string body = "{";
    for (int i = 0; i < count; ++i)
        body += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":0";
    return body + "}";
}

// A million of them would keep a thread for an hour.
TEST(BoundedJson, TooManyMembersAreRefusedBeforeTheyTakeLong) {
    EXPECT_TRUE(parseObject(withMembers(5000)).ok());
    EXPECT_FALSE(parseObject(withMembers(5001)).ok());
    EXPECT_FALSE(parseObject(withMembers(1'000'000)).ok());
    EXPECT_FALSE(parseObject(R"({"a":)" + withMembers(5000) + "}").ok()) << "in all";
}

TEST(BoundedJson, DeepOrBrokenOnesAreRefused) {
    EXPECT_FALSE(parseObject("[1]").ok());
    EXPECT_FALSE(parseObject("{").ok());
    EXPECT_FALSE(parseObject(R"({"a":[[1]]})", 2).ok());
    EXPECT_TRUE(parseObject(R"({"a":[1]})", 2).ok());
}

TEST(BoundedJson, APlainValueIsAShortNumberOrBoolean) {
    EXPECT_EQ(plainValue(" 7.5 "), 7.5);
    EXPECT_EQ(plainValue("true"), true);
    for (const std::string& other : {std::string(), std::string("x"), std::string("[1]"),
                                     std::string(65, '1'), std::string(5'000'000, '[')})
        EXPECT_EQ(plainValue(other), std::nullopt);
}

}  // namespace
