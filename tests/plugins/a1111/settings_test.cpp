// Where the server is, as settings say it.
#include "a1111/settings.hpp"

#include <gtest/gtest.h>

#include "ipl/error.hpp"

namespace test {

namespace {

std::string urlOf(const std::string& url) {
    return a1111::readSettings(R"({"url": ")" + url + R"("})").url;
}

TEST(A1111Settings, TheApisOwnPrefixMayStandInTheAddress) {
    for (const char* url : {"http://h:7860", "http://h:7860/", "http://h:7860/sdapi",
                            "http://h:7860/sdapi/v1/", "http://h:7860//sdapi/v1"})
        EXPECT_EQ(urlOf(url), "http://h:7860") << url;
    EXPECT_EQ(urlOf("https://h/webui/sdapi/v1"), "https://h/webui");
}

TEST(A1111Settings, AHostNamedLikeThePrefixStaysThere) {
    EXPECT_EQ(urlOf("http://sdapi"), "http://sdapi");
    EXPECT_EQ(urlOf("http://sdapi/v1"), "http://sdapi/v1");
}

TEST(A1111Settings, AnAddressWithoutAHostIsRefused) {
    for (const char* url : {"http://", "https:///", "http:///sdapi/v1", "h:7860", "http://h?x"})
        EXPECT_THROW(urlOf(url), ipl::Error) << url;
}

}  // namespace

}  // namespace test
