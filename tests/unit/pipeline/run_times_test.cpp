#include "pipeline/run_times.hpp"

#include <gtest/gtest.h>

#include "pipeline/admission.hpp"
#include "plugins/capabilities.hpp"

namespace {

using namespace std::chrono_literals;
using host::pipeline::RunTimes;
using host::pipeline::workOf;

TEST(RunTimes, WorkGrowsWithStepsAndPixels) {
    const double base = workOf(25, 1024, 1024);
    EXPECT_DOUBLE_EQ(workOf(50, 1024, 1024), 2 * base);
    EXPECT_DOUBLE_EQ(workOf(25, 2048, 2048), 4 * base);
}

TEST(RunTimes, WorkIsThatOfTheStepsWhichTheEndpointTakes) {
    host::plugins::Capabilities turbo;
    turbo.steps = {.range = host::plugins::Bounds{1, 50}, .byDefault = 8};
    host::pipeline::JobSpec spec{.orientation = "square", .size = "1mp", .steps = 25};
    EXPECT_DOUBLE_EQ(workAt(turbo, spec), workOf(25, 1024, 1024));
    spec.stepsByDefault = true;
    EXPECT_DOUBLE_EQ(workAt(turbo, spec), workOf(8, 1024, 1024));
}

TEST(RunTimes, WorkOfAnEndpointWithoutStepsIsInItsPixelsWhateverStepsAreAskedFor) {
    host::plugins::Capabilities service;
    service.steps.none = true;
    service.sizes = {{1536, 1024}};
    host::pipeline::JobSpec spec{.orientation = "landscape", .size = "1mp", .steps = 50};
    EXPECT_EQ(stepsAt(service, spec), 0);
    EXPECT_DOUBLE_EQ(workAt(service, spec), workOf(1, 1536, 1024));
}

TEST(RunTimes, AnEstimateIsTheMedianOfLikeWorkAndElseInProportion) {
    RunTimes times(1);
    EXPECT_FALSE(times.estimate(0, 10));
    for (const double seconds : {4.0, 5.0, 90.0})
        times.add(0, 10, seconds);
    EXPECT_DOUBLE_EQ(times.estimate(0, 10)->seconds, 5);
    EXPECT_EQ(times.estimate(0, 10)->samples, 3);
    EXPECT_DOUBLE_EQ(times.estimate(0, 20)->seconds, 10);
    times.add(0, 40, 16);
    EXPECT_DOUBLE_EQ(times.estimate(0, 40)->seconds, 16);
    EXPECT_EQ(times.estimate(0, 40)->samples, 1);
}

TEST(RunTimes, ALimitIsLearnedFromFiveAndFollowsTheSlowest) {
    RunTimes times(2, 10s);
    for (int i = 0; i < 4; ++i)
        times.add(0, 10, 1);
    EXPECT_FALSE(times.limit(0, 10));
    times.add(0, 10, 5);
    EXPECT_EQ(*times.limit(0, 10), 30s);
    EXPECT_EQ(*times.limit(0, 1), 30s) << "less work is not given less";
    EXPECT_EQ(*times.limit(0, 20), 50s);
    EXPECT_FALSE(times.limit(1, 10)) << "another endpoint";
}

TEST(RunTimes, AMachineThatBecameSlowerIsNotCutOffForEver) {
    RunTimes times(1, 10s);
    for (int i = 0; i < 5; ++i)
        times.add(0, 10, 5);
    times.overran(0);
    EXPECT_EQ(*times.limit(0, 10), 60s);
    times.overran(0);
    EXPECT_EQ(*times.limit(0, 10), 120s);
    times.add(0, 10, 100);
    EXPECT_EQ(*times.limit(0, 10), 410s);
}

TEST(RunTimes, ForgetsWhatIsOldAndWhatCannotBeTrue) {
    RunTimes times(1);
    times.add(0, 10, -3);
    times.add(0, 10, 1e9);
    times.add(0, 0, 5);
    EXPECT_FALSE(times.estimate(0, 10));
    times.add(0, 10, 100);
    for (std::size_t i = 0; i < RunTimes::kWindow; ++i)
        times.add(0, 10, 1);
    EXPECT_EQ(*times.limit(0, 10), 124s);
}

}  // namespace
