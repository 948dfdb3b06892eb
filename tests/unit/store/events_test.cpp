#include <atomic>
#include <mutex>
#include <thread>

#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addJob;

class EventsTest : public test::StoreTest {
  protected:
    EventsTest() { options_.keepEvents = 1000; }
};

ChangeSet someEvents(int count, const std::string& job = "") {
    ChangeSet change;
    for (int i = 0; i < count; ++i) {
        change.events.push_back({.time = 1.5, .type = "image", .jobId = job, .data = R"({"i":1})"});
    }
    return change;
}

TEST_F(EventsTest, IdsGrowWithoutAGapAndResumeIsExact) {
    commit(someEvents(3, "a"));
    commit(someEvents(2, "b"));
    const auto all = store_->events(0, 100, "");
    ASSERT_EQ(all->size(), 5U);
    for (std::size_t i = 1; i < all->size(); ++i)
        EXPECT_EQ((*all)[i].id, (*all)[i - 1].id + 1);
    EXPECT_EQ((*all)[0].type, "image");
    EXPECT_EQ((*all)[0].time, 1.5);
    EXPECT_EQ((*all)[0].data, R"({"i":1})");
    const auto rest = store_->events((*all)[2].id, 100, "");
    ASSERT_EQ(rest->size(), 2U);
    EXPECT_EQ((*rest)[0].id, (*all)[3].id);
    EXPECT_EQ(store_->events(0, 100, "b")->size(), 2U);
    EXPECT_EQ(store_->events((*all)[3].id, 100, "b")->size(), 1U);
    EXPECT_EQ(store_->events(0, 2, "a")->size(), 2U);
    EXPECT_EQ(store_->eventRange()->oldest, (*all)[0].id);
    EXPECT_EQ(store_->eventRange()->newest, (*all)[4].id);
    EXPECT_TRUE(store_->events(~std::uint64_t{0}, 100, "")->empty());
}

TEST_F(EventsTest, OnlyTheLastOnesAreKeptAndIdsNeverRepeat) {
    EXPECT_EQ(store_->eventRange()->newest, 0U);
    for (int i = 0; i < 30; ++i)
        commit(someEvents(100));
    const auto range = store_->eventRange();
    EXPECT_EQ(range->newest, 3000U);
    const auto kept = range->newest - range->oldest + 1;
    EXPECT_GE(kept, 1000U);
    EXPECT_LE(kept, 1600U) << "trimming goes in steps, but it keeps up";
    reopen();
    commit(someEvents(1));
    EXPECT_EQ(store_->eventRange()->newest, 3001U);
}

TEST_F(EventsTest, TheListenerHearsEventsInOrderAndBeforeTheCompletions) {
    std::mutex mutex;
    std::vector<std::uint64_t> heard;
    store_->setEventListener([&](const std::vector<EventRow>& events) {
        const std::lock_guard lock(mutex);
        for (const EventRow& event : events)
            heard.push_back(event.id);
    });
    std::atomic<int> heardTooLate = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < 50; ++i) {
                const std::string id = std::to_string(10000000 + t * 1000 + i);
                if (!store_->commitAndWait(addJob(id)).ok()) ++heardTooLate;
                const auto mine = store_->events(0, 1, id);
                const std::lock_guard lock(mutex);
                if (std::find(heard.begin(), heard.end(), mine->at(0).id) == heard.end()) {
                    ++heardTooLate;
                }
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    EXPECT_EQ(heardTooLate, 0);
    ASSERT_EQ(heard.size(), 200U);
    for (std::size_t i = 1; i < heard.size(); ++i)
        ASSERT_EQ(heard[i], heard[i - 1] + 1);
}

TEST_F(EventsTest, AThrowingListenerOrCompletionDoesNotStopTheStore) {
    store_->setEventListener([](const std::vector<EventRow>&) { throw std::runtime_error("bad"); });
    store_->commit(someEvents(1),
                   [](host::Result<CommitOutcome>) -> void { throw std::runtime_error("worse"); });
    commit(someEvents(1));
    EXPECT_EQ(store_->eventRange()->newest, 2U);
}

}  // namespace
