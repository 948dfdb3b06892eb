#include <gtest/gtest.h>

#include "pipeline/circuit_breaker.hpp"
#include "pipeline/job_spec.hpp"
#include "pipeline/retry_policy.hpp"

namespace {

using namespace host::pipeline;  // NOLINT(*using-namespace*)
using host::plugins::CallStatus;
using namespace std::chrono_literals;

TEST(RetryPolicy, WhatTheRequestIsToBlameForIsNeverTriedAgain) {
    for (const auto status :
         {CallStatus::InvalidArgument, CallStatus::ImageFormat, CallStatus::TooLarge}) {
        EXPECT_EQ(classify(status).attempts, 1);
        EXPECT_FALSE(classify(status).blamesEndpoint);
    }
}

TEST(RetryPolicy, AnUnreachableEndpointGetsThreeAttemptsOneAndFourSecondsApart) {
    EXPECT_EQ(classify(CallStatus::Unavailable).attempts, 3);
    EXPECT_TRUE(classify(CallStatus::Unavailable).blamesEndpoint);
    EXPECT_EQ(retryDelay(1), 1s);
    EXPECT_EQ(retryDelay(2), 4s);
}

TEST(RetryPolicy, ABusyEndpointIsNotBlamedAndItsWishIsBounded) {
    EXPECT_FALSE(classify(CallStatus::Busy).counts);
    EXPECT_FALSE(classify(CallStatus::Busy).blamesEndpoint);
    EXPECT_EQ(busyDelay({{"retry_after_ms", 2500}}), 2500ms);
    EXPECT_EQ(busyDelay({{"retry_after_ms", 1e12}}), 60s);
    EXPECT_EQ(busyDelay({{"retry_after_ms", -5}}), 200ms);
    EXPECT_EQ(busyDelay({{"retry_after_ms", "soon"}}), 1s);
    EXPECT_EQ(busyDelay(nullptr), 1s);
}

TEST(CircuitBreaker, OpensAfterThreeFailuresInARowAndClosesAfterOneGoodProbe) {
    CircuitBreaker breaker;
    const CircuitBreaker::Time start{};
    breaker.failed(start);
    breaker.failed(start);
    breaker.succeeded();
    breaker.failed(start);
    breaker.failed(start);
    EXPECT_TRUE(breaker.closed());
    breaker.failed(start);
    EXPECT_EQ(breaker.state(), CircuitBreaker::State::Open);
    EXPECT_FALSE(breaker.probeDue(start + 4s));
    EXPECT_TRUE(breaker.probeDue(start + 5s));
    breaker.beginProbe();
    breaker.succeeded();
    EXPECT_TRUE(breaker.closed());
}

TEST(CircuitBreaker, AProbeThatEndsWithoutAnAnswerIsFollowedByAnother) {
    CircuitBreaker breaker;
    const CircuitBreaker::Time now{};
    breaker.undecided(now);
    EXPECT_TRUE(breaker.closed());
    breaker.trip(now);
    breaker.beginProbe();
    breaker.undecided(now + 6s);
    EXPECT_TRUE(breaker.probeDue(now + 6s)) << "or it would stay half open for ever";
}

TEST(CircuitBreaker, ASuspectIsProbedAtOnceAndAnAnswerDoesNotWipeItsCount) {
    CircuitBreaker breaker;
    const CircuitBreaker::Time now{};
    for (int i = 0; i < 2; ++i) {
        breaker.suspect(now);
        EXPECT_FALSE(breaker.closed());
        EXPECT_TRUE(breaker.probeDue(now));
        breaker.beginProbe();
        EXPECT_FALSE(breaker.probeDue(now)) << "one probe at a time";
        breaker.probeSucceeded();
        EXPECT_TRUE(breaker.closed());
    }
    breaker.suspect(now);
    EXPECT_FALSE(breaker.probeDue(now + 4s)) << "the third opens it";
    EXPECT_TRUE(breaker.probeDue(now + 5s));
}

TEST(CircuitBreaker, ASuspectThatFailsItsProbeGetsTheFirstCoolDown) {
    CircuitBreaker breaker;
    const CircuitBreaker::Time now{};
    breaker.suspect(now);
    breaker.beginProbe();
    breaker.failed(now);
    EXPECT_FALSE(breaker.probeDue(now + 4s));
    EXPECT_TRUE(breaker.probeDue(now + 5s));
    breaker.beginProbe();
    breaker.probeSucceeded();
    EXPECT_TRUE(breaker.closed());
}

TEST(CircuitBreaker, CoolsDownLongerAfterEachFailedProbeUpToAMinute) {
    CircuitBreaker breaker;
    CircuitBreaker::Time now{};
    breaker.trip(now);
    std::vector<std::int64_t> waits;
    for (int i = 0; i < 6; ++i) {
        const auto wait = breaker.probeAt() - now;
        waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(wait).count());
        now = breaker.probeAt();
        breaker.beginProbe();
        breaker.failed(now);
    }
    EXPECT_EQ(waits, (std::vector<std::int64_t>{5, 10, 20, 40, 60, 60}));
}

