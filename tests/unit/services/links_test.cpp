// Where a browser finds the other services.
#include "services/common/links.hpp"

#include <gtest/gtest.h>

namespace {

using host::http::Request;
using host::services::asSeenBy;
using host::services::Links;

Request requestTo(const std::string& name) {
    Request request;
    if (!name.empty()) request.headers.add("Host", name);
    return request;
}

TEST(Links, LeadToThisMachineUnderTheNameTheClientKnows) {
    EXPECT_EQ(asSeenBy(requestTo("studio.lan:3030"), "http://localhost:5050"),
              "http://studio.lan:5050");
    EXPECT_EQ(asSeenBy(requestTo("192.168.1.7"), "http://127.0.0.1:5050/x"),
              "http://192.168.1.7:5050/x");
    EXPECT_EQ(asSeenBy(requestTo("[fe80::1]:3030"), "http://[::1]:5050"), "http://[fe80::1]:5050");
    EXPECT_EQ(asSeenBy(requestTo("localhost:3030"), "http://127.0.0.1:5050"),
              "http://localhost:5050");
}

TEST(Links, ToOtherMachinesStayAsTheyAre) {
    EXPECT_EQ(asSeenBy(requestTo("studio.lan:3030"), "http://10.0.0.9:5050"),
              "http://10.0.0.9:5050");
    EXPECT_EQ(asSeenBy(requestTo("studio.lan:3030"), "https://gen.lan"), "https://gen.lan");
}

TEST(Links, AreNotMadeOfNamesThatAreNone) {
    for (const char* name :
         {"", "evil.test/path", "a b", "x\"><script>", "user@evil.test", "[", ":1"})
        EXPECT_EQ(asSeenBy(requestTo(name), "http://localhost:5050"), "http://localhost:5050")
            << name;
}

TEST(Links, KnowTheLatestAddressOfEachService) {
    Links links;
    links.set("dual_gen", "http://localhost:1");
    links.set("create_json", "http://localhost:2");
    links.set("dual_gen", "http://localhost:3");
    EXPECT_EQ(links.get("dual_gen"), "http://localhost:3");
    EXPECT_EQ(links.get("json_from_image"), "");
    EXPECT_EQ(links.seenBy(requestTo("pc:9")).dump(),
              R"({"dual_gen":"http://pc:3","create_json":"http://pc:2"})");
}

}  // namespace
