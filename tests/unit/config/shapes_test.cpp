// Files that are right: both shapes, what ships, and the defaults of what is left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "config/schema.hpp"
#include "config_file.hpp"

namespace {

using host::Json;
using test::ConfigFile;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;

// The examples of the contract, word for word.
constexpr char kOldShape[] = R"({
  "version": "1.0",
  "output_directory": "/path/to/output", "logging_level": "INFO", "database_path": "jobs.db",
  "lm_studio_url": "http://localhost:11434", "lm_studio_model": "model-name", "vision_model": "vision-model-name",
  "dual_gen_port": 5050, "json_from_image_port": 4000, "create_json_port": 3030,
  "validation_limits": {"count": {"min": 1, "max": 200}, "steps": {"min": 1, "max": 200}},
  "endpoints": [{"ip": "192.168.5.40", "port": 2222, "name": "Endpoint 1"}]
})";

constexpr char kNewShape[] = R"({
  "$schema": "config.schema.json", "version": "2.0",
  "listen_address": "127.0.0.1", "services": {"dual_gen": true, "json_from_image": true, "create_json": true},
  "plugin_paths": ["/opt/acme/plugins"],
  "prompt": {"plugin": "chat", "settings": {"url": "http://localhost:1234", "model": "qwen3"}, "concurrency": 1, "timeout_seconds": 450},
  "vision": {"plugin": "chat", "settings": {"url": "http://localhost:1234", "model": "qwen3-vl"}, "timeout_seconds": 120},
  "endpoints": [
    {"name": "Studio A", "plugin": "endpoint", "settings": {"ip": "192.168.5.40", "port": 2222}, "concurrency": 1, "timeout_seconds": 720},
    {"name": "Sketch", "plugin": "sketch"}
  ],
  "max_queued_jobs": 10000, "max_body_bytes": 20971520, "shutdown_grace_seconds": 30, "allowed_origins": []
})";

TEST(OldShape, WorksUnchangedAndListensEverywhereWithAWarning) {
    const ConfigFile file(kOldShape);
    EXPECT_THAT(file.faults(), IsEmpty());
    ASSERT_EQ(file.warnings().size(), 1U);
    EXPECT_THAT(file.warnings()[0], HasSubstr("0.0.0.0"));
    const auto& settings = file.settings();
    EXPECT_TRUE(file.result().ok());
    EXPECT_EQ(settings.listenAddress, "0.0.0.0");
    EXPECT_EQ(settings.outputDirectory, "/path/to/output");
    EXPECT_EQ(settings.databasePath, file.folder() / "jobs.db");
    EXPECT_EQ(settings.configPath, file.path());
    EXPECT_EQ(settings.prompt.plugin, "chat");
    EXPECT_EQ(settings.prompt.settings,
              (Json{{"url", "http://localhost:11434"}, {"model", "model-name"}}));
    EXPECT_EQ(settings.prompt.timeout, 450s);
    EXPECT_EQ(settings.prompt.line, 4);
    ASSERT_TRUE(settings.vision.has_value());
    EXPECT_EQ(settings.vision->plugin, "chat");
    EXPECT_EQ(settings.vision->settings,
              (Json{{"url", "http://localhost:11434"}, {"model", "vision-model-name"}}));
    EXPECT_EQ(settings.vision->timeout, 120s);
    EXPECT_EQ(settings.modelServerUrl, "http://localhost:11434");
    EXPECT_EQ(settings.defaultModel, "model-name");
    EXPECT_EQ(settings.visionModel, "vision-model-name");
    ASSERT_EQ(settings.endpoints.size(), 1U);
    const auto& endpoint = settings.endpoints[0];
    EXPECT_EQ(endpoint.name, "Endpoint 1");
    EXPECT_EQ(endpoint.plugin, "endpoint");
    EXPECT_EQ(endpoint.settings, (Json{{"ip", "192.168.5.40"}, {"port", 2222}}));
    EXPECT_EQ(endpoint.ip, "192.168.5.40");
    EXPECT_EQ(endpoint.port, 2222);
    EXPECT_EQ(endpoint.timeout, 720s);
    EXPECT_EQ(endpoint.concurrency, 1);
    EXPECT_EQ(endpoint.pointer, "/endpoints/0");
    EXPECT_EQ(endpoint.settingsPointer, "/endpoints/0");
    EXPECT_EQ(endpoint.line, 7);
}

