#include "pipeline/forecast.hpp"

#include <gtest/gtest.h>

#include "pipeline/open_job.hpp"

namespace {

using host::pipeline::Forecast;
using host::pipeline::forecast;
using host::pipeline::ForecastInput;
using host::pipeline::ForecastJob;
using host::pipeline::kAnyLane;

constexpr double kNow = 1000;

// Endpoints that take so long for a picture; the last one writes prompts.
ForecastInput lanes(std::vector<std::optional<double>> seconds) {
    ForecastInput input{.now = kNow};
    for (std::size_t i = 0; i < seconds.size(); ++i)
        input.lanes.push_back({.freeIn = {0}});
    input.seconds.push_back(std::move(seconds));
    return input;
}

ForecastJob job(const std::string& id, std::int64_t seq, int lane, int items,
                const std::string& client = "me") {
    return {.id = id, .client = client, .seq = seq, .shares = {{lane, items, 0}}};
}

double endOf(const ForecastInput& input, const std::string& id) {
    return forecast(input).ends.at(id).at.value() - kNow;
}

TEST(Forecast, JobsOfOneClientFollowEachOther) {
    ForecastInput input = lanes({2, 1});
    input.lanes[0].freeIn = {1.5};
    input.jobs = {job("a", 1, 0, 3), job("b", 2, 0, 1)};
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 7.5);
    EXPECT_DOUBLE_EQ(endOf(input, "b"), 9.5);
}

TEST(Forecast, ClientsTakeTurnsAndAHigherPriorityGoesFirst) {
    ForecastInput input = lanes({1, 1});
    input.jobs = {job("a", 1, 0, 10), job("b", 2, 0, 2, "you"), job("c", 3, 0, 5)};
    input.jobs[2].priority = 5;
    EXPECT_DOUBLE_EQ(endOf(input, "c"), 5);
    EXPECT_DOUBLE_EQ(endOf(input, "b"), 9);
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 17);
}

TEST(Forecast, RunsForAnyGoToTheFirstFreeOne) {
    ForecastInput input = lanes({1, 3, 1});
    input.jobs = {job("a", 1, kAnyLane, 8)};
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 6);
    input.lanes[1].usable = false;
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 8);
}

TEST(Forecast, RunsForAnyDoNotCountOnEndpointsThatCannotDrawThem) {
    ForecastInput input = lanes({1, 3, 1});
    input.jobs = {job("a", 1, kAnyLane, 8)};
    input.jobs[0].shares[0].barred = {0};
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 24);
    input.jobs[0].shares[0].barred = {0, 1};
    EXPECT_FALSE(forecast(input).ends["a"].at) << "nobody is left";
}

TEST(Forecast, PicturesWaitForTheirPrompts) {
    ForecastInput input = lanes({1, 5});
    input.jobs = {{.id = "a", .seq = 1, .prompts = 3, .shares = {{0, 3, 3}}}};
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 16);
    input.lanes[0].waitsForPrompts = true;
    EXPECT_DOUBLE_EQ(endOf(input, "a"), 18);
}

TEST(Forecast, WhatRunsForNobodyKnowsHowLongHasNoEnd) {
    ForecastInput input = lanes({1, 1});
    input.jobs = {{.id = "a", .seq = 1, .untold = 0}};
    const Forecast seen = forecast(input);
    EXPECT_FALSE(seen.ends.at("a").at);
    EXPECT_EQ(seen.ends.at("a").lane, 0);
    EXPECT_FALSE(seen.ends.at("a").unusable);
}

TEST(Forecast, WhatIsNotKnownIsSaid) {
    ForecastInput input = lanes({std::nullopt, 1, 1});
    input.jobs = {job("a", 1, 0, 1), job("b", 2, 1, 1), job("c", 3, kAnyLane, 1)};
    Forecast seen = forecast(input);
    EXPECT_FALSE(seen.ends["a"].at);
    EXPECT_EQ(seen.ends["a"].lane, 0);
    EXPECT_FALSE(seen.ends["a"].unusable);
    EXPECT_TRUE(seen.ends["b"].at);
    EXPECT_TRUE(seen.ends["c"].at) << "by the one that is known";
    input.lanes[1].usable = false;
    seen = forecast(input);
    EXPECT_TRUE(seen.ends["b"].unusable);
    EXPECT_EQ(seen.ends["b"].lane, 1);
}

TEST(Forecast, AVeryLongQueueIsWalkedThroughInBoundedSteps) {
    ForecastInput input = lanes({1, 1, 1});
    for (int i = 0; i < 1000; ++i)
        input.jobs.push_back(job(std::to_string(i), i, kAnyLane, 10'000));
    EXPECT_NEAR(endOf(input, "999"), 5e6, 5e4);
}

}  // namespace
