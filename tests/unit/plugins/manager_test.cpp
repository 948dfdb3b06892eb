// From config.json to running backends: every fault is found before anything starts, without harm.
#include "plugins/manager.hpp"

#include <gmock/gmock.h>

#include <filesystem>

#include "plugins/scan.hpp"
#include "unit/plugins/plugin_fixture.hpp"

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using host::Json;
using host::config::Fault;
using host::plugins::CallStatus;
using host::plugins::LoadedBackends;
using host::plugins::ManagerOptions;
using host::plugins::PluginManager;
using testing::AllOf;
using testing::HasSubstr;

class ManagerTest : public testing::Test {
  protected:
    ManagerTest() { plugins("echo", {"echo"}); }

    ManagerOptions options() {
        return {.executable = IPL_TEST_SCANNER,
                .shippedFolder = folder_ / "shipped",
                .dataFolder = folder_ / "data",
                .http = nullptr,
                .metrics = nullptr,
                .scanTimeout = 10s};
    }
    // Links fixtures into the folder of shipped plugins, under names of their own.
    void ship(const std::string& fixture, const std::string& as = "") {
        link("shipped", fixture, as);
    }
    void link(const std::string& where, const std::string& fixture, const std::string& as = "") {
        fs::create_directories(folder_ / where);
        fs::create_symlink(test::fixtureFile(fixture),
                           folder_ / where / ((as.empty() ? fixture : as) + ".so"));
    }
    // The configuration: a prompt writer and endpoints by plugin id.
    void plugins(const std::string& prompt, const std::vector<std::string>& endpoints) {
        settings_.prompt = {};
        settings_.prompt.plugin = prompt;
        settings_.prompt.pointer = "/prompt";
        settings_.prompt.settingsPointer = "/prompt/settings";
        settings_.endpoints.clear();
        for (const std::string& id : endpoints) {
            host::config::EndpointSettings endpoint;
            const std::string at = "/endpoints/" + std::to_string(settings_.endpoints.size());
            endpoint.plugin = id;
            endpoint.name = "Endpoint " + std::to_string(settings_.endpoints.size() + 1);
            endpoint.pointer = at;
            endpoint.settingsPointer = at + "/settings";
            endpoint.line = 7;
            settings_.endpoints.push_back(endpoint);
        }
    }
    // The message of the one fault at that pointer.
    static std::string faultAt(const std::vector<Fault>& faults, const std::string& pointer) {
        std::string found;
        for (const Fault& fault : faults) {
            if (fault.pointer == pointer) found += fault.message + "\n";
        }
        return found;
    }

    test::TempDir folder_;
    host::config::Settings settings_;
};

TEST_F(ManagerTest, LoadsWhatTheConfigurationNames) {
    ship("echo");
    plugins("echo", {"echo", "echo"});
    settings_.vision = settings_.prompt;
    settings_.vision->pointer = "/vision";
    PluginManager manager(options());
    LoadedBackends loaded = manager.load(settings_);
    ASSERT_TRUE(loaded.ok()) << loaded.faults.at(0).message;
    ASSERT_EQ(loaded.backends.endpoints.size(), 2U);
    EXPECT_EQ(loaded.backends.endpoints[1]->name(), "Endpoint 2");
    EXPECT_EQ(loaded.backends.endpoints[1]->pluginId(), "echo");
    ASSERT_NE(loaded.backends.prompt, nullptr);
    ASSERT_NE(loaded.backends.vision, nullptr);
    auto observer = std::make_shared<test::MemoryObserver>();
    EXPECT_TRUE(loaded.backends.endpoints[0]
                    ->generate(test::simpleRequest(), test::contextFor(observer))
                    .ok());
    const std::string dataDir = observer->pictures().at(0).info.stats.value("data_dir", "");
    EXPECT_EQ(dataDir, (folder_ / "data" / "plugins" / "endpoint-1").string());
    EXPECT_TRUE(fs::is_directory(dataDir));
    EXPECT_TRUE(manager.shutdown());
    EXPECT_EQ(loaded.backends.prompt->complete({}, test::contextFor(nullptr)).status,
              CallStatus::Unavailable);
}

