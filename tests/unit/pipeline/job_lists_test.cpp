#include "pipeline/job_lists.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <vector>

namespace {

using host::pipeline::JobLists;
using host::pipeline::OpenJob;
using host::store::JobStatus;

class JobListsTest : public testing::Test {
  protected:
    OpenJob& add(const std::string& client, int priority = 0) {
        OpenJob& job = *jobs_.emplace_back(std::make_unique<OpenJob>());
        job.row.seq = std::ssize(jobs_);
        job.row.id = std::to_string(job.row.seq);
        job.row.client = client;
        job.row.priority = priority;
        job.waitingSince = 1000 + static_cast<double>(job.row.seq);
        lists.update(job);
        return job;
    }

    // What the order is by its definition: priority, turn of the client, age.
    std::vector<const OpenJob*> expected() const {
        std::map<std::pair<int, std::string>, int> turns;
        std::vector<std::tuple<int, int, std::int64_t, const OpenJob*>> order;
        for (const auto& job : jobs_) {
            if (job->row.status != JobStatus::Queued || job->cancelled) continue;
            const int turn = turns[{job->row.priority, job->row.client}]++;
            order.emplace_back(-job->row.priority, turn, job->row.seq, job.get());
        }
        std::sort(order.begin(), order.end());
        std::vector<const OpenJob*> jobs;
        for (const auto& entry : order)
            jobs.push_back(std::get<3>(entry));
        return jobs;
    }

    JobLists lists;
    std::vector<std::unique_ptr<OpenJob>> jobs_;
};

TEST_F(JobListsTest, OrderAndPositionsStayTrueThroughEveryKindOfChange) {
    std::mt19937 random(7);
    const auto draw = [&random](int below) { return static_cast<int>(random() % below); };
    for (int round = 0; round < 600; ++round) {
        if (jobs_.empty() || draw(3) == 0) {
            add("client" + std::to_string(draw(4)), draw(3));
        } else {
            OpenJob& job = *jobs_[static_cast<std::size_t>(draw(static_cast<int>(jobs_.size())))];
            switch (draw(3)) {
                case 0:
                    job.cancelled = !job.cancelled;
                    break;
                case 1:
                    job.row.status = draw(2) == 0 ? JobStatus::Queued : JobStatus::Running;
                    break;
                default:
                    job.row.priority = draw(3);
            }
            lists.update(job);
        }
        const auto order = expected();
        ASSERT_EQ(lists.waiting(1000), order) << round;
        ASSERT_EQ(lists.waitingCount(), order.size());
        for (std::size_t i = 0; i < order.size(); ++i)
            ASSERT_EQ(lists.position(*order[i]), static_cast<int>(i) + 1) << round;
    }
    for (const auto& job : jobs_)
        lists.remove(*job);
    EXPECT_EQ(lists.waitingCount() + lists.runningCount(), 0U);
    EXPECT_FALSE(lists.waitingSince());
}

TEST_F(JobListsTest, OneClientsTenThousandJobsAreNotLookedAtForTheFirstHundred) {
    for (int i = 0; i < 10'000; ++i)
        add("many");
    OpenJob& other = add("one");
    EXPECT_EQ(lists.position(other), 2);
    const auto first = lists.waiting(100);
    ASSERT_EQ(first.size(), 100U);
    EXPECT_EQ(first[1], &other);
    EXPECT_EQ(lists.waitingSince(), 1001);
}

TEST_F(JobListsTest, TheLongestRunningJobComesFirst) {
    OpenJob& late = add("a");
    OpenJob& early = add("a");
    for (OpenJob* job : {&late, &early}) {
        job->row.status = JobStatus::Running;
        job->row.startedAt = job == &late ? 20 : 10;
        lists.update(*job);
    }
    EXPECT_EQ(lists.longestRunning(), &early);
    EXPECT_EQ(lists.running(), (std::vector<const OpenJob*>{&early, &late}));
    lists.remove(early);
    EXPECT_EQ(lists.longestRunning(), &late);
}

}  // namespace
