// A language model on the GPU of an endpoint, with real processes: what is asked of whom, in order.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

struct Setting {
    Simulator machine = simEndpoint(0.05);
    Simulator llm;
    explicit Setting(const std::string& flavour)
        : llm(simLlm(0.05, {"--flavour", flavour, "--models", "writer,other"})) {}

    Json config() const {
        Json prompt = llm.prompt();
        prompt["settings"]["model"] = "writer";
        prompt["release_gpu_before_drawing"] = true;
        prompt["shares_gpu_with"] = {"Studio"};
        return {{"prompt", prompt}, {"endpoints", {machine.endpoint("Studio")}}};
    }
    // When the model was unloaded.
    std::vector<double> unloads() const {
        std::vector<double> times;
        for (const Json& line : llm.log()) {
            if (line.contains("unloaded")) times.push_back(line["end_ms"]);
        }
        return times;
    }
};

TEST(GpuSharing, TheModelIsUnloadedBetweenTheLastPromptAndTheFirstPicture) {
    for (const char* flavour : {"ollama", "lm-studio", "llama-server"}) {
        Setting setting(flavour);
        HostProcess host(setting.config());
        host.start();
        const Json job = run(host.client(), {{"prompt", "a lamp"}, {"random", true}, {"count", 3}});
        ASSERT_EQ(job["status"], "completed") << flavour << job;
        ASSERT_EQ(setting.unloads().size(), 1U) << flavour;
        for (const Json& line : setting.llm.log()) {
            if (line.contains("prompt")) {
                EXPECT_LE(line["end_ms"], setting.unloads()[0]);
            }
        }
        for (const Json& line : setting.machine.log())
            EXPECT_GE(line["received_ms"], setting.unloads()[0]);
    }
}

TEST(GpuSharing, AServerThatCannotUnloadIsNamedOnceAndTheJobsAreDrawn) {
    Setting setting("vllm");
    HostProcess host(setting.config());
    host.start();
    for (int i = 0; i < 2; ++i) {
        const Json job = run(host.client(), {{"prompt", "a lamp"}, {"random", true}});
        ASSERT_EQ(job["status"], "completed") << job;
    }
    const std::string log = host.log();
    const std::string says = "cannot free the GPU";
    const auto first = log.find(says);
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(log.find(says, first + 1), std::string::npos);
}

TEST(GpuSharing, AfterAKillTheJobGoesOnInTurns) {
    Setting setting("ollama");
    HostProcess host(setting.config());
    host.start();
    const std::string id =
        submit(host.client(), {{"prompt", "a lamp"}, {"random", true}, {"count", 4}});
    ASSERT_TRUE(eventually([&] { return setting.llm.log().size() >= 2; }));
    host.kill();
    host.start();
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "completed") << job;
    EXPECT_EQ(imagesOf(job).size(), 4U);
}

}  // namespace

}  // namespace test
