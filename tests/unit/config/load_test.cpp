// Files that are wrong: every fault at once, with its place, what was found and what was expected.
#include "config/load.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "config_file.hpp"

namespace {

using test::ConfigFile;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

// The only fault of a file.
std::string onlyFault(const std::string& text) {
    const ConfigFile file(text);
    EXPECT_EQ(file.faults().size(), 1U) << text;
    EXPECT_FALSE(file.result().ok());
    return file.faults().empty() ? "" : file.faults()[0];
}

std::string onlyEndpointFault(const std::string& endpoint) {
    return onlyFault("{\"endpoints\": [\n" + endpoint + "]}");
}

std::string sketch(const std::string& name) {
    return "{\"name\": \"" + name + "\", \"plugin\": \"sketch\"}";
}

TEST(Load, AllFaultsComeAtOnceWithLineAndPointer) {
    const ConfigFile file(R"({
  "version": "2.0",
  "dual_gen_port": "5050",
  "logging_level": "verbose",
  "endpoints": [
    {"name": "A",
     "ip": "h", "port": 70000},
    {"name": "a", "plugin": "sketch"},
    {"name": "B", "plugin": "sketch", "concurency": 2}
  ],
  "validation_limits": {"count":
     {"min": 9, "max": 3}},
  "services": {"dual_gen": 1},
  "endpoins": []
})");
    EXPECT_THAT(
        file.faults(),
        ElementsAre(
            "3 /dual_gen_port: found \"5050\", expected an integer 0-65535",
            AllOf(HasSubstr("4 /logging_level: found \"verbose\", expected \"DEBUG\", \"INFO\"")),
            "7 /endpoints/0/port: found 70000, expected an integer 1-65535",
            AllOf(HasSubstr("8 /endpoints/1/name: found \"a\""), HasSubstr("/endpoints/0")),
            "9 /endpoints/2/concurency: found the unknown key \"concurency\", did you mean "
            "\"concurrency\"?",
            "11 /validation_limits/count: found min 9 above max 3, expected min to be at most max",
            "13 /services/dual_gen: found 1, expected true or false",
            "14 /endpoins: found the unknown key \"endpoins\", did you mean \"endpoints\"?"));
    EXPECT_FALSE(file.result().ok());
}

TEST(Load, AFaultIsPrintedOnOneLineWithItsFile) {
    const host::config::Fault fault{12, "/endpoints/0/port",
                                    "found \"abc\", expected an integer 1-65535", false};
    EXPECT_EQ(host::config::format(fault, "config.json"),
              "config.json:12: /endpoints/0/port: found \"abc\", expected an integer 1-65535");
    EXPECT_EQ(host::config::format({0, "", "found no such file", false}, "c.json"),
              "c.json: found no such file");
    EXPECT_EQ(host::config::format({3, "/a\nb\xFF", "odd", true}, "c.json"),
              "c.json:3: warning: /a?b\xEF\xBF\xBD: odd");
}

TEST(Load, AFileThatCannotBeReadIsAFault) {
    const test::TempDir folder;
    const auto fault = [](const std::filesystem::path& path) {
        const auto result = host::config::load(path);
        EXPECT_FALSE(result.ok());
        EXPECT_EQ(result.faults.size(), 1U);
        return result.faults.at(0).message;
    };
    EXPECT_THAT(fault(folder / "missing.json"), HasSubstr("no such file"));
    EXPECT_THAT(fault(folder / "no/such/folder.json"), HasSubstr("no such file"));
    EXPECT_THAT(fault(folder.path()), HasSubstr("folder"));
    EXPECT_THAT(fault("/dev/null"), HasSubstr("no ordinary file"));
    ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
    EXPECT_THAT(fault(folder / "pipe"), HasSubstr("no ordinary file"));
    test::writeFile(folder / "huge.json", std::string(2 * 1024 * 1024, ' '));
    EXPECT_THAT(fault(folder / "huge.json"), HasSubstr("smaller file"));
    if (::geteuid() != 0) {
        test::writeFile(folder / "shut.json", "{}");
        ASSERT_EQ(::chmod((folder / "shut.json").c_str(), 0), 0);
        EXPECT_THAT(fault(folder / "shut.json"), HasSubstr("Permission denied"));
    }
}