TEST(OldShape, TheServerUrlMayEndInV1AndHaveTheOtherName) {
    for (const char* url : {"http://box:1234", "http://box:1234/", "http://box:1234/v1",
                            "http://box:1234/v1/", " http://box:1234/v1 "}) {
        const ConfigFile file(R"({"version": "1.0", "llm_url": ")" + std::string(url) +
                              R"(", "llm_model": "m"})");
        EXPECT_THAT(file.faults(), IsEmpty());
        EXPECT_EQ(file.settings().modelServerUrl, "http://box:1234") << url;
        EXPECT_EQ(file.settings().prompt.settings,
                  (Json{{"url", "http://box:1234"}, {"model", "m"}}));
        EXPECT_EQ(file.settings().prompt.pointer, "/llm_url");
        EXPECT_EQ(file.settings().visionModel, "m");
    }
    const ConfigFile same(R"({"llm_url": "http://a/v1", "lm_studio_url": "http://a"})");
    EXPECT_THAT(same.faults(), IsEmpty());
    const ConfigFile path(R"({"lm_studio_url": "https://gate.example/llm/v1"})");
    EXPECT_EQ(path.settings().modelServerUrl, "https://gate.example/llm");
}

TEST(OldShape, WithoutAModelServerTheEmbeddedWriterWrites) {
    const ConfigFile file(R"({"version": "1.0", "lm_studio_url": "",
                              "endpoints": [{"ip": "gpu-box.local", "port": 1}]})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_EQ(file.settings().prompt.plugin, "wordsmith");
    EXPECT_EQ(file.settings().prompt.pointer, "");
    ASSERT_TRUE(file.settings().vision.has_value());
    EXPECT_EQ(file.settings().vision->plugin, "lens");
    EXPECT_EQ(file.settings().modelServerUrl, "");
    EXPECT_EQ(file.settings().endpoints[0].name, "Endpoint 1");
}