TEST_F(ManagerTest, EveryBrokenPluginIsAFaultOfItsOwnAndTheHostLives) {
    struct Case {
        const char* fixture;
        const char* says;
    };
    const std::vector<Case> cases{
        {"required_newer", "1.900"},
        {"wrong_major", "speaks version 2 of the plugin ABI, this host speaks version 1"},
        {"no_entry", "no plugin"},
        {"struct_size_0", "struct_size 0"},
        {"null_id", "no id"},
        {"bad_schema", "settings_schema"},
        {"undefined_symbol", "undefined symbol"},
        {"text_file", "file too short|invalid ELF header"},
        {"init_fails", "unavailable"},
        {"missing_generate", "generate"},
        {"crash_static_ctor", "died of SIGABRT"},
        {"crash_in_init", "died of SIGABRT"},
    };
    ship("echo");
    std::vector<std::string> ids;
    for (const Case& each : cases) {
        ship(each.fixture);
        ids.emplace_back(each.fixture);
    }
    plugins("echo", ids);
    PluginManager manager(options());
    const LoadedBackends loaded = manager.load(settings_);
    EXPECT_FALSE(loaded.ok());
    EXPECT_EQ(loaded.faults.size(), cases.size());
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const std::string fault =
            faultAt(loaded.faults, "/endpoints/" + std::to_string(i) + "/plugin");
        const std::string says = cases[i].says;
        const auto bar = says.find('|');
        EXPECT_THAT(fault, testing::AnyOf(
                               HasSubstr(says.substr(0, bar)),
                               HasSubstr(bar == std::string::npos ? says : says.substr(bar + 1))))
            << cases[i].fixture;
        EXPECT_THAT(fault, HasSubstr(cases[i].fixture));
    }
    EXPECT_EQ(loaded.faults.at(0).line, 7);
    EXPECT_EQ(loaded.backends.prompt, nullptr);
}

TEST_F(ManagerTest, ThingsThatAreNoFilesAreFaults) {
    ship("echo");
    fs::create_directory(folder_ / "shipped" / "a_folder.so");
    fs::create_symlink("loop.so", folder_ / "shipped" / "loop.so");
    fs::create_symlink("nowhere.so", folder_ / "shipped" / "dead_link.so");
    plugins("echo", {"a_folder", "loop", "dead_link"});
    PluginManager manager(options());
    const auto faults = manager.check(settings_);
    EXPECT_THAT(faultAt(faults, "/endpoints/0/plugin"), HasSubstr("folder"));
    EXPECT_THAT(faultAt(faults, "/endpoints/1/plugin"), HasSubstr("symbolic links"));
    EXPECT_THAT(faultAt(faults, "/endpoints/2/plugin"), HasSubstr("No such file"));
}

TEST_F(ManagerTest, AnUnknownPluginListsTheKnownOnesAndTheNearest) {
    ship("echo");
    ship("fails");
    plugins("ecko", {"teapot"});
    PluginManager manager(options());
    const auto faults = manager.check(settings_);
    EXPECT_THAT(
        faultAt(faults, "/prompt/plugin"),
        AllOf(HasSubstr("\"ecko\""), HasSubstr("did you mean \"echo\""), HasSubstr("echo, fails")));
    EXPECT_THAT(faultAt(faults, "/endpoints/0/plugin"),
                AllOf(HasSubstr("\"teapot\""), testing::Not(HasSubstr("did you mean"))));
}

TEST_F(ManagerTest, APluginIsFoundByItsEntryWhenItsFileHasAnotherName) {
    ship("echo", "libacme-echo");
    PluginManager manager(options());
    EXPECT_TRUE(manager.load(settings_).ok());
}

TEST_F(ManagerTest, TwoFilesWithOneIdAreAFaultThatNamesBoth) {
    ship("echo", "first");
    ship("echo", "second");
    PluginManager manager(options());
    EXPECT_THAT(faultAt(manager.check(settings_), "/prompt/plugin"),
                AllOf(HasSubstr("first.so"), HasSubstr("second.so")));
}

TEST_F(ManagerTest, AFileWhoseEntryHasAnotherIdIsAFault) {
    ship("echo");
    ship("fails", "sketch");
    plugins("echo", {"sketch"});
    PluginManager manager(options());
    EXPECT_THAT(faultAt(manager.check(settings_), "/endpoints/0/plugin"),
                HasSubstr("calls itself \"fails\""));
}

TEST_F(ManagerTest, FoldersOfTheConfigurationComeFirst) {
    fs::create_directories(folder_ / "shipped");
    test::writeFile(folder_ / "shipped" / "echo.so", "broken");
    link("mine", "echo");
    settings_.pluginPaths = {folder_ / "absent", folder_ / "mine"};
    PluginManager manager(options());
    const LoadedBackends loaded = manager.load(settings_);
    EXPECT_TRUE(loaded.ok());
    ASSERT_EQ(loaded.faults.size(), 1U);
    EXPECT_EQ(loaded.faults[0].pointer, "/plugin_paths/0");
    EXPECT_TRUE(loaded.faults[0].warning);
}