TEST(Load, WhatIsNoObjectIsAFault) {
    EXPECT_EQ(onlyFault("[]"), "1 : found a list of 0, expected an object");
    EXPECT_EQ(onlyFault("\n5"), "2 : found 5, expected an object");
    EXPECT_THAT(onlyFault("{\n\"a\": }"), HasSubstr("2 : found bad JSON at column 6"));
}

TEST(Load, AKeyGivenTwiceIsAFaultBesideTheOthers) {
    const ConfigFile file("{\"dual_gen_port\": 1,\n\"dual_gen_port\": 2,\n\"trash_days\": -1}");
    EXPECT_THAT(file.faults(), ElementsAre(HasSubstr("2 /dual_gen_port: found this key again"),
                                           HasSubstr("3 /trash_days: found -1")));
}

TEST(Load, AnUnknownKeyThatIsNearNoneIsAWarning) {
    const ConfigFile file("{\"comment\": \"x\",\n\"endpoints\": [\n" +
                          sketch("S").insert(1, "\"id\": 7, ") + "]}");
    EXPECT_TRUE(file.result().ok());
    EXPECT_THAT(file.warnings(),
                ElementsAre(HasSubstr("1 /comment: found the unknown key"),
                            HasSubstr("3 /endpoints/0/id: found the unknown key")));
}

TEST(Load, EveryPortMustBeInRangeAndItsOwn) {
    EXPECT_THAT(onlyFault(R"({"dual_gen_port": 65536})"), HasSubstr("expected an integer 0-65535"));
    EXPECT_THAT(onlyFault(R"({"dual_gen_port": -1})"), HasSubstr("expected an integer 0-65535"));
    EXPECT_THAT(
        onlyFault("{\"version\": \"2.0\",\n\"dual_gen_port\": 4000}"),
        AllOf(HasSubstr("2 /dual_gen_port: found 4000"), HasSubstr("json_from_image_port")));
    EXPECT_THAT(onlyFault(R"({"dual_gen_port": 7, "create_json_port": 7})"),
                HasSubstr("/create_json_port: found 7"));
    const ConfigFile free(R"({"dual_gen_port": 0, "create_json_port": 0})");
    EXPECT_THAT(free.faults(), IsEmpty());
    const ConfigFile off(R"({"dual_gen_port": 4000, "services": {"json_from_image": false}})");
    EXPECT_THAT(off.faults(), IsEmpty());
}

TEST(Load, NoServiceAtAllIsAFault) {
    EXPECT_THAT(
        onlyFault(
            R"({"services": {"dual_gen": false, "json_from_image": false, "create_json": false}})"),
        HasSubstr("1 /services: found every service off"));
}

TEST(Load, AVersionFromTheFutureIsAFault) {
    EXPECT_THAT(onlyFault(R"({"version": "3.0"})"),
                HasSubstr("found \"3.0\", expected \"1.0\" or \"2.0\""));
    EXPECT_THAT(onlyFault(R"({"version": 2})"), HasSubstr("found 2, expected a text"));
}

TEST(Load, TheModelServerMustBeAUrlGivenOnce) {
    for (const char* url : {"localhost:1234", "ftp://x", "http://", "http:///v1", "http://a b",
                            "http://h?x=1", "http://:80"}) {
        EXPECT_THAT(onlyFault(R"({"lm_studio_url": ")" + std::string(url) + "\"}"),
                    AllOf(HasSubstr("/lm_studio_url: found \""), HasSubstr("expected a URL")));
    }
    EXPECT_THAT(onlyFault("{\"lm_studio_url\": \"http://a\",\n\"llm_url\": \"http://b\"}"),
                AllOf(HasSubstr("2 /llm_url: "), HasSubstr("http://a"), HasSubstr("http://b")));
    EXPECT_THAT(onlyFault(R"({"lm_studio_model": "a", "llm_model": "b"})"),
                HasSubstr("/llm_model: found \"b\" here and \"a\""));
}

