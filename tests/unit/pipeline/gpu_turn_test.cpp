// One GPU for the language model and endpoints: whose turn it is.
#include "pipeline/gpu_turn.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using host::pipeline::GpuTurn;

// Lanes 0 and 1 draw, 0 on the model's GPU; lane 2 writes.
struct Turns : testing::Test {
    GpuTurn gpu{{true, false, false}, 2};
    GpuTurn::Time now{1h};

    void see(std::optional<int> writing, std::optional<int> drawing) {
        gpu.update({writing, drawing}, now);
    }
    void release() {
        EXPECT_TRUE(gpu.wantsRelease());
        gpu.releaseBegan();
        EXPECT_FALSE(gpu.wantsRelease()) << "once is enough";
        EXPECT_FALSE(gpu.mayTake(0));
        EXPECT_FALSE(gpu.mayTake(2));
        gpu.releaseEnded();
    }
};

using GpuTurnTest = Turns;

TEST_F(GpuTurnTest, AModelThatIsUsedWhileItIsUnloadedIsUnloadedOnceMore) {
    see(std::nullopt, 0);
    ASSERT_TRUE(gpu.wantsRelease());
    gpu.releaseBegan();
    gpu.loaded();
    gpu.releaseEnded();
    EXPECT_FALSE(gpu.mayTake(0));
    release();
    EXPECT_TRUE(gpu.mayTake(0));
}

TEST(GpuTurnOff, NobodyWaitsWhenNothingIsShared) {
    GpuTurn gpu({false, false}, 1);
    EXPECT_FALSE(gpu.shared());
    EXPECT_TRUE(gpu.mayTake(0));
    EXPECT_TRUE(gpu.mayTake(1));
    gpu.began(1);
    EXPECT_TRUE(gpu.mayTake(0));
    EXPECT_FALSE(gpu.wantsRelease());
}

TEST_F(GpuTurnTest, AllReadyPromptsAreWrittenThenTheModelGoesThenIsDrawn) {
    see(0, {});
    EXPECT_TRUE(gpu.mayTake(2));
    gpu.began(2);
    see(0, 0);
    EXPECT_FALSE(gpu.mayTake(0)) << "another prompt is ready";
    gpu.ended(2);
    gpu.began(2);
    see({}, 0);
    EXPECT_FALSE(gpu.mayTake(0)) << "the last one is being written";
    EXPECT_FALSE(gpu.wantsRelease());
    gpu.ended(2);
    see({}, 0);
    EXPECT_FALSE(gpu.mayTake(0)) << "the model is in memory";
    release();
    EXPECT_TRUE(gpu.mayTake(0));
    EXPECT_FALSE(gpu.mayTake(2));
}

TEST_F(GpuTurnTest, AnEndpointElsewhereNeverWaits) {
    see(0, {});
    gpu.began(2);
    EXPECT_TRUE(gpu.mayTake(1));
    gpu.began(1);
    gpu.ended(1);
}

TEST_F(GpuTurnTest, AtTheStartTheModelCountsAsLoaded) {
    see({}, 0);
    EXPECT_FALSE(gpu.mayTake(0));
    release();
    EXPECT_TRUE(gpu.mayTake(0));
}

TEST_F(GpuTurnTest, APromptThatComesWhileIsDrawnWaitsUntilNothingIsLeftToDraw) {
    see({}, 0);
    release();
    gpu.began(0);
    see(0, 0);
    EXPECT_FALSE(gpu.mayTake(2));
    EXPECT_TRUE(gpu.mayTake(0));
    see(0, {});
    EXPECT_FALSE(gpu.mayTake(2)) << "the last picture is being drawn";
    gpu.ended(0);
    see(0, {});
    EXPECT_TRUE(gpu.mayTake(2));
}

TEST_F(GpuTurnTest, NeitherSideStarves) {
    see({}, 0);
    release();
    see(0, 0);
    EXPECT_FALSE(gpu.mayTake(2));
    EXPECT_EQ(gpu.turnEnds(), now + GpuTurn::kLongestTurn);
    now += GpuTurn::kLongestTurn;
    see(0, 0);
    EXPECT_TRUE(gpu.mayTake(2));
    gpu.began(2);
    gpu.ended(2);
    now += GpuTurn::kLongestTurn;
    see(0, 0);
    release();
    EXPECT_TRUE(gpu.mayTake(0));
}

TEST_F(GpuTurnTest, AHigherPriorityDoesNotWaitForTheOtherSide) {
    see({}, 0);
    release();
    see(0, 0);
    EXPECT_FALSE(gpu.mayTake(2));
    see(5, 0);
    EXPECT_TRUE(gpu.mayTake(2));
}

TEST_F(GpuTurnTest, PromptsThatFailHoldNothingUp) {
    see(0, {});
    gpu.began(2);
    gpu.ended(2);  // failed, and waits before it is tried again
    see({}, {});
    EXPECT_TRUE(gpu.mayTake(2));
    see({}, 0);
    release();
    EXPECT_TRUE(gpu.mayTake(0));
}

TEST_F(GpuTurnTest, AfterAReleaseTheModelIsUnloadedOnlyWhenItWroteAgain) {
    see({}, 0);
    release();
    see(0, {});
    see({}, 0);
    EXPECT_FALSE(gpu.wantsRelease());
    see(0, {});
    gpu.began(2);
    gpu.ended(2);
    see({}, 0);
    EXPECT_TRUE(gpu.wantsRelease());
}

}  // namespace
