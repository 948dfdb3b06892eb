// Opening a finished job again for what failed in it, and changing the order of the queue.
#include <atomic>
#include <future>

#include "engine_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using host::ErrorCode;
using host::Json;
using host::pipeline::Engine;
using host::pipeline::JobSpec;
using host::pipeline::PromptMode;
using host::pipeline::Target;
using host::plugins::CallContext;
using host::plugins::CallResult;
using host::plugins::CallStatus;
using host::plugins::ImageRequest;
using host::plugins::TextRequest;
using test::deliver;
using test::EngineTest;
using test::failure;
using test::waitForCancel;

class RetryTest : public EngineTest {
  protected:
    // Refuses its pictures, at once and finally, while `broken_`.
    void brokenEndpoint(const std::string& name) {
        endpoint(name, [this](const ImageRequest&, const CallContext& c) {
            return broken_ ? failure(CallStatus::InvalidArgument, "out of order") : deliver(c);
        });
    }
    // When it is repaired its pictures wait for the gate.
    void gatedEndpoint(const std::string& name, std::shared_future<void> gate) {
        endpoint(name, [this, gate](const ImageRequest&, const CallContext& c) {
            if (broken_) return failure(CallStatus::InvalidArgument);
            gate.wait();
            return deliver(c);
        });
    }
    std::string failedJob(JobSpec spec) {
        const std::string id = submit(std::move(spec));
        EXPECT_EQ(finished(id)["status"], "failed");
        return id;
    }
    host::pipeline::RetryReceipt retried(const std::string& id) {
        const auto receipt = engine_->retry(id, "corr");
        EXPECT_TRUE(receipt.ok()) << (receipt.ok() ? "" : receipt.error().message);
        return receipt.ok() ? *receipt : host::pipeline::RetryReceipt{};
    }
    ErrorCode refusal(const std::string& id) {
        const auto receipt = engine_->retry(id, "corr");
        EXPECT_FALSE(receipt.ok());
        return receipt.ok() ? ErrorCode::Internal : receipt.error().code;
    }
    std::size_t resultLines() {
        const auto lines = store_->resultLines(1000);
        return lines.ok() ? lines->size() : 0;
    }

    std::atomic<bool> broken_{true};
};

TEST_F(RetryTest, OnlyWhatFailedIsDrawnAgainAndPicturesAreKept) {
    const auto good = goodEndpoint("Good");
    brokenEndpoint("Bad");
    start();
    const std::string id = submit({.count = 2});
    const Json before = finished(id);
    ASSERT_EQ(before["status"], "completed");
    ASSERT_NE(before["error"], nullptr);
    broken_ = false;
    const auto receipt = retried(id);
    EXPECT_EQ(receipt.jobId, id);
    EXPECT_EQ(receipt.status, "queued");
    EXPECT_EQ(receipt.retried, 2);
    EXPECT_EQ(receipt.queuePosition, 1);
    const Json after = finished(id);
    EXPECT_EQ(after["status"], "completed");
    EXPECT_EQ(after["error"], nullptr);
    EXPECT_EQ(good->calls, 2) << "its pictures were there already";
    EXPECT_EQ(filesInOutput(), 4U);
    for (int run = 0; run < 2; ++run) {
        ASSERT_EQ(after["results"][run]["images"].size(), 2U);
        const auto kept = before["results"][run]["images"];
        EXPECT_THAT(after["results"][run]["images"],
                    testing::Contains(kept[0]["success"] == true ? kept[0] : kept[1]));
    }
    EXPECT_EQ(resultLines(), 6U) << "two failures, then two pictures more";
}

TEST_F(RetryTest, AnOpenedJobIsQueuedWithoutStartEndAndError) {
    std::promise<void> release;
    gatedEndpoint("Bad", release.get_future().share());
    start();
    const std::string blocked = failedJob({});
    const std::string id = failedJob({});
    broken_ = false;
    retried(blocked);
    waitFor(blocked, [](const Json& job) { return job["status"] == "running"; });
    EXPECT_EQ(retried(id).queuePosition, 1);
    const Json job = status(id);
    EXPECT_EQ(job["status"], "queued");
    EXPECT_EQ(job["started_at"], nullptr);
    EXPECT_EQ(job["completed_at"], nullptr);
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(job["endpoint_status"]["Bad"]["state"], "pending");
    EXPECT_EQ(engine_->queueSize(), 1U);
    release.set_value();
    EXPECT_EQ(finished(id)["status"], "completed");
    EXPECT_EQ(engine_->queueSize(), 0U);
}

TEST_F(RetryTest, EveryTryHasAllItsAttemptsAndARowOfItsOwn) {
    endpoint("Bad", [this](const ImageRequest&, const CallContext& c) {
        return broken_ ? failure(CallStatus::BadOutput) : deliver(c);
    });
    start();
    const std::string id = failedJob({});
    retried(id);
    EXPECT_EQ(finished(id)["status"], "failed");
    const auto attempts = store_->attempts(id);
    ASSERT_TRUE(attempts.ok());
    std::vector<int> numbers;
    for (const auto& attempt : *attempts)
        numbers.push_back(attempt.number);
    EXPECT_EQ(numbers, (std::vector<int>{1, 2, 3, 4})) << "bad output is worth two attempts";
    EXPECT_EQ(resultLines(), 2U) << "only final outcomes";
}

