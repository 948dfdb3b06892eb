// The command line, what a start refuses, and how it says so.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/generator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

struct Ended {
    int code = -1;
    std::string out;
    std::string err;
};

Ended runHost(const std::vector<std::string>& arguments,
              const std::filesystem::path& workingDirectory = {}) {
    const TempDir folder;
    ChildProcess process(HostProcess::executable(), {.arguments = arguments,
                                                     .workingDirectory = workingDirectory,
                                                     .errorFile = folder / "err"});
    Ended ended;
    ended.out = process.readRest(std::chrono::seconds(60));
    ended.code = process.wait(std::chrono::seconds(60)).value_or(-1);
    ended.err = readFile(folder / "err");
    return ended;
}

Ended runHost(const HostProcess& host) {
    return runHost({"--config", host.configFile().string()});
}

TEST(CommandLine, HelpAndVersion) {
    const Ended help = runHost({"--help"});
    EXPECT_EQ(help.code, 0);
    for (const char* word : {"--config", "--check-config", "--version", "78"})
        EXPECT_THAT(help.out, HasSubstr(word));
    const Ended version = runHost({"--version"});
    EXPECT_EQ(version.code, 0);
    EXPECT_THAT(version.out, ::testing::MatchesRegex("image-pipeline [0-9]+\\.[0-9]+\\.[0-9]+\n"));
    EXPECT_EQ(runHost({"--nonsense"}).code, 64);
    EXPECT_EQ(runHost({"stray"}).code, 64);
}

TEST(CheckConfig, SaysThatAFileIsGoodAndStartsNothing) {
    HostProcess host;
    const Ended ended = runHost({"--check-config", "--config", host.configFile().string()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_FALSE(std::filesystem::exists(host.database()));
    EXPECT_FALSE(std::filesystem::exists(host.output()));
}

TEST(CheckConfig, AcceptsTheFileThatShips) {
    const Ended ended =
        runHost({"--check-config", "--config", std::string(IPL_SOURCE_DIR) + "/config.json"});
    EXPECT_EQ(ended.code, 0) << ended.err;
}

TEST(CheckConfig, TellsWhatOnlyThePluginItselfSees) {
    const TempDir folder;
    writeFile(folder / "flow.json", R"({"1": {"class_type": "SaveImage", "inputs": {}}})");
    writeFile(folder / "config.json", R"({
  "version": "2.0",
  "endpoints": [
    {"name": "A", "plugin": "comfyui", "settings": {"workflow": "nowhere.json"}},
    {"name": "B", "plugin": "sketch"},
    {"name": "C", "plugin": "comfyui",
     "settings": {"workflow": "flow.json"}}
  ]
})");
    const Ended ended = runHost({"--check-config", "--config", (folder / "config.json").string()});
    EXPECT_EQ(ended.code, 78);
    EXPECT_THAT(ended.err, HasSubstr(":4"));
    EXPECT_THAT(ended.err, HasSubstr("/endpoints/0/settings/workflow"));
    EXPECT_THAT(ended.err, HasSubstr("the workflow file cannot be read"));
    EXPECT_THAT(ended.err, HasSubstr("/endpoints/2/settings/workflow"));
    EXPECT_THAT(ended.err, HasSubstr("no node takes the prompt"));
    EXPECT_FALSE(std::filesystem::exists(folder / "jobs.db"));
}

TEST(Faults, OfConfigurationAndPluginsAreAllReportedAtOnceWithTheirPlaces) {
    const TempDir folder;
    writeFile(folder / "config.json", R"({
  "version": "2.0",
  "dual_gen_port": 70000,
  "logging_levle": "INFO",
  "plugin_paths": [")" + (std::filesystem::path(IPL_BIN_DIR).parent_path() / "fixtures").string() +
                                          R"("],
  "prompt": {"plugin": "wordsmiht"},
  "endpoints": [
    {"name": "A", "plugin": "endpoint", "settings": {"ip": "127.0.0.1"}},
    {"name": "A", "plugin": "gradient"},
    {"name": "C", "plugin": "wrong_major"}
  ]
})");
    for (const bool checkOnly : {true, false}) {
        std::vector<std::string> arguments{"--config", (folder / "config.json").string()};
        if (checkOnly) arguments.emplace_back("--check-config");
        const Ended ended = runHost(arguments);
        EXPECT_EQ(ended.code, 78);
        EXPECT_THAT(ended.err, HasSubstr("/dual_gen_port"));
        EXPECT_THAT(ended.err, HasSubstr("70000"));
        EXPECT_THAT(ended.err, HasSubstr(":3"));
        EXPECT_THAT(ended.err, HasSubstr("logging_level"));
        EXPECT_THAT(ended.err, HasSubstr("wordsmith"));
        EXPECT_THAT(ended.err, HasSubstr("/endpoints/0: found no \"port\""));
        EXPECT_THAT(ended.err, HasSubstr("/endpoints/1/name"));
        EXPECT_THAT(ended.err, HasSubstr("/endpoints/2"));
        EXPECT_FALSE(std::filesystem::exists(folder / "jobs.db"));
    }
}

TEST(Faults, AFileThatIsNotThereOrNoJson) {
    const TempDir folder;
    const Ended missing = runHost({"--config", (folder / "none.json").string()});
    EXPECT_EQ(missing.code, 78);
    EXPECT_THAT(missing.err, HasSubstr("none.json"));
    writeFile(folder / "bad.json", "{\n  \"version\": \"2.0\",\n  oops\n}");
    const Ended bad = runHost({"--config", (folder / "bad.json").string()});
    EXPECT_EQ(bad.code, 78);
    EXPECT_THAT(bad.err, HasSubstr(":3"));
}

