// The engine with a language model on the GPU of an endpoint.
#include <future>

#include "engine_fixture.hpp"
#include "pipeline/vision_stage.hpp"

namespace test {

namespace {

using ::testing::ElementsAre;

// What happened, in order.
class Story {
  public:
    void tell(const std::string& what) {
        const std::lock_guard lock(mutex_);
        told_.push_back(what);
    }
    std::vector<std::string> told() {
        const std::lock_guard lock(mutex_);
        return told_;
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> told_;
};

class ReleasingWriter : public FakeWriter {
  public:
    ReleasingWriter(Complete complete, std::function<CallResult(const CallContext&)> release)
        : FakeWriter(std::move(complete)), release_(std::move(release)) {}
    CallResult release(const CallContext& context) override { return release_(context); }

  private:
    std::function<CallResult(const CallContext&)> release_;
};

class GpuSharing : public EngineTest {
  protected:
    void share(const std::string& name) {
        endpoint(name, [this, name](const ImageRequest&, const CallContext& context) {
            story_.tell("draw on " + name);
            return deliver(context);
        });
        options_.endpoints.back().sharesGpu = true;
    }
    void writes(FakeWriter::Complete complete, CallResult released = {.status = CallStatus::Ok}) {
        options_.prompt.backend = std::make_shared<ReleasingWriter>(
            std::move(complete), [this, released](const CallContext&) {
                story_.tell("release");
                return released;
            });
    }
    FakeWriter::Complete good() {
        return [this](const TextRequest&, const CallContext&) {
            story_.tell("write");
            return CallResult{.status = CallStatus::Ok, .text = "a written prompt"};
        };
    }
    std::string submitRandom(int count) {
        JobSpec spec;
        spec.random = true;
        spec.prompt = "a cat";
        spec.count = count;
        return submit(spec);
    }

    Story story_;
};

TEST_F(GpuSharing, AllPromptsAreWrittenThenTheModelIsUnloadedThenIsDrawn) {
    share("A");
    writes(good());
    start();
    const Json job = finished(submitRandom(3));
    EXPECT_EQ(job["status"], "completed");
    EXPECT_THAT(story_.told(), ElementsAre("write", "write", "write", "release", "draw on A",
                                           "draw on A", "draw on A"));
}

TEST_F(GpuSharing, AnEndpointElsewhereDrawsWhileTheModelWrites) {
    share("A");
    std::promise<void> drawn;
    endpoint("Elsewhere", [&](const ImageRequest& request, const CallContext& context) {
        if (request.runIndex == 0) drawn.set_value();
        return deliver(context);
    });
    auto elsewhereDrew = drawn.get_future().share();
    writes([&](const TextRequest& request, const CallContext&) {
        // The second prompt is not finished before the first picture is being drawn.
        if (request.extra["run_index"] == 1) {
            EXPECT_EQ(elsewhereDrew.wait_for(10s), std::future_status::ready);
        }
        return CallResult{.status = CallStatus::Ok, .text = "p"};
    });
    start();
    EXPECT_EQ(finished(submitRandom(2))["status"], "completed");
}

TEST_F(GpuSharing, PromptsThatKeepFailingHoldNothingUp) {
    share("A");
    writes([this](const TextRequest&, const CallContext&) {
        story_.tell("write");
        return failure(CallStatus::InvalidArgument, "no such model");
    });
    start();
    const Json job = finished(submitRandom(2));
    EXPECT_EQ(job["status"], "completed") << "with the concept itself";
    for (const Json& result : job["results"])
        EXPECT_EQ(result["llm_status"]["state"], "fallback");
}

TEST_F(GpuSharing, AModelThatCannotBeUnloadedDoesNotStopTheDrawing) {
    for (const CallStatus status :
         {CallStatus::Unsupported, CallStatus::Unavailable, CallStatus::Hung}) {
        options_ = {};
        share("A");
        writes(good(), failure(status, "cannot"));
        start();
        EXPECT_EQ(finished(submitRandom(1))["status"], "completed");
        stop();
    }
}

TEST_F(GpuSharing, AJobWithoutPromptsIsDrawnAfterOneRelease) {
    share("A");
    writes(good());
    start();
    JobSpec spec;
    spec.count = 2;
    EXPECT_EQ(finished(submit(spec))["status"], "completed");
    EXPECT_THAT(story_.told(), ElementsAre("release", "draw on A", "draw on A"));
}

TEST_F(GpuSharing, AModelThatIsUsedWhileTheEndpointIsBusyIsUnloadedWhenThatIsFree) {
    const CallResult scene{.status = CallStatus::Ok, .text = R"({"scene":"a pier"})"};
    host::pipeline::Vision vision(
        {.backend = std::make_shared<FakeEye>(std::deque<CallResult>{scene}), .model = "eye"});
    std::atomic<int> asked{0};
    endpoint("A", [&](const ImageRequest&, const CallContext& context) {
        story_.tell("draw on A");
        if (asked++ > 0) return deliver(context);
        host::pipeline::VisionTask look;
        look.picture = tinyPng();
        look.cancellation = std::make_shared<host::plugins::Cancellation>();
        EXPECT_TRUE(vision.analyze(std::move(look)).ok());
        CallResult busy = failure(CallStatus::Busy, "another program draws");
        busy.details = {{"retry_after_ms", 300}};
        return busy;
    });
    options_.endpoints.back().sharesGpu = true;
    writes(good());
    options_.prompt.vision = &vision;
    start();
    EXPECT_EQ(finished(submit({}), 15s)["status"], "completed");
    EXPECT_THAT(story_.told(), ElementsAre("release", "draw on A", "release", "draw on A"));
    stop();
}

TEST_F(GpuSharing, AShutdownDoesNotWaitForARelease) {
    share("A");
    std::promise<void> releasing;
    options_.prompt.backend =
        std::make_shared<ReleasingWriter>(good(), [&](const CallContext& context) {
            releasing.set_value();
            return waitForCancel(context);
        });
    start();
    submit({});
    releasing.get_future().wait();
    const auto begun = std::chrono::steady_clock::now();
    stop();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
}

}  // namespace

}  // namespace test