TEST(OldShape, IsKnownByItsKeysWhenTheVersionIsMissing) {
    const auto listens = [](const char* text) {
        const ConfigFile file(text);
        EXPECT_THAT(file.faults(), IsEmpty()) << text;
        return file.settings().listenAddress;
    };
    EXPECT_EQ(listens(R"({"endpoints": [{"ip": "h", "port": 1, "name": "E"}]})"), "0.0.0.0");
    EXPECT_EQ(listens(R"({"lm_studio_url": "http://h"})"), "0.0.0.0");
    EXPECT_EQ(listens(R"({"version": "1.0"})"), "0.0.0.0");
    EXPECT_EQ(listens(R"({"version": "1.0", "listen_address": "127.0.0.1"})"), "127.0.0.1");
    EXPECT_EQ(listens(R"({"version": "2.0", "lm_studio_url": "http://h"})"), "127.0.0.1");
    EXPECT_EQ(listens(R"({"lm_studio_url": "http://h", "services": {}})"), "127.0.0.1");
    EXPECT_EQ(listens(R"({"endpoints": [{"name": "E", "plugin": "sketch"}]})"), "127.0.0.1");
    EXPECT_EQ(listens(R"({"dual_gen_port": 0})"), "127.0.0.1");
    EXPECT_EQ(listens("{}"), "127.0.0.1");
}

TEST(NewShape, TheContractsExampleLoads) {
    const ConfigFile file(kNewShape);
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_THAT(file.warnings(), IsEmpty());
    const auto& settings = file.settings();
    EXPECT_EQ(settings.listenAddress, "127.0.0.1");
    EXPECT_THAT(settings.pluginPaths, ElementsAre("/opt/acme/plugins"));
    EXPECT_EQ(settings.prompt.plugin, "chat");
    EXPECT_EQ(settings.prompt.settingsPointer, "/prompt/settings");
    ASSERT_TRUE(settings.vision.has_value());
    EXPECT_EQ(settings.vision->settings["model"], "qwen3-vl");
    EXPECT_EQ(settings.modelServerUrl, "http://localhost:1234");
    EXPECT_EQ(settings.defaultModel, "qwen3");
    EXPECT_EQ(settings.visionModel, "qwen3-vl");
    ASSERT_EQ(settings.endpoints.size(), 2U);
    EXPECT_EQ(settings.endpoints[0].ip, "192.168.5.40");
    EXPECT_EQ(settings.endpoints[0].port, 2222);
    EXPECT_EQ(settings.endpoints[0].settingsPointer, "/endpoints/0/settings");
    EXPECT_EQ(settings.endpoints[1].plugin, "sketch");
    EXPECT_EQ(settings.endpoints[1].ip, std::nullopt);
    EXPECT_EQ(settings.endpoints[1].port, std::nullopt);
    EXPECT_EQ(settings.endpoints[1].line, 9);
}

TEST(NewShape, AnEmptyObjectGetsEveryDefault) {
    const ConfigFile file("{}");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_THAT(file.warnings(), IsEmpty());
    const auto& settings = file.settings();
    EXPECT_EQ(settings.outputDirectory, file.folder() / "output");
    EXPECT_EQ(settings.databasePath, file.folder() / "jobs.db");
    EXPECT_EQ(settings.logLevel, host::config::LogLevel::Info);
    EXPECT_TRUE(settings.dualGen.enabled && settings.jsonFromImage.enabled &&
                settings.createJson.enabled);
    EXPECT_EQ(settings.dualGen.port, 5050);
    EXPECT_EQ(settings.jsonFromImage.port, 4000);
    EXPECT_EQ(settings.createJson.port, 3030);
    EXPECT_EQ(settings.prompt.plugin, "wordsmith");
    EXPECT_EQ(settings.prompt.timeout, 450s);
    ASSERT_TRUE(settings.vision.has_value());
    EXPECT_EQ(settings.vision->plugin, "lens");
    EXPECT_EQ(settings.vision->timeout, 120s);
    ASSERT_EQ(settings.endpoints.size(), 2U);
    EXPECT_EQ(settings.endpoints[0].name, "Sketch 1");
    EXPECT_EQ(settings.endpoints[1].name, "Sketch 2");
    EXPECT_EQ(settings.endpoints[1].plugin, "sketch");
    EXPECT_EQ(settings.endpoints[1].pointer, "");
    EXPECT_EQ(settings.count.min, 1);
    EXPECT_EQ(settings.count.max, 200);
    EXPECT_EQ(settings.steps.max, 200);
    EXPECT_EQ(settings.maxQueuedJobs, 10000);
    EXPECT_EQ(settings.maxBodyBytes, 20971520);
    EXPECT_EQ(settings.shutdownGrace, 30s);
    EXPECT_TRUE(settings.promptFallback);
    EXPECT_EQ(settings.trashDays, 30);
    EXPECT_THAT(settings.allowedOrigins, IsEmpty());
    EXPECT_THAT(settings.allowedHosts, IsEmpty());
    EXPECT_THAT(settings.apiKeys, IsEmpty());
}

TEST(NewShape, EverythingCanBeSaidOtherwise) {
    const ConfigFile file(R"({
      "version": "2.0", "output_directory": "../pictures", "database_path": "data/q.db",
      "logging_level": "ERROR", "listen_address": "::1", "plugin_paths": ["more", "/abs/."],
      "services": {"json_from_image": false}, "dual_gen_port": 0, "json_from_image_port": 3030,
      "endpoints": [{"name": "S", "plugin": "acme.flux", "settings": {"x": [1]}, "concurrency": 64,
                     "timeout_seconds": 1, "isolation": "none"}],
      "validation_limits": {"count": {"max": 5}, "steps": {"min": 10}},
      "prompt": {"concurrency": 3, "timeout_seconds": 5}, "vision": {"plugin": "lens"},
      "prompt_fallback": false, "max_queued_jobs": 7, "max_body_bytes": 1024,
      "shutdown_grace_seconds": 0, "trash_days": 0,
      "allowed_origins": ["https://Studio.Example", "http://localhost:8080", "http://[::1]:80"],
      "allowed_hosts": ["Studio.lan"], "api_keys": ["correct-horse"]})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_THAT(file.warnings(), IsEmpty());
    const auto& settings = file.settings();
    EXPECT_THAT(settings.allowedHosts, ElementsAre("studio.lan"));
    EXPECT_EQ(settings.outputDirectory, file.folder().parent_path() / "pictures");
    EXPECT_EQ(settings.databasePath, file.folder() / "data/q.db");
    EXPECT_EQ(settings.logLevel, host::config::LogLevel::Error);
    EXPECT_EQ(settings.listenAddress, "::1");
    EXPECT_EQ(settings.pluginPaths.at(0), file.folder() / "more");
    EXPECT_FALSE(settings.jsonFromImage.enabled);
    EXPECT_EQ(settings.dualGen.port, 0);
    EXPECT_EQ(settings.endpoints.at(0).plugin, "acme.flux");
    EXPECT_EQ(settings.endpoints.at(0).concurrency, 64);
    EXPECT_EQ(settings.endpoints.at(0).timeout, 1s);
    EXPECT_EQ(settings.count.max, 5);
    EXPECT_EQ(settings.steps.min, 10);
    EXPECT_EQ(settings.prompt.plugin, "wordsmith");
    EXPECT_EQ(settings.prompt.concurrency, 3);
    ASSERT_TRUE(settings.vision.has_value());
    EXPECT_EQ(settings.vision->plugin, "lens");
    EXPECT_FALSE(settings.promptFallback);
    EXPECT_EQ(settings.maxQueuedJobs, 7);
    EXPECT_EQ(settings.shutdownGrace, 0s);
    EXPECT_THAT(settings.allowedOrigins,
                ElementsAre("https://studio.example", "http://localhost:8080", "http://[::1]:80"));
    EXPECT_THAT(settings.apiKeys, ElementsAre("correct-horse"));
}

TEST(NewShape, ARoleThatUsesChatTakesTheServerFromLmStudioUrlUnlessItNamesItsOwn) {
    const ConfigFile file(R"({"version": "2.0", "lm_studio_url": "http://box:1/v1",
      "lm_studio_model": "m", "prompt": {"plugin": "chat", "settings": {"model": "mine"}},
      "vision": {"settings": {"url": "http://other:2"}}})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_EQ(file.settings().prompt.settings, (Json{{"model", "mine"}, {"url", "http://box:1"}}));
    ASSERT_TRUE(file.settings().vision.has_value());
    EXPECT_EQ(file.settings().vision->plugin, "chat");
    EXPECT_EQ(file.settings().vision->settings, (Json{{"url", "http://other:2"}, {"model", "m"}}));
    EXPECT_EQ(file.settings().modelServerUrl, "http://box:1");
    EXPECT_EQ(file.settings().defaultModel, "mine");
}

TEST(NewShape, ARoleThatNamesAnotherPluginKeepsItsSettings) {
    const ConfigFile file(
        R"({"lm_studio_url": "http://box:1", "prompt": {"plugin": "wordsmith"}})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_EQ(file.settings().prompt.plugin, "wordsmith");
    EXPECT_EQ(file.settings().prompt.settings, Json::object());
}

TEST(NewShape, AnEmptyListOfEndpointsMeansTheSketchesWithAWarning) {
    const ConfigFile file(R"({"version": "2.0", "endpoints": []})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_THAT(file.warnings(), ElementsAre(HasSubstr("1 /endpoints: found an empty list")));
    EXPECT_EQ(file.settings().endpoints.size(), 2U);
}

TEST(NewShape, TwoNamesWithTheSameSlugAreFine) {
    const ConfigFile file(R"({"endpoints": [{"name": "GPU 1", "plugin": "sketch"},
                                            {"name": "GPU-1", "plugin": "sketch"}]})");
    EXPECT_THAT(file.faults(), IsEmpty());
    EXPECT_EQ(file.settings().endpoints.size(), 2U);
}

TEST(Shipped, TheFileThatShipsNeedsNothingButThisMachine) {
    const auto result = host::config::load(std::filesystem::path(IPL_SOURCE_DIR) / "config.json");
    EXPECT_THAT(result.faults, IsEmpty());
    EXPECT_EQ(result.settings.listenAddress, "127.0.0.1");
    EXPECT_EQ(result.settings.prompt.plugin, "wordsmith");
    ASSERT_TRUE(result.settings.vision.has_value());
    EXPECT_EQ(result.settings.vision->plugin, "lens");
    EXPECT_EQ(result.settings.modelServerUrl, "");
    ASSERT_EQ(result.settings.endpoints.size(), 2U);
    EXPECT_NE(result.settings.endpoints[0].name, result.settings.endpoints[1].name);
    for (const auto& endpoint : result.settings.endpoints)
        EXPECT_EQ(endpoint.plugin, "sketch");
}

void expectDocumented(const Json& schema, const std::string& pointer) {
    // What an endpoint is called and where it is has no default that a schema could tell.
    static const std::set<std::string> kNoDefault = {"/endpoints/name", "/endpoints/ip",
                                                     "/endpoints/port"};
    for (const auto& [key, member] : schema["properties"].items()) {
        const std::string at = pointer + '/' + key;
        EXPECT_TRUE(member.contains("description")) << at;
        EXPECT_EQ(member.contains("default"), kNoDefault.count(at) == 0) << at;
        if (member.contains("default")) {
            EXPECT_THAT(host::config::validateSettings(member, member["default"], at), IsEmpty());
        }
        if (member.contains("properties")) expectDocumented(member, at);
        if (member.contains("items") && member["items"].contains("properties")) {
            expectDocumented(member["items"], at);
        }
    }
}

TEST(Shipped, TheSchemaDocumentsEveryKeyWithAFittingDefault) {
    const Json onDisk =
        Json::parse(test::readFile(std::filesystem::path(IPL_SOURCE_DIR) / "config.schema.json"));
    EXPECT_EQ(onDisk, host::config::configSchema());
    EXPECT_EQ(onDisk["$schema"], "https://json-schema.org/draft/2020-12/schema");
    EXPECT_EQ(host::config::schemaFault(onDisk), std::nullopt);
    expectDocumented(onDisk, "");
}

TEST(Shipped, EveryKeyOfTheContractsExamplesIsInTheSchema) {
    for (const char* text : {kOldShape, kNewShape}) {
        EXPECT_THAT(
            host::config::validateSettings(host::config::configSchema(), Json::parse(text), ""),
            IsEmpty());
    }
}

}  // namespace
