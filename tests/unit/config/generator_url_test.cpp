// Processes that do not run the generator have to know where it is; which key goes to the model
// server.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config_file.hpp"

namespace {

using test::ConfigFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

ConfigFile without(const std::string& more) {
    return ConfigFile(R"({"version": "2.0", "services": {"dual_gen": false})" + more + "}");
}

TEST(GeneratorUrl, IsThePortOfThisMachineUnlessTheFileSaysOtherwise) {
    EXPECT_EQ(without("").settings().generatorUrl, "http://127.0.0.1:5050");
    EXPECT_EQ(without(R"(, "dual_gen_port": 6060)").settings().generatorUrl,
              "http://127.0.0.1:6060");
    EXPECT_EQ(without(R"(, "listen_address": "0.0.0.0")").settings().generatorUrl,
              "http://127.0.0.1:5050");
    EXPECT_EQ(without(R"(, "listen_address": "10.0.0.2")").settings().generatorUrl,
              "http://10.0.0.2:5050");
    EXPECT_EQ(without(R"(, "listen_address": "::")").settings().generatorUrl, "http://[::1]:5050");
    EXPECT_EQ(without(R"(, "generator_url": " https://Gen.lan:8443// ")").settings().generatorUrl,
              "https://gen.lan:8443");
}

TEST(GeneratorUrl, IsOfNoUseWhereTheGeneratorRuns) {
    const ConfigFile file(R"({"version": "2.0", "generator_url": "http://elsewhere:1"})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_THAT(file.warnings(), ElementsAre(HasSubstr("/generator_url")));
    EXPECT_EQ(file.settings().generatorUrl, "");
}

TEST(GeneratorUrl, IsAFaultWhenNobodyCouldReachIt) {
    EXPECT_THAT(without(R"(, "dual_gen_port": 0)").faults(),
                ElementsAre(HasSubstr("/generator_url")));
    for (const char* url : {"gen.lan:5050", "http://", "http://gen.lan/api", "ftp://gen.lan",
                            "http://user:secret@gen.lan", "http://a b", "http://gen.lan?x"})
        EXPECT_THAT(without(R"(, "generator_url": ")" + std::string(url) + "\"").faults(),
                    ElementsAre(HasSubstr("/generator_url")))
            << url;
}

TEST(ModelServerKey, IsTheKeyOfTheRoleThatUsesThatServer) {
    const ConfigFile both(R"({"version": "2.0",
        "prompt": {"plugin": "chat", "settings": {"url": "http://a:1/v1", "api_key": "of-a"}},
        "vision": {"plugin": "chat", "settings": {"url": "http://b:2", "api_key": "of-b"}}})");
    EXPECT_EQ(both.settings().modelServerUrl, "http://a:1");
    EXPECT_EQ(both.settings().modelServerKey, "of-a");
    const ConfigFile vision(R"({"version": "2.0",
        "vision": {"plugin": "chat", "settings": {"url": "http://b:2/", "api_key": "of-b"}}})");
    EXPECT_EQ(vision.settings().modelServerKey, "of-b");
}

TEST(ModelServerKey, IsNeverTheKeyOfAnotherServer) {
    const ConfigFile file(R"({"version": "2.0", "lm_studio_url": "http://c:3",
        "prompt": {"plugin": "chat", "settings": {"url": "http://a:1", "api_key": "of-a"}},
        "vision": {"plugin": "chat", "settings": {"url": "http://b:2", "api_key": "of-b"}}})");
    EXPECT_EQ(file.settings().modelServerUrl, "http://c:3");
    EXPECT_EQ(file.settings().modelServerKey, "");
}

}  // namespace
