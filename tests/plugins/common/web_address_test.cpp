// Addresses of servers, as settings name them.
#include "common/web_address.hpp"

#include <gtest/gtest.h>

#include "common/openai_server.hpp"

namespace test {

namespace {

TEST(WebAddress, IsWhatAPathCanBePutBehind) {
    using upstream::webAddress;
    EXPECT_EQ(webAddress("http://h:7860"), "http://h:7860");
    EXPECT_EQ(webAddress("https://h/draw//"), "https://h/draw");
    EXPECT_EQ(webAddress("http://[::1]:8188/"), "http://[::1]:8188");
}

TEST(WebAddress, WithoutAHostIsNone) {
    for (const char* url :
         {"", "h", "http:", "http:/", "http://", "http:///", "https://", "https:///x", "http://:80",
          "ftp://h", "http://h/?x", "http://h#x", "http://h /", "http://h\n", "http://h\x7f"})
        EXPECT_EQ(upstream::webAddress(url), "") << url;
}

TEST(WebAddress, AHostNamedLikeARouteStaysThere) {
    EXPECT_EQ(upstream::apiBase("http://chat/completions", "/chat/completions"),
              "http://chat/completions/v1");
}

}  // namespace

}  // namespace test
