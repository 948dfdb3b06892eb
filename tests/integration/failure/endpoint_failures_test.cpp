// What becomes of a job when its endpoints fail, each in its own way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/mount.h>

#include <array>
#include <set>

#include "common/needs.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

Json oneMachine(const Simulator& machine) {
    return {{"endpoints", {machine.endpoint("M")}}};
}

double startOf(const Json& entry) {
    return entry["received_ms"].get<double>() / 1000;
}

TEST(Retries, AnEndpointsErrorGetsThreeAttemptsOneAndFourSecondsApart) {
    Simulator machine = simEndpoint(0.02, {"--fault", "http-500"});
    HostProcess host(oneMachine(machine));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_NE(job["error"].get<std::string>().find("the sampler broke"), std::string::npos);
    const std::vector<Json> images = imagesOf(job);
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0]["success"], false);
    EXPECT_NE(images[0]["error"].get<std::string>().find("the sampler broke"), std::string::npos);
    EXPECT_EQ(images[0]["prompt_used"], "x");
    const std::vector<Json> log = machine.log();
    ASSERT_EQ(log.size(), 3U);
    EXPECT_NEAR(startOf(log[1]) - startOf(log[0]), 1.0, 0.7);
    EXPECT_NEAR(startOf(log[2]) - startOf(log[1]), 4.0, 1.0);
    EXPECT_EQ(query(host.database(), "SELECT count(*) AS n FROM attempts")[0]["n"], 3);
    EXPECT_TRUE(eventually([&] { return readCsv(resultLog(host)).size() == 2; }))
        << "the final outcome only";
}

TEST(Retries, ASecondAttemptThatWorksLeavesNoTraceInTheResult) {
    Simulator machine = simEndpoint(0.02, {"--fault", "http-500", "--fault-count", "1"});
    HostProcess host(oneMachine(machine));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}});
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(machine.log().size(), 2U);
    EXPECT_EQ(outputFiles(host).size(), 1U);
}

TEST(Retries, WhatIsWrongWithTheRequestIsNotRepeated) {
    // Invalid argument: asking again cannot help.
    HostProcess host(
        {{"endpoints",
          {{{"name", "F"},
            {"plugin", "fails"},
            {"settings", {{"status", 1}, {"times", 1}, {"message", "steps are too many"}}}}}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_NE(job["error"].get<std::string>().find("steps are too many"), std::string::npos);
    EXPECT_EQ(query(host.database(), "SELECT count(*) AS n FROM attempts")[0]["n"], 1);
}

TEST(Retries, ABusyEndpointIsWaitedForAndDoesNotCostAttempts) {
    Simulator machine = simEndpoint(0.02, {"--fault", "busy-503", "--fault-count", "5"});
    HostProcess host(oneMachine(machine));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}});
    EXPECT_EQ(job["status"], "completed") << job["error"];
    EXPECT_EQ(machine.log().size(), 6U);
}

// All faults of the simulated machine, by what becomes of them.
constexpr std::array kFailing{"refuse",       "close",           "cut",          "endless-headers",
                              "endless-body", "endless-picture", "wrong-length", "success-false",
                              "html-500",     "text-500",        "bad-request",  "garbage-json",
                              "no-images",    "no-filename",     "picture-404",  "picture-empty",
                              "truncated",    "cut-picture",     "html-as-png"};
constexpr std::array kOddNames{"hostile-name", "absolute-name", "empty-name", "repeated-name",
                               "long-name"};
constexpr std::array kSilent{"hang", "hang-mid", "hang-picture"};
// Each with tests of its own above and below.
constexpr std::array kOthers{"http-500", "busy-503"};

TEST(FaultsOfAMachine, AllHaveATestHere) {
    expectTests("sim-endpoint", kFailing, kOddNames, kSilent, kOthers);
}

class FaultyMachine : public ::testing::TestWithParam<const char*> {};

