#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addJob;

std::string numbered(int number) {
    return std::to_string(10000000 + number);
}

class GroupCommitTest : public test::StoreTest {
  protected:
    // Keeps the writer thread busy until release() so that changes pile up behind it.
    void block() {
        store_->commit(addJob("b10cb10c"), [this](const auto&) {
            std::unique_lock lock(mutex_);
            blocked_ = true;
            condition_.notify_all();
            condition_.wait(lock, [this] { return released_; });
        });
        std::unique_lock lock(mutex_);
        condition_.wait(lock, [this] { return blocked_; });
    }
    void release() {
        const std::lock_guard lock(mutex_);
        released_ = true;
        condition_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable condition_;
    bool blocked_ = false;
    bool released_ = false;
};

TEST_F(GroupCommitTest, WhatWaitsIsCommittedTogetherAndCompletesInOrder) {
    block();
    std::vector<int> order;
    for (int i = 0; i < 300; ++i) {
        store_->commit(addJob(numbered(i)), [&order, i](const auto& outcome) {
            if (outcome.ok()) order.push_back(i);
        });
    }
    EXPECT_EQ(store_->figures().waiting, 300U);
    release();
    commit(addJob("eeeeeeee"));
    ASSERT_EQ(order.size(), 300U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    const StoreFigures figures = store_->figures();
    EXPECT_EQ(figures.changes, 302U);
    EXPECT_LE(figures.groups, 3U);
    EXPECT_GE(figures.largestGroup, 300U);
    EXPECT_EQ(figures.waiting, 0U);
    EXPECT_EQ(figures.waitingBytes, 0U);
    const auto page = store_->jobs(std::nullopt, 1000, "");
    ASSERT_EQ(page->jobs.size(), 302U);
    for (int i = 0; i < 300; ++i) {
        ASSERT_EQ(page->jobs[static_cast<std::size_t>(300 - i)].id, numbered(i));
    }
}

TEST_F(GroupCommitTest, AFailingChangeHarmsNoOtherOfItsGroup) {
    block();
    std::atomic<int> good = 0;
    host::Result<CommitOutcome> bad = CommitOutcome{};
    for (int i = 0; i < 20; ++i) {
        store_->commit(addJob(numbered(i)), [&](const auto& outcome) { good += outcome.ok(); });
        if (i != 10) continue;
        ChangeSet broken = addJob("badbadba");
        ItemRow item;  // of a job that is not there: the foreign key refuses it
        item.key.jobId = "nosuchjo";
        broken.items.push_back(item);
        store_->commit(broken, [&](auto outcome) { bad = std::move(outcome); });
    }
    release();
    commit(addJob("eeeeeeee"));
    EXPECT_EQ(good, 20);
    ASSERT_FALSE(bad.ok());
    EXPECT_EQ(bad.error().code, host::ErrorCode::Internal);
    EXPECT_FALSE(store_->job("badbadba")->has_value()) << "nothing of it may stay";
    EXPECT_TRUE(store_->events(0, 1, "badbadba")->empty());
    const auto range = store_->eventRange();
    EXPECT_EQ(range->newest - range->oldest + 1, 22U) << "no gap where it would have been";
}

class SmallQueueTest : public GroupCommitTest {
  protected:
    SmallQueueTest() {
        options_.maxWaiting = 10;
        options_.maxWaitingBytes = 1 << 20;
    }
};

TEST_F(SmallQueueTest, AFullQueueRefusesClearlyAndRecovers) {
    block();
    std::atomic<int> taken = 0;
    std::atomic<int> refused = 0;
    for (int i = 0; i < 100; ++i) {
        store_->commit(addJob(numbered(i)), [&](const auto& outcome) {
            if (outcome.ok()) {
                ++taken;
            } else if (outcome.error().code == host::ErrorCode::RefusingWork) {
                ++refused;
            }
        });
    }
    release();
    while (taken + refused < 100)
        std::this_thread::yield();
    EXPECT_EQ(taken, 10);
    EXPECT_EQ(refused, 90);
    commit(addJob("eeeeeeee"));
}

TEST_F(SmallQueueTest, TheQueueIsBoundedInBytesToo) {
    block();
    std::atomic<int> refused = 0;
    for (int i = 0; i < 5; ++i) {
        ChangeSet change = addJob(numbered(i));
        change.newJob->error.assign(10, 'x');
        change.newJob->request["prompt"] = std::string(300'000, 'p');
        store_->commit(change, [&](const auto& outcome) { refused += outcome.ok() ? 0 : 1; });
    }
    release();
    commit(addJob("eeeeeeee"));
    EXPECT_GE(refused, 2);
    EXPECT_LE(refused, 4);
}

TEST_F(GroupCommitTest, CloseWritesWhatWasHandedOverAndRefusesMore) {
    block();
    std::atomic<int> done = 0;
    for (int i = 0; i < 50; ++i) {
        store_->commit(addJob(numbered(i)), [&](const auto& outcome) { done += outcome.ok(); });
    }
    release();
    store_->close();
    EXPECT_EQ(done, 50);
    const auto late = store_->commitAndWait(addJob("1a7e1a7e"));
    ASSERT_FALSE(late.ok());
    EXPECT_EQ(late.error().code, host::ErrorCode::RefusingWork);
    EXPECT_EQ(store_->job(numbered(1)).error().code, host::ErrorCode::RefusingWork);
    EXPECT_FALSE(std::filesystem::exists(database().string() + "-wal")) << "one file to copy";
    reopen();
    EXPECT_EQ(store_->openJobs()->size(), 51U);
}

TEST_F(GroupCommitTest, ReadersSeeWholeChangesWhileTheWriterWrites) {
    std::atomic<bool> stop = false;
    std::atomic<int> torn = 0;
    std::atomic<int> reads = 0;
    std::vector<std::thread> readers;
    for (int t = 0; t < 3; ++t) {
        readers.emplace_back([&] {
            while (!stop) {
                const auto page = store_->jobs(std::nullopt, 5, "");
                if (!page.ok()) {
                    ++torn;
                    continue;
                }
                for (const JobRow& job : page->jobs) {
                    // The job and its event were one change.
                    if (store_->events(0, 1, job.id)->size() != 1) ++torn;
                }
                ++reads;
            }
        });
    }
    for (int i = 0; i < 300; ++i)
        commit(addJob(numbered(i)));
    stop = true;
    for (std::thread& thread : readers)
        thread.join();
    EXPECT_EQ(torn, 0);
    EXPECT_GT(reads, 0);
}

}  // namespace
