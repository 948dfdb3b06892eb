// One endpoint that is unwell costs neither the others nor the queue.
#include <future>

#include "engine_fixture.hpp"

namespace test {

namespace {

using host::pipeline::Target;

class Health : public EngineTest {
  protected:
    std::shared_ptr<FakeImages> failing(CallStatus status) {
        return endpoint("Bad", [status](const ImageRequest&, const CallContext&) {
            return failure(status, "scripted");
        });
    }
};

class OneBadEndpoint : public Health, public testing::WithParamInterface<CallStatus> {};

TEST_P(OneBadEndpoint, CostsNoPictureOfAJobForAny) {
    failing(GetParam());
    goodEndpoint("Good");
    start();
    const Json job = finished(submit({.count = 20, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(job["results"].size(), 20U);
}

// As many as an item has attempts, and they refuse at once while the good one is busy.
TEST_P(OneBadEndpoint, AndTwoMoreDoNotUseUpTheAttemptsOfAJobForAny) {
    failing(GetParam());
    for (const char* name : {"Worse", "Worst"}) {
        endpoint(name, [](const ImageRequest&, const CallContext&) {
            return failure(GetParam(), "scripted");
        });
    }
    endpoint("Slow", [](const ImageRequest&, const CallContext& context) {
        std::this_thread::sleep_for(20ms);
        return deliver(context);
    });
    start();
    const Json job = finished(submit({.count = 12, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(job["results"].size(), 12U);
}

TEST_P(OneBadEndpoint, DoesNotKeepALaterJobFromTheOthers) {
    const auto bad = failing(GetParam());
    goodEndpoint("Good");
    start();
    const std::string first = submit({.target = Target::List, .endpoints = {"Bad"}});
    const Json second =
        finished(submit({.count = 5, .target = Target::List, .endpoints = {"Good"}}));
    EXPECT_EQ(second["status"], "completed");
    EXPECT_EQ(finished(first)["status"], "failed");
    EXPECT_LE(bad->calls, 3);
}

INSTANTIATE_TEST_SUITE_P(Every, OneBadEndpoint,
                         testing::Values(CallStatus::OutOfMemory, CallStatus::Unsupported,
                                         CallStatus::Internal, CallStatus::BadOutput,
                                         CallStatus::Upstream),
                         [](const auto& info) {
                             return std::string(host::plugins::statusName(info.param));
                         });

// A job that one endpoint rejects says nothing of the jobs behind it.
TEST_F(Health, ARejectedJobDoesNotOpenTheCircuit) {
    endpoint("A", [](const ImageRequest& request, const CallContext& context) {
        return request.prompt == "too much" ? failure(CallStatus::OutOfMemory, "CUDA")
                                            : deliver(context);
    });
    start();
    std::vector<std::string> rejected;
    for (int i = 0; i < 4; ++i)
        rejected.push_back(submit({.prompt = "too much"}));
    const std::string good = submit({.prompt = "small"});
    EXPECT_EQ(finished(good)["status"], "completed");
    for (const std::string& id : rejected)
        EXPECT_EQ(finished(id)["status"], "failed");
    EXPECT_EQ(engine_->endpoints()[0].circuit, host::pipeline::CircuitBreaker::State::Closed);
}

TEST_F(Health, AnEndpointThatIsAwayAtTheStartCostsOneProbeAndNoAttempt) {
    const auto away = failing(CallStatus::Unavailable);
    away->probeOk = false;
    goodEndpoint("Good");
    start();
    const Json job = finished(submit({.count = 10, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_EQ(away->calls, 0);
    EXPECT_EQ(away->probes, 1);
    EXPECT_EQ(engine_->endpoints()[0].circuit, host::pipeline::CircuitBreaker::State::Open);
}

TEST_F(Health, AnEndpointThatOnlyAnswersItsProbeOddlyStillGetsWork) {
    const auto odd = goodEndpoint("Odd");
    odd->probeAnswer = CallStatus::Upstream;
    goodEndpoint("Other");
    start();
    const Json job = finished(submit({.count = 30, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_GT(odd->calls, 0);
}

TEST_F(Health, APictureThatOneFailedDoesNotWaitForAnEndpointThatIsAway) {
    std::atomic<int> failures{0};
    endpoint("Clumsy", [&](const ImageRequest&, const CallContext& context) {
        return failures++ == 0 ? failure(CallStatus::BadOutput, "no picture") : deliver(context);
    });
    const auto away = goodEndpoint("Away");
    away->probeOk = false;
    start();
    const Json job = finished(submit({.count = 1, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed") << "its second attempt is for the same endpoint";
    EXPECT_EQ(away->calls, 0);
}

TEST_F(Health, ABusyEndpointDoesNotParkWhatOthersCouldDraw) {
    const auto limited = endpoint("Limited", [](const ImageRequest&, const CallContext&) {
        CallResult result = failure(CallStatus::Busy, "rate limit");
        result.details = {{"retry_after_ms", 60'000}};
        return result;
    });
    goodEndpoint("Good");
    start();
    const Json job = finished(submit({.count = 20, .target = Target::Any}));
    EXPECT_EQ(job["status"], "completed") << "long before the minute is over";
    EXPECT_EQ(job["error"], nullptr);
    EXPECT_LE(limited->calls, 1);
}

TEST_F(Health, AnInputThatCannotBeReadKeepsItsOwnPictureWaitingAndNobodyElses) {
    std::promise<void> begun;
    std::promise<void> open;
    endpoint("A", [&, gate = open.get_future().share(), first = true](
                      const ImageRequest&, const CallContext& context) mutable {
        if (std::exchange(first, false)) {
            begun.set_value();
            gate.wait();
        }
        return deliver(context);
    });
    start();
    submit({});
    begun.get_future().wait();
    JobSpec spec{.prompt = "a cat", .endpoints = {"A"}};
    spec.imageMime = "image/png";
    const auto receipt = engine_->submit(
        {.spec = spec, .client = "me", .inputPicture = "bytes", .inputExtension = ".png"});
    ASSERT_TRUE(receipt.ok()) << receipt.error().message;
    const std::string behind = submit({});
    // There, but not to be read: as under a limit of descriptors, or on a failing disk.
    for (const auto& file :
         std::filesystem::directory_iterator(host::store::inputDirectoryFor(dir_ / "jobs.db"))) {
        const std::filesystem::path path = file.path();
        std::filesystem::remove(path);
        std::filesystem::create_directory(path);
    }
    open.set_value();
    EXPECT_EQ(finished(behind, 5s)["status"], "completed");
    const Json waits = status(receipt->jobId);
    EXPECT_NE(waits["status"], "failed") << waits.dump(2);
    EXPECT_EQ(engine_->endpoints()[0].circuit, host::pipeline::CircuitBreaker::State::Closed);
}

TEST_F(Health, TheNextPictureBeginsWhileTheLastOneIsBeingRecorded) {
    std::atomic<int> atOnce{0};
    std::atomic<int> most{0};
    endpoint("A", [&](const ImageRequest&, const CallContext& context) {
        most = std::max(most.load(), ++atOnce);
        CallResult result = deliver(context);
        --atOnce;
        return result;
    });
    start();
    const Json job = finished(submit({.count = 40}));
    EXPECT_EQ(job["results"].size(), 40U);
    EXPECT_EQ(most, 1) << "though two threads serve the endpoint";
}

TEST_F(Health, AQuarantinedEndpointLosesOneAttemptAndWorksAgainOnceItsCallIsBack) {
    std::atomic<int> calls{0};
    std::shared_ptr<FakeImages> a;
    a = endpoint("A", [&](const ImageRequest&, const CallContext& context) {
        if (++calls > 1) return deliver(context);
        a->stuck = true;
        a->probeOk = false;
        return failure(CallStatus::Hung, "gone");
    });
    const auto good = goodEndpoint("Good");
    start();
    const Json any = finished(submit({.count = 10, .target = Target::Any}));
    EXPECT_EQ(any["status"], "completed");
    EXPECT_EQ(any["error"], nullptr);
    EXPECT_EQ(a->calls, 1) << "nothing more is lost to it";
    EXPECT_EQ(engine_->endpoints()[0].circuit, host::pipeline::CircuitBreaker::State::Open);
    const std::string comparing = submit({.target = Target::List, .endpoints = {"A"}});
    const Json waits = waitFor(comparing, [](const Json& job) { return job.contains("why"); });
    EXPECT_EQ(waits["why"]["waits_for"][0]["reason"], "circuit_open");
    a->probeOk = true;
    EXPECT_EQ(finished(comparing)["status"], "completed") << "the probe after 5 s makes it anew";
    EXPECT_FALSE(a->stuck);
}

}  // namespace

}  // namespace test
