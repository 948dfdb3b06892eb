#include "pipeline/vision_lane.hpp"

#include <gtest/gtest.h>

#include <future>
#include <optional>
#include <vector>

namespace {

using namespace std::chrono_literals;
using host::ErrorCode;
using host::pipeline::VisionLane;
using host::plugins::Cancellation;
using host::plugins::CancelReason;
using Crowd = VisionLane::Crowd;

auto later() {
    return std::chrono::steady_clock::now() + 30s;
}

void waitFor(const VisionLane& lane, std::size_t waiting) {
    while (lane.waiting() != waiting)
        std::this_thread::sleep_for(1ms);
}

TEST(VisionLane, LetsInSoManyAtATime) {
    VisionLane lane(2, 8);
    const Cancellation none;
    auto first = lane.enter(Crowd::Bounded, later(), none);
    auto second = lane.enter(Crowd::Bounded, later(), none);
    ASSERT_TRUE(first.ok() && second.ok());
    auto third = std::async(std::launch::async,
                            [&] { return lane.enter(Crowd::Bounded, later(), none).ok(); });
    waitFor(lane, 1);
    EXPECT_EQ(third.wait_for(20ms), std::future_status::timeout);
    { const auto gone = std::move(*first); }
    EXPECT_TRUE(third.get());
}

TEST(VisionLane, TurnsComeInTheOrderOfAsking) {
    VisionLane lane(1, 8);
    const Cancellation none;
    std::optional<VisionLane::Turn> held(std::move(*lane.enter(Crowd::Bounded, later(), none)));
    std::vector<int> order;
    std::vector<std::future<void>> others;
    for (int i = 0; i < 5; ++i) {
        others.push_back(std::async(std::launch::async, [&, i] {
            const auto turn = lane.enter(Crowd::Patient, later(), none);
            order.push_back(i);  // one at a time
        }));
        waitFor(lane, static_cast<std::size_t>(i) + 1);
    }
    held.reset();
    for (auto& other : others)
        other.get();
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4}));
}

TEST(VisionLane, ALongQueueRefusesButForItsOwnWorkers) {
    VisionLane lane(1, 1);
    const Cancellation none;
    Cancellation stop;
    const auto held = lane.enter(Crowd::Bounded, later(), none);
    auto waiting = std::async(std::launch::async,
                              [&] { return lane.enter(Crowd::Bounded, later(), stop).ok(); });
    waitFor(lane, 1);
    const auto refused = lane.enter(Crowd::Bounded, later(), none);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, ErrorCode::RefusingWork);
    EXPECT_GT(refused.error().retryAfterSeconds, 0);
    auto patient = std::async(std::launch::async,
                              [&] { return lane.enter(Crowd::Patient, later(), stop).ok(); });
    waitFor(lane, 2);
    stop.cancel(CancelReason::User);
    EXPECT_FALSE(waiting.get());
    EXPECT_FALSE(patient.get());
    EXPECT_EQ(lane.waiting(), 0U);
}

TEST(VisionLane, WaitingEndsWhenItsTimeIsUp) {
    VisionLane lane(1, 8);
    const Cancellation none;
    const auto held = lane.enter(Crowd::Bounded, later(), none);
    const auto late = lane.enter(Crowd::Bounded, std::chrono::steady_clock::now() + 30ms, none);
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, ErrorCode::RefusingWork);
}

}  // namespace