TEST_F(RetryTest, TheSecondHalfOfADoubleClickGetsTheSameAnswer) {
    std::promise<void> release;
    gatedEndpoint("Bad", release.get_future().share());
    start();
    const std::string id = failedJob({.count = 3});
    broken_ = false;
    auto other = std::async(std::launch::async, [&] { return engine_->retry(id, "corr"); });
    const auto one = engine_->retry(id, "corr");
    const auto two = other.get();
    release.set_value();
    ASSERT_TRUE(one.ok() && two.ok());
    EXPECT_EQ(one->retried, 3);
    EXPECT_EQ(two->retried, 3);
    EXPECT_EQ(finished(id)["results"].size(), 3U);
    EXPECT_EQ(filesInOutput(), 3U);
}

TEST_F(RetryTest, WhatCannotBeRetriedIsRefusedWithItsReason) {
    goodEndpoint("Good");
    endpoint("Slow", [](const ImageRequest&, const CallContext& c) { return waitForCancel(c); });
    start();
    EXPECT_EQ(refusal("00000000"), ErrorCode::JobNotFound);
    const std::string done = submit({.target = Target::List, .endpoints = {"Good"}});
    finished(done);
    EXPECT_EQ(refusal(done), ErrorCode::Validation) << "nothing failed";
    const std::string slow = submit({.target = Target::List, .endpoints = {"Slow"}});
    waitFor(slow, [](const Json& job) { return job["status"] == "running"; });
    EXPECT_EQ(refusal(slow), ErrorCode::Validation) << "not finished";
    ASSERT_TRUE(engine_->cancel(slow).ok());
    EXPECT_EQ(refusal(slow), ErrorCode::Validation) << "cancelled, not failed";
    EXPECT_EQ(status(slow)["status"], "cancelled");
}

TEST_F(RetryTest, OfACancelledJobOnlyTheFailedItemsRunAgain) {
    const auto slow = endpoint("Slow", [this](const ImageRequest&, const CallContext& c) {
        return broken_ ? waitForCancel(c) : deliver(c);
    });
    brokenEndpoint("Bad");
    start();
    const std::string id = submit({.count = 3});
    waitFor(id, [](const Json& job) {
        return job.contains("partial_results") && job["partial_results"].size() == 3;
    });
    ASSERT_TRUE(engine_->cancel(id).ok());
    broken_ = false;
    EXPECT_EQ(retried(id).retried, 3);
    const Json job = finished(id);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(slow->calls, 1) << "cancelled items stay cancelled";
    EXPECT_EQ(filesInOutput(), 3U);
    EXPECT_EQ(refusal(id), ErrorCode::Validation);
}

TEST_F(RetryTest, CancelledItemsStayCancelledWhenTheHostEndsDuringARetry) {
    brokenEndpoint("Bad");
    std::atomic<bool> hold{true};
    const auto slow = endpoint("Slow", [&](const ImageRequest&, const CallContext& c) {
        return hold ? waitForCancel(c) : deliver(c);
    });
    start();
    const std::string id = submit({.count = 3});
    waitFor(id, [](const Json& job) {
        return job.contains("partial_results") && job["partial_results"].size() == 3;
    });
    ASSERT_TRUE(engine_->cancel(id).ok());
    // Opened again and ended before anything of it could run.
    options_.endpoints[0].concurrency = 0;
    stop();
    start();
    EXPECT_EQ(retried(id).retried, 3);
    stop();
    options_.endpoints[0].concurrency = 1;
    broken_ = false;
    hold = false;
    start();
    EXPECT_EQ(finished(id)["status"], "completed");
    EXPECT_EQ(filesInOutput(), 3U);
    EXPECT_EQ(slow->calls, 1);
}

TEST_F(RetryTest, APromptThatNobodyWroteIsWrittenWithItsRun) {
    goodEndpoint("A");
    std::atomic<bool> mute{true};
    options_.prompt.fallback = false;
    const auto model = writer([&](const TextRequest& request, const CallContext&) {
        const bool second = request.extra.value("run_index", 0) == 1;
        if (second && mute) return failure(CallStatus::InvalidArgument, "no words");
        return CallResult{.status = CallStatus::Ok, .text = "a written prompt"};
    });
    start();
    const std::string id = submit({.random = true, .count = 3});
    const Json before = finished(id);
    ASSERT_EQ(before["status"], "completed");
    mute = false;
    const int asked = model->calls;
    EXPECT_EQ(retried(id).retried, 1);
    const Json job = finished(id);
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(model->calls, asked + 1) << "prompts that are there are kept";
    EXPECT_EQ(job["results"][1]["images"][0]["prompt_used"], "a written prompt");
    EXPECT_EQ(job["llm_status"]["state"], "done");
    EXPECT_EQ(filesInOutput(), 3U);
}

