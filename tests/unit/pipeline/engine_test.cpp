// The engine over the real stores and scripted backends.
#include <future>
#include <set>

#include "engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::pipeline::Engine;
using host::pipeline::JobSpec;
using host::pipeline::PromptMode;
using host::pipeline::Target;
using host::plugins::CallContext;
using host::plugins::CallResult;
using host::plugins::CallStatus;
using host::plugins::CancelReason;
using host::plugins::ImageRequest;
using host::plugins::TextRequest;
using test::deliver;
using test::EngineTest;
using test::failure;
using test::FakeImages;
using test::FakeWriter;
using test::waitForCancel;

TEST_F(EngineTest, AComparingJobGivesOnePicturePerRunAndEndpoint) {
    goodEndpoint("A");
    goodEndpoint("B");
    start();
    const Json job = finished(submit({.count = 3}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    ASSERT_EQ(job["results"].size(), 3U);
    std::set<std::string> names;
    for (const Json& run : job["results"]) {
        ASSERT_EQ(run["images"].size(), 2U);
        for (const Json& image : run["images"]) {
            EXPECT_EQ(image["success"], true);
            EXPECT_EQ(image["stats"]["seed"], 42);
            names.insert(image["filename"].get<std::string>());
        }
    }
    EXPECT_EQ(names.size(), 6U);
    EXPECT_EQ(filesInOutput(), 6U);
    EXPECT_EQ(job["endpoint_status"]["A"]["state"], "done");
}

TEST_F(EngineTest, AnyUsesEachRunOnce) {
    const auto a = goodEndpoint("A");
    const auto b = goodEndpoint("B");
    start();
    const Json job = finished(submit({.count = 10, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["results"].size(), 10U);
    EXPECT_EQ(a->calls + b->calls, 10);
}

TEST_F(EngineTest, RemoteNamesThatRepeatOrClimbEndUpSafeAndUnique) {
    endpoint("A", [](const ImageRequest&, const CallContext& c) {
        return deliver(c, "../../etc/pass wd.png");
    });
    start();
    const Json job = finished(submit({.count = 2}));
    EXPECT_EQ(filesInOutput(), 2U);
    for (const Json& run : job["results"]) {
        const auto name = run["images"][0]["filename"].get<std::string>();
        EXPECT_EQ(name.find('/'), std::string::npos) << name;
        EXPECT_THAT(name, testing::StartsWith("gen_a_"));
        EXPECT_THAT(name, testing::EndsWith(".png"));
    }
}

TEST_F(EngineTest, AnUpstreamErrorIsTriedThreeTimesAndThenReported) {
    const auto a = endpoint("A", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::Upstream, "CUDA out of luck");
    });
    start();
    const Json job = finished(submit({}));
    EXPECT_EQ(a->calls, 3);
    EXPECT_EQ(job["status"], "failed");
    EXPECT_THAT(job["error"].get<std::string>(), testing::HasSubstr("CUDA out of luck"));
    EXPECT_EQ(job["results"][0]["images"][0]["success"], false);
    EXPECT_EQ(job["endpoint_status"]["A"]["state"], "error");
    const auto attempts = store_->attempts(job["job_id"].get<std::string>());
    ASSERT_EQ(attempts->size(), 3U);
    EXPECT_NEAR((*attempts)[1].startedAt - *(*attempts)[0].endedAt, 1, 0.5);
    EXPECT_NEAR((*attempts)[2].startedAt - *(*attempts)[1].endedAt, 4, 0.5);
}

TEST_F(EngineTest, ABadRequestIsNotTriedAgain) {
    const auto a = endpoint("A", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::InvalidArgument);
    });
    start();
    EXPECT_EQ(finished(submit({}))["status"], "failed");
    EXPECT_EQ(a->calls, 1);
}

