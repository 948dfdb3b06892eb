// Faults of machines and models, again and again at one host: nothing of them is kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "integration/faults/process_figures.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

// For a simulator, again and again; a good answer after each keeps the endpoint in work.
std::string inTurn(const std::vector<std::string>& faults) {
    std::string all;
    for (const std::string& fault : faults)
        all += fault + ",,";
    return all;
}

std::size_t faultsOf(const Simulator& simulator) {
    const std::vector<Json> log = simulator.log();
    return static_cast<std::size_t>(std::count_if(
        log.begin(), log.end(), [](const Json& entry) { return entry.value("fault", "") != ""; }));
}

TEST(FaultsOfMachines, RepeatedFiveTimesEachLeaveNothingBehind) {
    std::deque<Simulator> machines;
    Json endpoints = Json::array();
    for (const std::vector<std::string>& faults : std::vector<std::vector<std::string>>{
             {"close", "endless-headers", "wrong-length", "hang-mid"},
             {"cut", "endless-body", "html-500", "hang-picture"},
             {"endless-picture", "garbage-json", "picture-empty", "html-as-png"},
             {"no-images", "picture-404", "truncated", "cut-picture"}}) {
        machines.emplace_back("sim-endpoint", std::vector<std::string>{"--seconds", "0.01",
                                                                       "--fault", inTurn(faults)});
        endpoints.push_back(machines.back().endpoint("M" + std::to_string(machines.size())));
        endpoints.back()["timeout_seconds"] = 1;
    }
    HostProcess host({{"endpoints", endpoints}});
    host.start();
    const auto meet = [&](int runs, std::size_t faults) {
        EXPECT_TRUE(isOver(run(host.client(), {{"prompt", "x"}, {"count", runs}})));
        for (const Simulator& machine : machines)
            EXPECT_GE(faultsOf(machine), faults);
    };
    meet(8, 4);
    const Figures before = atRest(host.process().pid());
    HealthPulse pulse(host);
    meet(32, 20);
    pulse.end();
    expectBackToRest(host.process().pid(), before, {.connections = machines.size()});
    EXPECT_TRUE(eventually([&] { return partsBelow(host.folder()).empty(); }));
}

TEST(FaultsOfModels, RepeatedFiveTimesEachLeaveNothingBehind) {
    constexpr std::size_t kAtOnce = 3;
    Simulator llm = simLlm(
        0.01,
        {"--fault", inTurn({"empty", "reasoning-only", "http-500", "html-502", "string-error",
                            "unknown-model", "error-mid-stream", "hang-mid", "endless-stream"})});
    Json prompt = llm.prompt();
    prompt["timeout_seconds"] = 1;
    prompt["concurrency"] = kAtOnce;
    HostProcess host({{"prompt", prompt}, {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    const auto meet = [&](int runs, std::size_t faults) {
        EXPECT_TRUE(
            isOver(run(host.client(), {{"prompt", "a pier"}, {"random", true}, {"count", runs}})));
        EXPECT_GE(faultsOf(llm), faults);
    };
    meet(12, 9);
    const Figures before = atRest(host.process().pid());
    HealthPulse pulse(host);
    meet(54, 45);
    pulse.end();
    expectBackToRest(host.process().pid(), before, {.connections = kAtOnce});
}

}  // namespace

}  // namespace test