TEST(Load, AnEndpointMustHaveAUsableName) {
    EXPECT_THAT(onlyEndpointFault(sketch("")), HasSubstr("2 /endpoints/0/name: found \"\""));
    EXPECT_THAT(onlyEndpointFault(sketch("  ")), HasSubstr("not blank"));
    EXPECT_THAT(onlyEndpointFault(sketch(std::string(65, 'x'))), HasSubstr("1-64 characters"));
    EXPECT_THAT(onlyEndpointFault(sketch("All")), HasSubstr("expected another name"));
    EXPECT_THAT(onlyEndpointFault(sketch("any")), HasSubstr("expected another name"));
    EXPECT_THAT(onlyEndpointFault(sketch("a\\u0007b")), HasSubstr("control character"));
    EXPECT_THAT(onlyEndpointFault(sketch("a\\u0085b")), HasSubstr("control character"));
    EXPECT_THAT(onlyEndpointFault(sketch("Gpu") + ",\n" + sketch("GPU")),
                HasSubstr("3 /endpoints/1/name: found \"GPU\""));
    EXPECT_THAT(onlyEndpointFault("{\"name\": 7, \"plugin\": \"sketch\"}"),
                HasSubstr("found 7, expected a text"));
    const ConfigFile comma("{\"endpoints\": [" + sketch("rack 1, left") + "]}");
    EXPECT_TRUE(comma.result().ok());
    EXPECT_THAT(comma.warnings(), ElementsAre(HasSubstr("commas")));
    const ConfigFile longest("{\"endpoints\": [" + sketch(std::string(64, 'x')) + "]}");
    EXPECT_THAT(longest.faults(), IsEmpty());
}

TEST(Load, AnEndpointMustSayWhereItIs) {
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "ip": "h"})"),
                HasSubstr("2 /endpoints/0: found no \"port\", expected an integer 1-65535"));
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "port": 1})"), HasSubstr("found no \"ip\""));
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "port": 0, "ip": "h"})"),
                HasSubstr("/endpoints/0/port: found 0, expected an integer 1-65535"));
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "port": 1, "ip": "http://h/"})"),
                HasSubstr("/endpoints/0/ip: found \"http://h/\", expected an address"));
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "settings": {"ip": "a b", "port": 1}})"),
                HasSubstr("/endpoints/0/settings/ip: found \"a b\""));
    EXPECT_THAT(
        onlyEndpointFault(R"({"name": "A", "ip": "h", "settings": {"ip": "g", "port": 1}})"),
        HasSubstr("/endpoints/0/ip: found another value than in \"settings\""));
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "plugin": "sketch", "port": 1})"),
                HasSubstr("/endpoints/0/port: found it beside the plugin \"sketch\""));
}

TEST(Load, PluginUsesAreInRange) {
    EXPECT_THAT(onlyFault(R"({"prompt": {"concurrency": 65}})"), HasSubstr("an integer 1-64"));
    EXPECT_THAT(onlyFault(R"({"prompt": {"concurrency": 0}})"), HasSubstr("an integer 1-64"));
    EXPECT_THAT(onlyFault(R"({"vision": {"timeout_seconds": 0}})"),
                HasSubstr("an integer 1-86400"));
    EXPECT_THAT(onlyFault(R"({"vision": {"timeout_seconds": 86401}})"),
                HasSubstr("an integer 1-86400"));
    EXPECT_THAT(onlyFault(R"({"prompt": {"settings": []}})"), HasSubstr("expected an object"));
    EXPECT_THAT(onlyFault(R"({"prompt": {"plugin": "../evil.so"}})"),
                HasSubstr("/prompt/plugin: found \"../evil.so\", expected the id of a plugin"));
    EXPECT_THAT(onlyFault(R"({"prompt": "chat"})"),
                HasSubstr("found \"chat\", expected an object"));
}