TEST_F(EngineTest, AJobWithOnePictureIsCompletedAndCountsItsFailures) {
    goodEndpoint("A");
    endpoint("B", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::InvalidArgument, "never");
    });
    start();
    const Json job = finished(submit({}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_THAT(job["error"].get<std::string>(), testing::HasSubstr("1 of 2"));
}

TEST_F(EngineTest, AnyFailsOverFromADeadEndpointWithoutAFailure) {
    const auto dead = endpoint("Dead", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::Unavailable, "refused");
    });
    dead->probeOk = false;
    goodEndpoint("Good");
    start();
    const Json job = finished(submit({.count = 12, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(job["results"].size(), 12U);
    EXPECT_LE(dead->calls, 1) << "it is probed before it gets more";
}

TEST_F(EngineTest, AnyFailsOverFromMoreDeadEndpointsThanAnItemHasAttempts) {
    std::promise<void> allTried;
    std::atomic<int> tries{0};
    std::vector<std::shared_ptr<FakeImages>> dead;
    for (const char* name : {"Dead 1", "Dead 2", "Dead 3", "Dead 4"}) {
        dead.push_back(endpoint(name, [&](const ImageRequest&, const CallContext&) {
            if (++tries == 4) allTried.set_value();
            return failure(CallStatus::Unavailable, "refused");
        }));
    }
    // The good one is busy with another job until every dead one has had the picture.
    std::promise<void> busy;
    auto tried = allTried.get_future().share();
    endpoint("Good", [&, first = true](const ImageRequest&, const CallContext& context) mutable {
        if (std::exchange(first, false)) busy.set_value();
        EXPECT_EQ(tried.wait_for(10s), std::future_status::ready);
        return deliver(context);
    });
    start();
    submit({.target = Target::List, .endpoints = {"Good"}});
    busy.get_future().wait();
    const Json job = finished(submit({.target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    for (const auto& d : dead)
        EXPECT_EQ(d->calls, 1);
}

TEST_F(EngineTest, AnEndpointThatAnswersProbesButNoWorkStillOpensItsCircuit) {
    const auto broken = endpoint("Broken", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::Unavailable, "reset");
    });
    goodEndpoint("Good");
    start();
    const Json job = finished(submit({.count = 40, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_LE(broken->calls, 3);
}

TEST_F(EngineTest, AJobThatFailsEverywhereIsStopped) {
    const auto a = endpoint("A", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::InvalidArgument, "bad");
    });
    start();
    const Json job = finished(submit({.count = 100}));
    EXPECT_EQ(job["status"], "failed");
    EXPECT_EQ(a->calls, 5);
    EXPECT_THAT(job["error"].get<std::string>(), testing::HasSubstr("Stopped after 5"));
}

TEST_F(EngineTest, ABusyEndpointIsAskedAgainWithoutCountingAttempts) {
    std::atomic<int> busy{4};
    const auto a = endpoint("A", [&](const ImageRequest&, const CallContext& c) {
        if (busy-- <= 0) return deliver(c);
        CallResult result = failure(CallStatus::Busy);
        result.details = {{"retry_after_ms", 200}};
        return result;
    });
    start();
    EXPECT_EQ(finished(submit({}))["status"], "completed");
    EXPECT_EQ(a->calls, 5);
}

TEST_F(EngineTest, TheModelsPromptIsUsedAndWrittenAheadOfDrawing) {
    std::promise<void> gate;
    const auto opened = gate.get_future().share();
    endpoint("A", [&](const ImageRequest& request, const CallContext& c) {
        EXPECT_THAT(request.prompt, testing::StartsWith("prompt "));
        opened.wait();
        return deliver(c);
    });
    const auto llm =
        writer([n = std::make_shared<std::atomic<int>>(0)](const TextRequest&, const CallContext&) {
            return CallResult{.status = CallStatus::Ok, .text = "prompt " + std::to_string(++*n)};
        });
    start();
    const std::string id = submit({.prompt = "cats", .random = true, .count = 5});
    waitFor(id, [&](const Json& job) { return job["llm_status"]["state"] == "done"; });
    EXPECT_EQ(llm->calls, 5) << "all prompts are there while the first picture is still drawn";
    gate.set_value();
    const Json job = finished(id);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["llm_status"]["source"], "llm");
    EXPECT_EQ(job["results"][0]["prompt"], "prompt 1");
}

TEST_F(EngineTest, WhenTheModelFailsTheConceptIsThePrompt) {
    goodEndpoint("A");
    const auto llm = writer([](const TextRequest&, const CallContext&) {
        return failure(CallStatus::Unavailable, "no model");
    });
    start();
    const Json job = finished(submit({.prompt = "the concept", .random = true}));
    EXPECT_EQ(llm->calls, 3);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["llm_status"]["state"], "fallback");
    EXPECT_EQ(job["llm_status"]["source"], "fallback");
    EXPECT_THAT(job["llm_status"]["error"].get<std::string>(), testing::HasSubstr("no model"));
    EXPECT_EQ(job["results"][0]["images"][0]["prompt_used"], "the concept");
}

TEST_F(EngineTest, WithoutAConceptTheEmbeddedWriterStepsIn) {
    goodEndpoint("A");
    writer([](const TextRequest&, const CallContext&) {
        return failure(CallStatus::InvalidArgument);
    });
    options_.prompt.embedded =
        std::make_shared<FakeWriter>([](const TextRequest&, const CallContext&) {
            return CallResult{.status = CallStatus::Ok, .text = "embedded words"};
        });
    start();
    const Json job = finished(submit({.random = true}));
    EXPECT_EQ(job["results"][0]["prompt"], "embedded words");
}

TEST_F(EngineTest, WithoutFallbackTheRunFails) {
    const auto a = goodEndpoint("A");
    options_.prompt.fallback = false;
    writer([](const TextRequest&, const CallContext&) {
        return failure(CallStatus::InvalidArgument, "wrong key");
    });
    start();
    const Json job = finished(submit({.prompt = "x", .random = true}));
    EXPECT_EQ(job["status"], "failed");
    EXPECT_EQ(job["llm_status"]["state"], "error");
    EXPECT_EQ(a->calls, 0);
}

TEST_F(EngineTest, DifferentModeWritesAPromptForEachEndpoint) {
    goodEndpoint("A");
    goodEndpoint("B");
    writer([n = std::make_shared<std::atomic<int>>(0)](const TextRequest&, const CallContext&) {
        return CallResult{.status = CallStatus::Ok, .text = "prompt " + std::to_string(++*n)};
    });
    start();
    const Json job = finished(submit({.random = true, .promptMode = PromptMode::Different}));
    const Json prompts = job["results"][0]["endpoint_prompts"];
    EXPECT_NE(prompts["A"], prompts["B"]);
}

TEST_F(EngineTest, CancellingARunningJobStopsItAlone) {
    endpoint("A", [](const ImageRequest& r, const CallContext& c) {
        return r.prompt == "slow" ? waitForCancel(c) : deliver(c);
    });
    start();
    const std::string slow = submit({.prompt = "slow", .count = 3});
    const std::string other = submit({.prompt = "other"}, "someone else");
    waitFor(slow, [](const Json& job) { return job["status"] == "running"; });
    ASSERT_TRUE(engine_->cancel(slow).ok());
    EXPECT_EQ(status(slow)["status"], "cancelled");
    EXPECT_EQ(finished(other)["status"], "completed");
    const auto again = engine_->cancel(slow);
    ASSERT_FALSE(again.ok());
    EXPECT_EQ(again.error().code, host::ErrorCode::Validation);
}

TEST_F(EngineTest, PicturesMadeBeforeACancelAreKept) {
    std::atomic<int> made{0};
    endpoint("A", [&](const ImageRequest&, const CallContext& c) {
        return made++ < 2 ? deliver(c) : waitForCancel(c);
    });
    start();
    const std::string id = submit({.count = 5});
    waitFor(id, [](const Json& job) { return job["results"].size() == 2; });
    ASSERT_TRUE(engine_->cancel(id).ok());
    EXPECT_EQ(status(id)["results"].size(), 2U);
    EXPECT_EQ(filesInOutput(), 2U);
}

TEST_F(EngineTest, AFullQueueRefusesWithATimeToRetry) {
    endpoint("A", [](const ImageRequest&, const CallContext& c) { return waitForCancel(c); });
    options_.maxQueuedJobs = 2;
    start();
    const std::string running = submit({});
    waitFor(running, [](const Json& job) { return job["status"] == "running"; });
    submit({});
    submit({});
    const auto refused = engine_->submit({.spec = {.prompt = "x", .endpoints = {"A"}}});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, host::ErrorCode::RefusingWork);
    EXPECT_GT(refused.error().retryAfterSeconds, 0);
    EXPECT_EQ(*engine_->clearQueue(), 2);
    EXPECT_EQ(status(running)["status"], "running");
}

TEST_F(EngineTest, WhatAShutdownInterruptsGoesOnAfterTheRestart) {
    std::atomic<bool> blocked{true};
    endpoint("A", [&](const ImageRequest&, const CallContext& c) {
        return blocked ? waitForCancel(c) : deliver(c);
    });
    start();
    const std::string id = submit({.count = 3});
    waitFor(id, [](const Json& job) { return job["status"] == "running"; });
    stop();
    blocked = false;
    start();
    const Json job = finished(id);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["results"].size(), 3U);
    EXPECT_EQ(filesInOutput(), 3U);
    const auto attempts = store_->attempts(id);
    EXPECT_EQ(attempts->size(), 4U);
    EXPECT_EQ((*attempts)[0].outcome, "handed_back");
}