TEST_F(RetryTest, AJobThatWasStoppedAsHopelessIsDrawnWhole) {
    brokenEndpoint("Bad");
    start();
    const std::string id = failedJob({.count = 12});
    broken_ = false;
    EXPECT_EQ(retried(id).retried, 12) << "also what was given up before it began";
    EXPECT_EQ(finished(id)["status"], "completed");
    EXPECT_EQ(filesInOutput(), 12U);
}

TEST_F(RetryTest, ARunForAnyEndpointIsTriedAgainOnWhicheverIsFree) {
    brokenEndpoint("A");
    brokenEndpoint("B");
    writer([](const TextRequest&, const CallContext&) {
        return CallResult{.status = CallStatus::Ok, .text = "a written prompt"};
    });
    start();
    const std::string id = failedJob({.random = true, .count = 3, .target = Target::Any});
    broken_ = false;
    EXPECT_EQ(retried(id).retried, 3);
    const Json job = finished(id);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["results"].size(), 3U);
    EXPECT_EQ(filesInOutput(), 3U);
}

TEST_F(RetryTest, AnEndpointThatLeftTheConfigurationFailsAtOnceAndSaysSo) {
    brokenEndpoint("Bad");
    brokenEndpoint("Leaves");
    start();
    const std::string both = failedJob({.count = 1});
    const std::string one = failedJob({.target = Target::List, .endpoints = {"Leaves"}});
    stop();
    options_.endpoints.pop_back();
    start();
    const auto nothing = engine_->retry(one, "corr");
    ASSERT_FALSE(nothing.ok());
    EXPECT_EQ(nothing.error().code, ErrorCode::Validation);
    EXPECT_THAT(nothing.error().message, testing::HasSubstr("no longer in the configuration"));
    broken_ = false;
    EXPECT_EQ(retried(both).retried, 1);
    const Json job = finished(both);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_THAT(job["error"].get<std::string>(), testing::HasSubstr("no longer in"));
    ASSERT_EQ(job["results"][0]["images"].size(), 2U);
}

TEST_F(RetryTest, AFullQueueRefusesARetry) {
    options_.maxQueuedJobs = 1;
    endpoint("Bad", [this](const ImageRequest&, const CallContext& c) {
        return broken_ ? failure(CallStatus::InvalidArgument) : waitForCancel(c);
    });
    start();
    const std::string id = failedJob({});
    broken_ = false;
    const std::string runs = submit({});
    waitFor(runs, [](const Json& job) { return job["status"] == "running"; });
    submit({});
    EXPECT_EQ(refusal(id), ErrorCode::RefusingWork);
    EXPECT_EQ(status(id)["status"], "failed");
}

TEST_F(RetryTest, AJobMayBeRetriedAgainAndCancelledInBetween) {
    endpoint("Bad", [this](const ImageRequest&, const CallContext& c) {
        return broken_ ? failure(CallStatus::Unavailable, "still broken") : deliver(c);
    });
    start();
    const std::string id = submit({.count = 1});
    EXPECT_EQ(finished(id)["status"], "failed");
    retried(id);
    ASSERT_TRUE(engine_->cancel(id).ok()) << "before its circuit lets anything pass";
    broken_ = false;
    EXPECT_EQ(retried(id).retried, 1) << "its last attempt failed";
    ASSERT_TRUE(engine_->cancel(id).ok() || finished(id)["status"] == "completed");
}

TEST_F(EngineTest, AHigherPriorityOvertakesAtOnceAndStaysAfterARestart) {
    std::promise<void> release;
    auto gate = release.get_future().share();
    std::vector<std::string> drawn;  // by one lane, one after the other
    endpoint("A", [gate, &drawn](const ImageRequest& request, const CallContext& c) {
        drawn.push_back(request.prompt);
        gate.wait();
        return deliver(c);
    });
    start();
    const std::string first = submit({.prompt = "first", .count = 2});
    waitFor(first, [](const Json& job) { return job["status"] == "running"; });
    const std::string second = submit({.prompt = "second"});
    const std::string third = submit({.prompt = "third"});
    const auto receipt = engine_->setPriority(third, 7);
    ASSERT_TRUE(receipt.ok());
    EXPECT_EQ(receipt->queuePosition, 1);
    EXPECT_EQ(engine_->queue(10).pending, (std::vector<std::string>{third, second}));
    EXPECT_EQ(status(third)["priority"], 7);
    ASSERT_TRUE(engine_->setPriority(first, -5).ok()) << "also of a running one";
    release.set_value();
    for (const std::string& id : {first, second, third})
        finished(id);
    EXPECT_EQ(drawn, (std::vector<std::string>{"first", "third", "second", "first"}))
        << "the second run of the first goes behind all others";
    stop();
    start();
    EXPECT_EQ(status(third)["priority"], 7);
}

TEST_F(EngineTest, TheOrderOfAFinishedJobCannotBeChanged) {
    goodEndpoint("A");
    start();
    const std::string id = submit({});
    finished(id);
    // The end is told before the engine has let go of the job.
    const auto refused = engine_->setPriority(id, 3);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::Validation);
}

}  // namespace
