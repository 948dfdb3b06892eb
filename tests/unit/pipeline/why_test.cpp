// What the engine says about jobs that are not finished.
#include <future>

#include "engine_fixture.hpp"
#include "pipeline/vision_stage.hpp"

namespace test {

namespace {

using host::pipeline::Target;

// Keeps every picture until it is let go.
class Gate {
  public:
    FakeImages::Generate draws() {
        return [this](const ImageRequest&, const CallContext& context) {
            open_.wait();
            return deliver(context);
        };
    }
    void open() { opener_.set_value(); }

  private:
    std::promise<void> opener_;
    std::shared_future<void> open_ = opener_.get_future().share();
};

class Why : public EngineTest {
  protected:
    Json why(const std::string& id) { return *status_->why(id); }
    // The first reason of that kind, or null.
    static Json reason(const Json& why, const std::string& code) {
        for (const Json& one : why["waits_for"]) {
            if (one["reason"] == code) return one;
        }
        return nullptr;
    }
    Json waitForReason(const std::string& id, const std::string& code) {
        waitFor(id, [&](const Json& job) {
            return job.contains("why") && !reason(job["why"], code).is_null();
        });
        return reason(why(id), code);
    }
};

TEST_F(Why, ABusyEndpointIsNamedWithTheJobItDraws) {
    Gate gate;
    endpoint("A", gate.draws());
    start();
    const std::string first = submit({});
    waitFor(first, [](const Json& job) { return job["status"] == "running"; });
    const std::string second = submit({.count = 2});
    const std::string third = submit({});
    const Json busy = reason(why(third), "busy");
    EXPECT_EQ(busy["endpoint"], "A");
    EXPECT_EQ(busy["jobs"], Json::array({first}));
    EXPECT_EQ(busy["next_job"], second);
    EXPECT_EQ(why(third)["position"], 2);
    EXPECT_EQ(why(third)["summary"], "1 job goes first. A is drawing job " + first + ".");
    EXPECT_EQ(why(third)["eta"], nullptr);
    EXPECT_THAT(why(third)["eta_reason"].get<std::string>(),
                testing::HasSubstr("A has not finished a picture yet"));
    EXPECT_EQ(why(first)["waits_for"], Json::array());
    EXPECT_EQ(why(first)["running_items"], 1);
    EXPECT_EQ(why(first)["eta"], nullptr) << "not even its first picture is known to have an end";
    EXPECT_THAT(why(first)["eta_reason"].get<std::string>(),
                testing::HasSubstr("A has not finished a picture yet"));
    EXPECT_EQ(status(third)["why"]["position"], 2);
    gate.open();
    EXPECT_FALSE(finished(third).contains("why"));
    EXPECT_EQ(why(third)["summary"], "The job is completed.");
    EXPECT_EQ(status_->why("00000000").error().code, host::ErrorCode::JobNotFound);
}

TEST_F(Why, AnOpenCircuitIsToldWithItsErrorAndTheNextProbe) {
    const auto dead = endpoint("Dead", [](const ImageRequest&, const CallContext&) {
        return failure(CallStatus::Unavailable, "connection refused");
    });
    dead->probeOk = false;
    goodEndpoint("Good");
    start();
    finished(submit({.count = 2, .target = Target::Any}));
    engine_->endpointAnswered(0);
    const std::string id = submit({.target = Target::List, .endpoints = {"Dead"}});
    const Json retry = waitForReason(id, "retry");
    EXPECT_THAT(retry["error"].get<std::string>(), testing::HasSubstr("connection refused"));
    EXPECT_GT(retry["until"].get<double>(), 0);
    const std::string more = submit({.count = 3, .target = Target::List, .endpoints = {"Dead"}});
    const Json open = waitForReason(more, "circuit_open");
    ASSERT_FALSE(open.is_null());
    EXPECT_THAT(open["message"].get<std::string>(), testing::HasSubstr("Dead is unavailable"));
    EXPECT_TRUE(open.contains("until"));
    EXPECT_EQ(why(more)["eta"], nullptr);
    EXPECT_EQ(why(more)["eta_reason"], "Dead is unavailable.");
    ASSERT_TRUE(engine_->cancel(more).ok());
    ASSERT_TRUE(engine_->cancel(id).ok());
}

TEST_F(Why, AJobForAnyIsNotSaidToWaitForAnEndpointThatCannotDrawIt) {
    Gate gate;
    endpoint("Able", gate.draws());
    const auto unable = goodEndpoint("Few steps");
    host::plugins::Capabilities few;
    few.steps.range = {1, 8};
    unable->setCapabilities(few);
    start();
    finished(submit({.steps = 4, .target = Target::List, .endpoints = {"Few steps"}}));
    submit({.steps = 50, .target = Target::List, .endpoints = {"Able"}});
    const std::string id = submit({.steps = 50, .target = Target::Any});
    const Json busy = waitForReason(id, "busy");
    EXPECT_EQ(busy["endpoint"], "Able");
    EXPECT_EQ(why(id)["waits_for"].size(), 1U) << why(id);
    gate.open();
    EXPECT_EQ(finished(id)["status"], "completed");
}

TEST_F(Why, ABusyBackendIsNotCalledAFailure) {
    endpoint("A", [](const ImageRequest&, const CallContext&) {
        CallResult busy = failure(CallStatus::Busy, "loading the model");
        busy.details = {{"retry_after_ms", 60'000}};
        return busy;
    });
    start();
    const std::string id = submit({});
    const Json busy = waitForReason(id, "backend_busy");
    EXPECT_THAT(busy["message"].get<std::string>(),
                testing::StartsWith("A is busy (loading the model); the next attempt begins in "));
}

TEST_F(Why, PicturesWaitForTheLanguageModel) {
    std::promise<void> opener;
    auto open = opener.get_future().share();
    writer([open](const TextRequest&, const CallContext&) {
        open.wait();
        return CallResult{.status = CallStatus::Ok, .text = "a written prompt"};
    });
    goodEndpoint("A");
    start();
    const std::string id = submit({.prompt = "x", .random = true, .count = 3});
    const Json prompt = waitForReason(id, "prompt");
    EXPECT_EQ(prompt["items"], 3);
    const Json busy = waitForReason(id, "busy");
    EXPECT_EQ(busy["kind"], "prompt");
    EXPECT_EQ(busy["items"], 2);
    EXPECT_EQ(busy["message"], "The language model is writing for this job.");
    EXPECT_THAT(why(id)["eta_reason"].get<std::string>(), testing::HasSubstr("language model"));
    opener.set_value();
    EXPECT_EQ(finished(id)["status"], "completed");
}

// A job whose picture is gone is no probe: nobody has asked the model.
TEST_F(Why, AModelThatIsAwayIsNotTakenToBeBackByAJobWhosePictureIsGone) {
    const auto llm = writer([](const TextRequest&, const CallContext&) {
        return failure(CallStatus::Unavailable, "connection refused");
    });
    const auto eye = std::make_shared<FakeEye>(std::deque<CallResult>());
    host::pipeline::Vision vision({.backend = eye, .model = "", .concurrency = 1, .timeout = 30s});
    options_.prompt.vision = &vision;
    goodEndpoint("A");
    start();
    finished(submit({.prompt = "x", .random = true}));
    EXPECT_EQ(llm->calls, 3) << "its attempts are used up, which opens the circuit";

    // Only once the circuit lets a probe through is the picture looked for.
    std::string error;
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (error.find("picture") == std::string::npos && std::chrono::steady_clock::now() < until) {
        JobSpec spec{.prompt = "the concept", .random = true};
        spec.imageMime = "image/png";
        error = finished(submit(std::move(spec)))["llm_status"]["error"];
    }
    EXPECT_THAT(error, testing::HasSubstr("picture is not there any more"));
    EXPECT_EQ(llm->calls, 3);
    EXPECT_TRUE(eye->requests.empty());

    finished(submit({.prompt = "x", .random = true}));
    EXPECT_EQ(llm->calls, 4) << "the circuit was open, and one call is its probe";
    stop();  // the engine reads what ends here
}

TEST_F(Why, AnEstimateRestsOnWhatTheEndpointTookAlsoBeforeARestart) {
    std::promise<void> opener;
    auto open = opener.get_future().share();
    std::atomic<bool> held{false};
    endpoint("A", [&](const ImageRequest&, const CallContext& context) {
        if (held) {
            open.wait();
        } else {
            std::this_thread::sleep_for(100ms);
        }
        return deliver(context);
    });
    start();
    EXPECT_EQ(finished(submit({.count = 6}))["status"], "completed");
    stop();
    held = true;
    start();
    const std::string id = submit({.count = 50});
    waitFor(id, [](const Json& job) { return job["status"] == "running"; });
    const Json eta = why(id)["eta"];
    ASSERT_TRUE(eta.is_object()) << why(id).dump(2);
    EXPECT_EQ(eta["basis"][0]["endpoint"], "A");
    EXPECT_EQ(eta["basis"][0]["samples"], 6);
    const double each = eta["basis"][0]["seconds_per_item"];
    EXPECT_GE(each, 0.1);
    EXPECT_GE(eta["seconds"].get<double>(), 49 * each - 1);
    EXPECT_LE(eta["seconds"].get<double>(), 50 * each + 0.1);
    opener.set_value();
    ASSERT_TRUE(engine_->cancel(id).ok());
    stop();  // the endpoint reads what ends here
}

TEST_F(Why, AnEstimateDoesNotRestOnEndpointsThatHaveNothingLeftToDo) {
    Gate gate;
    std::atomic<bool> held{false};
    endpoint("A", [](const ImageRequest&, const CallContext& context) { return deliver(context); });
    endpoint("B", [&, hold = gate.draws()](const ImageRequest& request, const CallContext& call) {
        return held ? hold(request, call) : deliver(call);
    });
    start();
    finished(submit({.count = 3}));
    held = true;
    const std::string id = submit({.count = 1});
    waitFor(id, [](const Json& job) { return job["endpoint_status"]["A"]["state"] == "done"; });
    const Json eta = why(id)["eta"];
    ASSERT_TRUE(eta.is_object()) << why(id).dump(2);
    ASSERT_EQ(eta["basis"].size(), 1U) << eta.dump(2);
    EXPECT_EQ(eta["basis"][0]["endpoint"], "B");
    gate.open();
    finished(id);
}

TEST_F(Why, AnAttemptThatTakesFarLongerThanTheLastOnesIsEndedBeforeTheTimeout) {
    std::atomic<int> calls{0};
    endpoint("A", [&](const ImageRequest&, const CallContext& context) {
        if (++calls != 6) return deliver(context);
        while (std::chrono::steady_clock::now() < context.deadline)
            std::this_thread::sleep_for(5ms);
        context.cancellation->cancel(CancelReason::Deadline);
        return failure(CallStatus::Timeout, "");
    });
    options_.coldStart = 300ms;
    start();
    const std::string id = submit({.count = 6});
    EXPECT_EQ(finished(id)["status"], "completed") << "the endpoint's own timeout is 60 s";
    const auto attempts = store_->attempts(id);
    ASSERT_EQ(attempts->size(), 7U);
    EXPECT_EQ((*attempts)[5].outcome, "timeout");
    EXPECT_THAT((*attempts)[5].error, testing::HasSubstr("far more than this endpoint took"));
}

}  // namespace

}  // namespace test