TEST_F(EngineTest, AnEndpointThatLeftTheConfigurationFailsItsShareOfTheJob) {
    std::atomic<bool> blocked{true};
    const auto generate = [&](const ImageRequest&, const CallContext& c) {
        return blocked ? waitForCancel(c) : deliver(c);
    };
    endpoint("A", generate);
    endpoint("B", generate);
    start();
    const std::string id = submit({});
    waitFor(id, [](const Json& job) { return job["status"] == "running"; });
    stop();
    blocked = false;
    options_.endpoints.pop_back();
    start();
    const Json job = finished(id);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_THAT(job["error"].get<std::string>(), testing::HasSubstr("no longer"));
}

TEST_F(EngineTest, PositionsFollowPriorityAndTakeTurnsBetweenClients) {
    endpoint("A", [](const ImageRequest&, const CallContext& c) { return waitForCancel(c); });
    start();
    const std::string first = submit({});
    waitFor(first, [](const Json& job) { return job["status"] == "running"; });
    const auto position = [&](const std::string& client, int priority) {
        const auto receipt = engine_->submit(
            {.spec = {.prompt = "x", .endpoints = {"A"}, .priority = priority}, .client = client});
        return receipt->queuePosition;
    };
    EXPECT_EQ(position("a", 0), 1);
    EXPECT_EQ(position("a", 0), 2);
    EXPECT_EQ(position("b", 0), 2) << "after a's first, before a's second";
    EXPECT_EQ(position("c", 5), 1);
    EXPECT_EQ(engine_->queue(100).pending.size(), 4U);
}

}  // namespace
