// What becomes of a prompt when the language model fails.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>

#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

Json withLlm(const Simulator& llm) {
    Json prompt = llm.prompt();
    prompt["timeout_seconds"] = 2;
    return {{"prompt", prompt}, {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}};
}

// All faults of the simulated model, by what becomes of them.
constexpr std::array kFailing{
    "empty",         "reasoning-only",   "http-500", "html-502", "string-error",   "unknown-model",
    "broken-stream", "error-mid-stream", "hang",     "hang-mid", "endless-stream", "unauthorized"};
constexpr std::array kUnderstood{"reasoning", "think-tags", "fenced", "whole-body", "no-done"};
constexpr std::array kWaitedFor{"busy-429"};
// Only where JSON is asked for: in the tests of vision.
constexpr std::array kOfScenes{"no-schema", "prose", "not-json", "cut-json", "reasoning-json"};

TEST(FaultsOfAModel, AllHaveATestHere) {
    expectTests("sim-llm", kFailing, kUnderstood, kWaitedFor, kOfScenes);
}

class FaultyModel : public ::testing::TestWithParam<const char*> {};

TEST_P(FaultyModel, IsReplacedByTheSteeringConcept) {
    Simulator llm = simLlm(0.02, {"--fault", GetParam()});
    HostProcess host(withLlm(llm));
    host.start();
    const HealthPulse pulse(host);
    const Json job = run(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["state"], "fallback");
    EXPECT_EQ(job["llm_status"]["source"], "fallback");
    EXPECT_TRUE(job["llm_status"]["error"].is_string());
    ASSERT_EQ(imagesOf(job).size(), 1U);
    EXPECT_EQ(imagesOf(job)[0]["prompt_used"], "a lighthouse");
    EXPECT_EQ(imagesOf(job)[0]["stats"]["prompt"], "a lighthouse");
    EXPECT_LE(llm.log().size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(EveryFault, FaultyModel, ::testing::ValuesIn(kFailing),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

class OddModel : public ::testing::TestWithParam<const char*> {};

TEST_P(OddModel, IsUnderstood) {
    Simulator llm = simLlm(0.02, {"--fault", GetParam()});
    HostProcess host(withLlm(llm));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["state"], "done");
    EXPECT_EQ(job["llm_status"]["source"], "llm");
    const std::string prompt = imagesOf(job).at(0)["prompt_used"];
    EXPECT_TRUE(prompt.starts_with("A scene of")) << prompt;
    EXPECT_EQ(prompt.find("think"), std::string::npos) << prompt;
    EXPECT_EQ(prompt.find("```"), std::string::npos) << prompt;
    EXPECT_EQ(llm.log().size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(EveryManner, OddModel, ::testing::ValuesIn(kUnderstood),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

TEST(Model, ThatIsBusyIsWaitedFor) {
    Simulator llm = simLlm(0.02, {"--fault", kWaitedFor[0], "--fault-count", "2"});
    HostProcess host(withLlm(llm));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    EXPECT_EQ(job["llm_status"]["source"], "llm") << job.dump(2);
    EXPECT_EQ(llm.log().size(), 3U);
}

TEST(Model, GetsThreeAttempts) {
    Simulator llm = simLlm(0.02, {"--fault", "http-500", "--fault-count", "2"});
    HostProcess host(withLlm(llm));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    EXPECT_EQ(job["llm_status"]["source"], "llm") << job.dump(2);
    EXPECT_EQ(llm.log().size(), 3U);
}

TEST(Model, ThatIsAwayIsReplacedByTheEmbeddedWriterWhenThereIsNoConcept) {
    HostProcess host(
        {{"prompt",
          {{"plugin", "chat"}, {"settings", {{"url", "http://127.0.0.1:1"}, {"model", "m"}}}}},
         {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    const Json job = run(host.client(), {{"random", true}, {"count", 5}});
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["source"], "fallback");
    std::set<std::string> prompts;
    for (const Json& image : imagesOf(job)) {
        const std::string prompt = image["prompt_used"];
        EXPECT_GT(prompt.size(), 200U) << prompt;
        prompts.insert(prompt);
    }
    EXPECT_EQ(prompts.size(), 5U) << "no two alike";
    EXPECT_LT(job["total_elapsed"].get<double>(), 20.0) << "not three attempts for each run";
}

TEST(Model, ThatFailsFailsTheRunWhenThatIsConfigured) {
    Simulator llm = simLlm(0.02, {"--fault", "http-500"});
    Json config = withLlm(llm);
    config["prompt_fallback"] = false;
    HostProcess host(config);
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_EQ(job["llm_status"]["state"], "error");
    EXPECT_TRUE(job["llm_status"]["error"].is_string());
    ASSERT_EQ(imagesOf(job).size(), 1U);
    EXPECT_EQ(imagesOf(job)[0]["success"], false);
    EXPECT_EQ(outputFiles(host).size(), 0U);
}

TEST(Model, ThatWasAtWorkWheneverTheHostDiedIsReplacedInTheEnd) {
    Simulator llm = simLlm(60);
    Json config = withLlm(llm);
    config["prompt"]["timeout_seconds"] = 60;
    HostProcess host(config);
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    ASSERT_NE(id, "");
    for (int death = 0; death < 5; ++death) {
        // The status says "generating" also while an item waits for its next attempt.
        ASSERT_TRUE(eventually([&] {
            const Json attempts = query(host.database(), "select count(*) as n from attempts");
            return attempts[0]["n"] == death + 1;
        }));
        host.kill();
        host.start();
    }
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["state"], "fallback");
    EXPECT_EQ(imagesOf(job).at(0)["prompt_used"], "a lighthouse");
}

TEST(Model, WritesOnlyWhatIsAskedFor) {
    Simulator llm = simLlm(0.02);
    HostProcess host(withLlm(llm));
    host.start();
    run(host.client(), {{"prompt", "exactly this"}, {"count", 3}});
    EXPECT_EQ(llm.log().size(), 0U);
}

TEST(EmbeddedWriter, NeedsNoModelAtAll) {
    HostProcess host({{"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lighthouse"}, {"random", true}});
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["llm_status"]["state"], "done");
    EXPECT_NE(imagesOf(job).at(0)["prompt_used"], "a lighthouse");
    EXPECT_NE(imagesOf(job).at(0)["prompt_used"].get<std::string>().find("lighthouse"),
              std::string::npos);
}

}  // namespace

}  // namespace test