TEST(JobSpec, SizesAreTheContractsTable) {
    const auto landscape = pixelSize("1mp", "landscape");
    ASSERT_TRUE(landscape);
    EXPECT_EQ(landscape->width, 1216U);
    EXPECT_EQ(landscape->height, 832U);
    EXPECT_EQ(pixelSize("4mp", "portrait")->height, 2432U);
    EXPECT_EQ(pixelSize("0.5mp", "square")->width, 704U);
    EXPECT_FALSE(pixelSize("3mp", "square"));
    EXPECT_FALSE(pixelSize("1mp", "round"));
}

TEST(JobSpec, RunsCountTheSeedUpAndStayInRange) {
    JobSpec spec;
    EXPECT_FALSE(spec.seedOf(3));
    spec.seed = 100;
    EXPECT_EQ(spec.seedOf(3), 103);
    spec.seed = (std::int64_t{1} << 53) - 1;
    EXPECT_EQ(spec.seedOf(1), 0);
}

TEST(JobSpec, RandomGuidanceIsDrawnPerRunAndStaysTheSameAfterARestart) {
    JobSpec spec;
    spec.randomGuidance = true;
    std::set<double> seen;
    for (int run = 0; run < 200; ++run) {
        const auto value = spec.guidanceOf("0badcafe", run);
        ASSERT_TRUE(value);
        EXPECT_EQ(value, JobSpec::fromJson(spec.toJson()).guidanceOf("0badcafe", run));
        seen.insert(*value);
    }
    EXPECT_EQ(seen, (std::set<double>{1, 2, 3.5, 5, 7, 10}));
}

TEST(JobSpec, TheSecondPromptGoesToEveryEndpointButTheFirst) {
    JobSpec spec;
    spec.prompt = "one";
    spec.prompt2 = "two";
    spec.endpoints = {"a", "b", "c"};
    EXPECT_EQ(spec.promptFor("b"), "one");
    spec.promptMode = PromptMode::Different;
    EXPECT_EQ(spec.promptFor("a"), "one");
    EXPECT_EQ(spec.promptFor("b"), "two");
    EXPECT_EQ(spec.promptFor("c"), "two");
    spec.prompt2.clear();
    EXPECT_EQ(spec.promptFor("c"), "one");
}

TEST(JobSpec, SurvivesTheDatabase) {
    JobSpec spec;
    spec.prompt = "a \"quoted\" prompt, ünïcode";
    spec.random = true;
    spec.count = 7;
    spec.seed = 0;
    spec.guidanceScale = 3.5;
    spec.target = Target::List;
    spec.endpoints = {"x"};
    spec.imageMime = "image/webp";
    spec.strength = 0.25;
    const JobSpec back = JobSpec::fromJson(host::Json::parse(spec.toJson().dump()));
    EXPECT_EQ(back.toJson(), spec.toJson());
    EXPECT_EQ(back.seed, 0);
    EXPECT_EQ(back.target, Target::List);
}

}  // namespace
