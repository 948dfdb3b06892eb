#include "support/ids.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

TEST(Ids, JobIdsAreEightLowerCaseHexDigitsAndDiffer) {
    std::set<std::string> seen;
    for (int i = 0; i < 200; ++i) {
        const std::string id = host::newJobId();
        EXPECT_EQ(id.size(), 8U);
        EXPECT_EQ(id.find_first_not_of("0123456789abcdef"), std::string::npos);
        seen.insert(id);
    }
    EXPECT_GT(seen.size(), 190U);
}

TEST(Ids, CorrelationIdsFollowTheContract) {
    EXPECT_TRUE(host::isSaneCorrelationId("abc-DEF.1_2:3"));
    EXPECT_TRUE(host::isSaneCorrelationId(std::string(128, 'x')));
    EXPECT_FALSE(host::isSaneCorrelationId(""));
    EXPECT_FALSE(host::isSaneCorrelationId(std::string(129, 'x')));
    EXPECT_FALSE(host::isSaneCorrelationId("a b"));
    EXPECT_FALSE(host::isSaneCorrelationId("a\r\nSet-Cookie: x"));
    EXPECT_TRUE(host::isSaneCorrelationId(host::newCorrelationId()));
}

}  // namespace