// One endpoint misbehaves, one is fine: the job is completed, its error counts the failures, and
// nothing but the good pictures is left on the disk.
TEST_P(FaultyMachine, FailsItsOwnItemsOnly) {
    Simulator bad = simEndpoint(0.02, {"--fault", GetParam()});
    Simulator good = simEndpoint(0.02);
    HostProcess host({{"endpoints", {bad.endpoint("Bad"), good.endpoint("Good")}}});
    host.start();
    const HealthPulse pulse(host);
    const Json job = run(host.client(), {{"prompt", "x"}});
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    ASSERT_TRUE(job["error"].is_string());
    const std::vector<Json> images = imagesOf(job);
    ASSERT_EQ(images.size(), 2U);
    for (const Json& image : images) {
        EXPECT_EQ(image["success"], image["endpoint"]["name"] == "Good");
        if (image["success"] == false) EXPECT_NE(image["error"], "");
    }
    EXPECT_EQ(job["endpoint_status"]["Bad"]["state"], "error");
    EXPECT_EQ(job["endpoint_status"]["Good"]["state"], "done");
    EXPECT_EQ(outputFiles(host).size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(EveryFault, FaultyMachine, ::testing::ValuesIn(kFailing),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

class OddName : public ::testing::TestWithParam<const char*> {};

TEST_P(OddName, IsMadeSafeAndUnique) {
    Simulator machine = simEndpoint(0.02, {"--fault", GetParam()});
    HostProcess host(oneMachine(machine));
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}, {"count", 3}});
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    std::set<std::string> names;
    for (const Json& image : imagesOf(job)) {
        const std::string name = image["filename"];
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_TRUE(name.starts_with("gen_127_0_0_1_")) << name;
        EXPECT_TRUE(name.ends_with(".png")) << name;
        EXPECT_LE(name.size(), 255U);
        EXPECT_EQ(name.find('/'), std::string::npos);
        EXPECT_EQ(host.client().get("/images/" + name).status, 200);
    }
    EXPECT_EQ(names.size(), 3U);
    EXPECT_EQ(outputFiles(host), std::vector<std::string>(names.begin(), names.end()));
    EXPECT_FALSE(std::filesystem::exists("/tmp/evil.png"));
    EXPECT_FALSE(std::filesystem::exists("/etc/evil.png"));
}

