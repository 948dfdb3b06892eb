#include "pipeline/scheduler.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using host::pipeline::JobSpec;
using host::pipeline::makeOpenJob;
using host::pipeline::OpenJob;
using host::pipeline::Scheduler;
using host::pipeline::Target;
using host::store::ItemKind;

// Two endpoints, "a" on lane 0 and "b" on lane 1; lane 2 writes prompts.
class SchedulerTest : public testing::Test {
  protected:
    OpenJob& add(const std::string& id, const std::string& client, int runs, int priority = 0,
                 Target target = Target::All, bool random = false) {
        auto spec = std::make_shared<JobSpec>();
        spec->prompt = "x";
        spec->count = runs;
        spec->random = random;
        spec->target = target;
        spec->endpoints = {"a", "b"};
        host::store::JobRow row;
        row.id = id;
        row.client = client;
        row.priority = priority;
        row.count = runs;
        row.seq = ++seq_;
        jobs_.push_back(makeOpenJob(row, spec, {{"a", 0}, {"b", 1}}, 2));
        scheduler.refresh(*jobs_.back());
        return *jobs_.back();
    }

    // Takes the best item of a lane: "job:run", or "" when there is none.
    std::string take(int lane) {
        const auto pick = scheduler.best(lane);
        if (!pick) return "";
        const std::string name = pick->job->id() + ":" + std::to_string(pick->run);
        scheduler.take(lane, *pick);
        return name;
    }

    std::vector<std::string> takeAll(int lane) {
        std::vector<std::string> order;
        for (std::string name = take(lane); !name.empty(); name = take(lane))
            order.push_back(name);
        return order;
    }

    Scheduler scheduler{2};

  private:
    std::vector<std::unique_ptr<OpenJob>> jobs_;
    std::int64_t seq_ = 0;
};

using testing::ElementsAre;

TEST_F(SchedulerTest, EveryRunOfAComparingJobGoesToEveryEndpointOnce) {
    add("j", "me", 3);
    EXPECT_THAT(takeAll(0), ElementsAre("j:0", "j:1", "j:2"));
    EXPECT_THAT(takeAll(1), ElementsAre("j:0", "j:1", "j:2"));
}

TEST_F(SchedulerTest, EveryRunOfAnAnyJobGoesToOneEndpoint) {
    add("j", "me", 3, 0, Target::Any);
    EXPECT_EQ(take(0), "j:0");
    EXPECT_EQ(take(1), "j:1");
    EXPECT_EQ(take(1), "j:2");
    EXPECT_EQ(take(0), "");
}

TEST_F(SchedulerTest, AnItemThatFailedOnOneEndpointWaitsForAnother) {
    OpenJob& job = add("j", "me", 1, 0, Target::Any);
    EXPECT_EQ(take(0), "j:0");
    job.slots[0].excluded[0].insert(0);
    job.slots[0].ready.add(0);
    scheduler.refresh(job);
    EXPECT_EQ(take(0), "");
    EXPECT_EQ(take(1), "j:0");
}

TEST_F(SchedulerTest, HigherPriorityGoesFirstWhoeverAsks) {
    add("low", "a", 1, -1);
    add("normal", "a", 1);
    add("high", "b", 2, 5);
    EXPECT_THAT(takeAll(0), ElementsAre("high:0", "high:1", "normal:0", "low:0"));
}

TEST_F(SchedulerTest, AClientWithALongJobDoesNotKeepAnotherWaiting) {
    add("long", "greedy", 100);
    EXPECT_EQ(take(0), "long:0");
    EXPECT_EQ(take(0), "long:1");
    add("short", "modest", 2);
    const std::vector<std::string> next{take(0), take(0), take(0), take(0)};
    EXPECT_EQ(std::count(next.begin(), next.end(), "short:0"), 1);
    EXPECT_EQ(std::count(next.begin(), next.end(), "short:1"), 1);
}

TEST_F(SchedulerTest, ALateClientIsNotPaidForTheTimeItWasAway) {
    add("long", "greedy", 100);
    for (int i = 0; i < 50; ++i)
        take(0);
    add("late", "newcomer", 50);
    int late = 0;
    for (int i = 0; i < 20; ++i)
        late += take(0).starts_with("late") ? 1 : 0;
    EXPECT_NEAR(late, 10, 1);
}

TEST_F(SchedulerTest, JobsOfOneClientGoByAge) {
    add("first", "me", 1);
    add("second", "me", 1);
    EXPECT_THAT(takeAll(0), ElementsAre("first:0", "second:0"));
}

TEST_F(SchedulerTest, DrawingWaitsForThePromptOfItsOwnRunAlone) {
    OpenJob& job = add("j", "me", 3, 0, Target::All, true);
    EXPECT_EQ(take(0), "");
    EXPECT_EQ(take(2), "j:0");
    EXPECT_EQ(take(2), "j:1");
    for (auto& slot : job.slots)
        slot.ready.add(1);
    scheduler.refresh(job);
    EXPECT_EQ(take(0), "j:1");
    EXPECT_EQ(take(1), "j:1");
    EXPECT_EQ(take(2), "j:2");
}

TEST_F(SchedulerTest, ACancelledJobIsNeverTaken) {
    OpenJob& job = add("j", "me", 3);
    job.cancelled = true;
    scheduler.refresh(job);
    EXPECT_EQ(take(0), "");
}

TEST_F(SchedulerTest, ARemovedJobLeavesNothingBehind) {
    OpenJob& job = add("j", "me", 3);
    scheduler.remove(job);
    EXPECT_EQ(take(0), "");
    EXPECT_TRUE(scheduler.listed(0).empty());
}

}  // namespace