TEST(Load, APromptDialectIsOneOfTheKnownWords) {
    EXPECT_THAT(
        onlyEndpointFault(R"({"name": "A", "plugin": "sketch", "prompt_dialect": "flux"})"),
        AllOf(HasSubstr("/endpoints/0/prompt_dialect: found \"flux\""), HasSubstr("\"flux2\"")));
    EXPECT_THAT(onlyEndpointFault(R"({"name": "A", "plugin": "sketch", "prompt_dialect": 2})"),
                HasSubstr("/endpoints/0/prompt_dialect: found 2"));
    EXPECT_THAT(
        onlyEndpointFault(R"({"name": "A", "plugin": "sketch", "prompt_dialekt": "flux2"})"),
        HasSubstr("\"prompt_dialect\""));
}

TEST(Load, TheEndpointsOnTheModelsGpuAreNamed) {
    const std::string endpoints =
        R"("endpoints": [{"name": "A", "plugin": "sketch"}, {"name": "B", "plugin": "sketch"}])";
    const auto sharing = [&](const std::string& prompt) {
        std::string names;
        const test::ConfigFile file("{\"prompt\": " + prompt + ", " + endpoints + "}");
        for (const auto& endpoint : file.settings().endpoints)
            names += endpoint.sharesGpu ? endpoint.name : "-";
        return names;
    };
    EXPECT_EQ(sharing("{}"), "--");
    EXPECT_EQ(sharing(R"({"release_gpu_before_drawing": true})"), "AB");
    EXPECT_EQ(sharing(R"({"release_gpu_before_drawing": true, "shares_gpu_with": ["B"]})"), "-B");
    EXPECT_EQ(sharing(R"({"shares_gpu_with": ["B"]})"), "--");
    EXPECT_THAT(onlyFault(R"({"prompt": {"release_gpu_before_drawing": true,
                              "shares_gpu_with": ["Studio"]}})"),
                HasSubstr("/prompt/shares_gpu_with/0: found \"Studio\", expected the name of"));
}

TEST(Load, IsolationIsNotAvailableYet) {
    EXPECT_THAT(onlyFault(R"({"prompt": {"isolation": "process"}})"),
                AllOf(HasSubstr("/prompt/isolation: found \"process\", expected \"none\""),
                      HasSubstr("not available in this version")));
    EXPECT_THAT(onlyEndpointFault(sketch("S").insert(1, "\"isolation\": \"process\", ")),
                HasSubstr("not available in this version"));
}

TEST(Load, TheListenAddressMustBeAnAddress) {
    for (const char* bad : {"example.com", "300.1.1.1", "127.0.0.1:80", "", "[::1]", "*"}) {
        EXPECT_THAT(onlyFault(R"({"listen_address": ")" + std::string(bad) + "\"}"),
                    HasSubstr("/listen_address: found \""));
    }
    const ConfigFile local(R"({"listen_address": "localhost"})");
    EXPECT_EQ(local.settings().listenAddress, "127.0.0.1");
}

TEST(Load, OriginsAreSchemeHostAndPortOnly) {
    for (const char* bad : {"*", "example.com", "http://", "http://a/", "http://a/b", "ftp://a",
                            "http://a:", "http://a:x", "null", "http://a b", "http://[x]"}) {
        EXPECT_THAT(onlyFault(R"({"allowed_origins": [")" + std::string(bad) + "\"]}"),
                    HasSubstr("/allowed_origins/0: found"));
    }
}

TEST(Load, AllowedHostsAreNamesWithoutAPort) {
    for (const char* bad : {"*", "studio.lan:5050", "http://studio.lan", "a b", "[::1]"}) {
        EXPECT_THAT(onlyFault(R"({"allowed_hosts": [")" + std::string(bad) + "\"]}"),
                    HasSubstr("/allowed_hosts/0: found"));
    }
}

TEST(Load, AKeyForTheServicesIsNeverPrinted) {
    for (const char* bad : {"hunter2", "hunter2 hunter2", "hunter2-\\u00e9\\u00e9\\u00e9"}) {
        const std::string fault = onlyFault(R"({"api_keys": [")" + std::string(bad) + "\"]}");
        EXPECT_THAT(fault, AllOf(HasSubstr("/api_keys/0: found"), Not(HasSubstr("hunter2"))));
    }
}