TEST_F(ManagerTest, ARoleThatThePluginLacksIsAFault) {
    ship("fails");
    plugins("fails", {"fails"});
    PluginManager manager(options());
    EXPECT_THAT(faultAt(manager.check(settings_), "/prompt/plugin"), HasSubstr("role prompt"));
}

TEST_F(ManagerTest, ACreateThatFailsIsAFaultAndNothingStays) {
    ship("echo");
    ship("throws_in_create");
    plugins("echo", {"echo", "throws_in_create"});
    PluginManager manager(options());
    const LoadedBackends loaded = manager.load(settings_);
    EXPECT_FALSE(loaded.ok());
    EXPECT_THAT(faultAt(loaded.faults, "/endpoints/1/settings"), HasSubstr("cannot start"));
    EXPECT_TRUE(loaded.backends.endpoints.empty());
}

TEST_F(ManagerTest, AScanThatHangsIsCutOff) {
    ship("echo");
    auto slow = options();
    test::writeFile(folder_ / "sleeper", "#!/bin/sh\nexec sleep 60\n");
    fs::permissions(folder_ / "sleeper", fs::perms::owner_all);
    slow.executable = folder_ / "sleeper";
    slow.scanTimeout = 100ms;
    PluginManager manager(slow);
    const auto start = test::Clock::now();
    EXPECT_THAT(faultAt(manager.check(settings_), "/prompt/plugin"), HasSubstr("within 100 ms"));
    EXPECT_LT(test::Clock::now() - start, 5s);
}

TEST_F(ManagerTest, AWarmStartNeedsNoChildAndAChangedFileDoes) {
    fs::create_directories(folder_ / "shipped");
    fs::copy_file(test::fixtureFile("echo"), folder_ / "shipped" / "echo.so");
    ASSERT_TRUE(PluginManager(options()).check(settings_).empty());
    ASSERT_TRUE(fs::exists(folder_ / "data" / "plugin-scan.json"));
    auto noScanner = options();
    noScanner.executable = "/bin/false";
    EXPECT_TRUE(PluginManager(noScanner).check(settings_).empty());
    fs::remove(folder_ / "shipped" / "echo.so");
    fs::copy_file(test::fixtureFile("echo"), folder_ / "shipped" / "echo.so");
    EXPECT_FALSE(PluginManager(noScanner).check(settings_).empty());
    test::writeFile(folder_ / "data" / "plugin-scan.json", "{\"versions\": [[[");
    EXPECT_TRUE(PluginManager(options()).check(settings_).empty());
}

TEST_F(ManagerTest, AHangingInstanceIsLeftAloneAtShutdown) {
    ship("echo");
    ship("hang");
    plugins("echo", {"hang"});
    auto impatient = options();
    impatient.grace = 50ms;
    PluginManager manager(impatient);
    const LoadedBackends loaded = manager.load(settings_);
    ASSERT_TRUE(loaded.ok());
    EXPECT_EQ(loaded.backends.endpoints[0]
                  ->generate(test::simpleRequest(), test::contextFor(nullptr, 50ms))
                  .status,
              CallStatus::Hung);
    EXPECT_FALSE(manager.shutdown());
}

TEST_F(ManagerTest, TheFallbackWriterIsLoadedWhereItIsThereAndIsThePromptItselfWhereItIsThat) {
    ship("echo");
    ship("endless_text");
    auto with = options();
    with.fallbackWriter = "endless_text";
    PluginManager other(with);
    const auto loaded = other.load(settings_);
    ASSERT_TRUE(loaded.ok());
    ASSERT_NE(loaded.backends.fallbackWriter, nullptr);
    EXPECT_EQ(loaded.backends.fallbackWriter->pluginId(), "endless_text");
    with.fallbackWriter = "echo";
    PluginManager same(with);
    const auto again = same.load(settings_);
    EXPECT_EQ(again.backends.fallbackWriter, again.backends.prompt);
    with.fallbackWriter = "absent";
    PluginManager none(with);
    const auto without = none.load(settings_);
    EXPECT_TRUE(without.ok());
    EXPECT_EQ(without.backends.fallbackWriter, nullptr);
}

}  // namespace