INSTANTIATE_TEST_SUITE_P(EveryOddName, OddName, ::testing::ValuesIn(kOddNames),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

class StuckMachine : public ::testing::TestWithParam<const char*> {};

TEST_P(StuckMachine, FailsTheItemInItsTimeAndHoldsNothingUp) {
    Simulator machine = simEndpoint(0.02, {"--fault", GetParam()});
    Json endpoint = machine.endpoint("M");
    endpoint["timeout_seconds"] = 1;
    HostProcess host({{"endpoints", {endpoint}}});
    host.start();
    const HealthPulse pulse(host);
    const Json job = run(host.client(), {{"prompt", "x"}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_GE(job["total_elapsed"].get<double>(), 3.0) << "three attempts of a second";
}

INSTANTIATE_TEST_SUITE_P(EveryPlace, StuckMachine, ::testing::ValuesIn(kSilent),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST(SlowMachines, DelayNobodyElse) {
    Simulator slow = simEndpoint(300);
    Simulator quick = simEndpoint(0.02);
    HostProcess host({{"endpoints", {slow.endpoint("Slow"), quick.endpoint("Quick")}}});
    host.start();
    const HealthPulse pulse(host);
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_NE(id, "");
    const Json other = run(host.client(), {{"prompt", "y"}, {"endpoints", {"Quick"}}});
    EXPECT_EQ(other["status"], "completed");
    EXPECT_FALSE(isOver(statusOf(host.client(), id)));
    EXPECT_EQ(host.client().del("/api/v1/queue/" + id).status, 200);
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "cancelled");
    EXPECT_EQ(outputFiles(host).size(), 2U) << "of the quick one, from both jobs";
}

TEST(Timeouts, APluginThatHangsIsGivenUpWhileTheHostAnswers) {
    HostProcess host({{"endpoints",
                       {{{"name", "Stuck"}, {"plugin", "hang"}, {"timeout_seconds", 1}},
                        {{"name", "Good"}, {"plugin", "echo"}}}}});
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_NE(id, "");
    const HealthPulse pulse(host);
    const Json job = waitForEnd(host.client(), id, std::chrono::seconds(90));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["endpoint_status"]["Stuck"]["state"], "error");
    // The other endpoint goes on as ever.
    EXPECT_EQ(run(host.client(), {{"prompt", "y"}, {"endpoints", {"Good"}}})["status"],
              "completed");
}

TEST(HopelessJobs, AreStoppedAfterAFewFailures) {
    HostProcess host({{"endpoints",
                       {{{"name", "F"},
                         {"plugin", "fails"},
                         {"settings", {{"status", 1}, {"times", -1}, {"message", "never"}}}}}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}, {"count", 100}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_NE(job["error"], "");
    EXPECT_LE(query(host.database(), "SELECT count(*) AS n FROM attempts")[0]["n"], 10);
    EXPECT_EQ(run(host.client(), {{"prompt", "x"}})["status"], "failed") << "the next one is tried";
}

TEST(DeadEndpoints, OfAComparingJobAreWaitedForThirtySecondsAtMost) {
    Simulator good = simEndpoint(0.02);
    Json dead = {
        {"name", "Dead"}, {"plugin", "endpoint"}, {"settings", {{"ip", "127.0.0.1"}, {"port", 1}}}};
    HostProcess host({{"endpoints", {good.endpoint("Good"), dead}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", "x"}, {"count", 8}}, std::chrono::seconds(80));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_LT(job["total_elapsed"].get<double>(), 60.0);
    EXPECT_EQ(good.log().size(), 8U);
}

TEST(PluginsThatCrash, AreAFailureOfTheJobNotOfTheNextStart) {
    // In-process plugins take the host down; after the bound the item fails and the host stays up.
    HostProcess host({{"endpoints", {{{"name", "Mine"}, {"plugin", "crash"}}}}});
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_NE(id, "");
    Json job;
    // It may die before it is ready, or after.
    for (int starts = 0; starts < 10; ++starts) {
        if (host.process().wait(std::chrono::seconds(3))) {
            host.tryStart();
            continue;
        }
        job = waitForEnd(host.client(), id);
        break;
    }
    EXPECT_EQ(job.value("status", ""), "failed") << job.dump(2);
    ASSERT_EQ(imagesOf(job).size(), 1U);
    EXPECT_EQ(imagesOf(job)[0]["prompt_used"], "x");
    EXPECT_EQ(host.client().get("/health").status, 200);
}

TEST(AFullDisk, FailsNothingOnceThereIsRoomAgain) {
    Simulator machine = simEndpoint(0.02);
    HostProcess host(oneMachine(machine));
    std::filesystem::create_directory(host.output());
    TEST_NEEDS(::mount("none", host.output().c_str(), "tmpfs", 0, "size=1m") == 0,
               "the right to mount a small disk");
    writeFile(host.output() / "ballast.bin", std::string(1 << 20, 'x'));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "x"}, {"count", 2}});
    EXPECT_NE(id, "");
    HealthPulse pulse(host);
    EXPECT_TRUE(eventually([&] { return !machine.log().empty(); }));
    EXPECT_FALSE(isOver(statusOf(host.client(), id)));
    std::filesystem::remove(host.output() / "ballast.bin");
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "completed") << job["error"];
    pulse.end();
    host.kill();
    ::umount2(host.output().c_str(), MNT_DETACH);
}

}  // namespace

}  // namespace test