TEST(Load, PathsThatCannotBeUsedAreFaults) {
    EXPECT_THAT(onlyFault(R"({"output_directory": ""})"), HasSubstr("not empty"));
    EXPECT_THAT(onlyFault(R"({"output_directory": "a\u0000b"})"), HasSubstr("NUL"));
    EXPECT_THAT(onlyFault(R"({"output_directory": "config.json"})"),
                HasSubstr("/output_directory: found a file at"));
    EXPECT_THAT(onlyFault(R"({"database_path": "."})"),
                HasSubstr("/database_path: found a folder"));
    EXPECT_THAT(onlyFault(R"({"plugin_paths": ["ok", 5]})"),
                HasSubstr("/plugin_paths/1: found 5, expected a text"));
}

TEST(Load, NothingIsMadeByLoading) {
    const ConfigFile file(R"({"output_directory": "out", "database_path": "db/jobs.db"})");
    EXPECT_TRUE(file.result().ok());
    EXPECT_FALSE(std::filesystem::exists(file.folder() / "out"));
    EXPECT_FALSE(std::filesystem::exists(file.folder() / "db"));
}

TEST(Load, LimitsMustNotBeReversedEvenAgainstADefault) {
    EXPECT_THAT(onlyFault(R"({"validation_limits": {"steps": {"min": 201}}})"),
                HasSubstr("/validation_limits/steps: found min 201 above max 200"));
    EXPECT_THAT(onlyFault(R"({"validation_limits": {"count": {"min": 0}}})"),
                HasSubstr("/validation_limits/count/min: found 0"));
}

TEST(Load, ThePlaceOfASettingIsKnownToThoseWhoCheckItLater) {
    const ConfigFile file(
        "{\n\"endpoints\": [\n{\"name\": \"S\",\n\"plugin\": \"sketch\",\n"
        "\"settings\": {\n\"grain\": 3}}]}");
    ASSERT_TRUE(file.result().ok());
    const auto& endpoint = file.settings().endpoints.at(0);
    EXPECT_EQ(endpoint.line, 3);
    EXPECT_EQ(file.result().lineOf(endpoint.settingsPointer), 5);
    EXPECT_EQ(file.result().lineOf(endpoint.settingsPointer + "/grain"), 6);
    EXPECT_EQ(file.result().lineOf(endpoint.settingsPointer + "/missing"), 5);
    EXPECT_EQ(file.result().lineOf("/prompt/settings/url"), 1);
}

TEST(Load, PartsWithoutFaultsStayFitForFurtherChecks) {
    const ConfigFile file(R"({"endpoints": [{"name": "A", "plugin": "sketch", "concurrency": "x"},
      {"name": "B", "plugin": "sketch"}, 5], "prompt": {"plugin": "chat", "timeout_seconds": -1},
      "vision": {"plugin": "lens"}})");
    EXPECT_EQ(file.faults().size(), 3U);
    ASSERT_EQ(file.settings().endpoints.size(), 1U);
    EXPECT_EQ(file.settings().endpoints[0].name, "B");
    EXPECT_EQ(file.settings().endpoints[0].pointer, "/endpoints/1");
    EXPECT_EQ(file.settings().prompt.plugin, "");
    ASSERT_TRUE(file.settings().vision.has_value());
}

TEST(Load, AnEndlessListOfFaultsIsCut) {
    std::string text = "{\"prompt\": {";
    for (int i = 0; i < 900; ++i)
        text += "\"unknown-" + std::to_string(i) + "\": 1,\n";
    const ConfigFile file(text + "\"timeout_seconds\": 0}}");
    EXPECT_LE(file.result().faults.size(), 101U);
    EXPECT_THAT(file.faults(), ElementsAre(HasSubstr("/prompt/timeout_seconds")));
    EXPECT_THAT(file.warnings(), Contains(HasSubstr("more that are not listed")));
}

}  // namespace