TEST(Start, APortInUseIsNamed) {
    HostProcess first;
    first.start();
    const int port = first.client().address().port;
    HostProcess second({{"create_json_port", port}});
    const Ended ended = runHost(second);
    EXPECT_EQ(ended.code, 69) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr(std::to_string(port)));
    EXPECT_THAT(ended.err, HasSubstr("in use"));
    EXPECT_EQ(first.client().get("/health").status, 200);
}

TEST(Start, ASecondHostOnTheSameDatabaseIsRefused) {
    HostProcess host;
    host.start();
    const Ended ended = runHost(host);
    EXPECT_EQ(ended.code, 69) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("jobs.db"));
    EXPECT_EQ(run(host.client(), {{"prompt", "x"}})["status"], "completed");
}

TEST(Start, ADamagedDatabaseIsRefusedAndLeftAsItIs) {
    HostProcess host;
    host.start();
    run(host.client(), {{"prompt", "x"}});
    ASSERT_EQ(host.stop(), 0);
    std::string bytes = readFile(host.database());
    for (std::size_t i = 0; i < 60; ++i)
        bytes[i] = 'x';
    writeFile(host.database(), bytes);
    const Ended ended = runHost(host);
    EXPECT_EQ(ended.code, 69) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("jobs.db"));
    EXPECT_EQ(readFile(host.database()), bytes);

    writeFile(host.database(), "this never was a database, but it is long enough to look at");
    EXPECT_EQ(runHost(host).code, 69);
}

TEST(Start, ADatabaseOfANewerVersionIsRefusedAndLeftAsItIs) {
    HostProcess host;
    host.start();
    ASSERT_EQ(host.stop(), 0);
    ChildProcess shell("sqlite3",
                       {.arguments = {host.database().string(), "PRAGMA user_version = 9999"}});
    ASSERT_EQ(shell.wait(std::chrono::seconds(30)), 0);
    const std::string bytes = readFile(host.database());
    const Ended ended = runHost(host);
    EXPECT_EQ(ended.code, 69) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("newer"));
    EXPECT_EQ(readFile(host.database()), bytes);
}

TEST(Start, TheOldSystemsDatabaseIsPutAside) {
    HostProcess host;
    ChildProcess shell("sqlite3", {.arguments = {host.database().string(),
                                                 "CREATE TABLE jobs (job_id TEXT, data TEXT);"
                                                 "INSERT INTO jobs VALUES ('old', 'job')"}});
    ASSERT_EQ(shell.wait(std::chrono::seconds(30)), 0);
    const std::string bytes = readFile(host.database());
    host.start();
    EXPECT_EQ(run(host.client(), {{"prompt", "x"}})["status"], "completed");
    EXPECT_EQ(readFile(host.database().string() + ".old"), bytes);
    EXPECT_THAT(host.log(), HasSubstr("jobs.db.old"));
}

TEST(Start, WorksFromAnyWorkingDirectoryWithPathsRelativeToTheFile) {
    HostProcess host;
    const TempDir elsewhere;
    ChildProcess process(HostProcess::executable(),
                         {.arguments = {"--config", host.configFile().string()},
                          .workingDirectory = elsewhere.path(),
                          .errorFile = host.folder() / "host.log"});
    std::string line;
    while (line != "ready") {
        const auto next = process.readLine(std::chrono::seconds(60));
        ASSERT_TRUE(next) << host.log();
        line = *next;
    }
    EXPECT_TRUE(std::filesystem::exists(host.database()));
    EXPECT_TRUE(std::filesystem::is_directory(host.output()));
    EXPECT_TRUE(std::filesystem::is_empty(elsewhere.path()));
}

TEST(Start, TheConfigurationIsLookedForInTheWorkingDirectory) {
    const TempDir folder;
    const Ended ended = runHost({"--check-config"}, folder.path());
    EXPECT_EQ(ended.code, 78);
    EXPECT_THAT(ended.err, HasSubstr("config.json"));
}

TEST(Start, PrintsOneLineForEachServiceThenReady) {
    HostProcess host;
    ChildProcess& process = host.launch();
    std::vector<std::string> lines;
    while (lines.empty() || lines.back() != "ready") {
        const auto line = process.readLine(std::chrono::seconds(60));
        ASSERT_TRUE(line) << host.log();
        lines.push_back(*line);
    }
    using ::testing::StartsWith;
    EXPECT_THAT(lines,
                ::testing::ElementsAre(StartsWith("dual_gen http://127.0.0.1:"),
                                       StartsWith("json_from_image http://127.0.0.1:"),
                                       StartsWith("create_json http://127.0.0.1:"), "ready"));
}

TEST(Start, AnOldShapeConfigurationWorksUnchanged) {
    const TempDir folder;
    writeFile(folder / "config.json", R"({
  "version": "1.0",
  "output_directory": "output", "logging_level": "INFO", "database_path": "jobs.db",
  "lm_studio_url": "http://localhost:11434", "lm_studio_model": "m", "vision_model": "v",
  "dual_gen_port": 5050, "json_from_image_port": 4000, "create_json_port": 3030,
  "validation_limits": {"count": {"min": 1, "max": 200}, "steps": {"min": 1, "max": 200}},
  "endpoints": [{"ip": "192.168.5.40", "port": 2222, "name": "Endpoint 1"}]
})");
    const Ended ended = runHost({"--check-config", "--config", (folder / "config.json").string()});
    EXPECT_EQ(ended.code, 0) << ended.err;
    EXPECT_THAT(ended.err, HasSubstr("0.0.0.0")) << "a warning that it listens to everybody";
}

}  // namespace

}  // namespace test
