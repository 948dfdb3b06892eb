// A call into a plugin while memory runs out, at every allocation that it makes: it fails or
// succeeds, but the process lives, and the instance works as before once there is memory again.
#include <gtest/gtest.h>

#include <optional>

#include "unit/plugins/no_memory/failing_new.hpp"
#include "unit/plugins/plugin_fixture.hpp"

namespace {

using host::plugins::CallResult;
using host::plugins::CallStatus;
using test::contextFor;
using test::MemoryObserver;
using test::simpleRequest;

constexpr int kMostAllocations = 20'000;

// Ends when the call came to its end without an allocation that failed.
template <typename Call>
void callWithEverLessMemory(Call call, const std::function<void(int)>& afterwards) {
    for (int allocations = 0; allocations < kMostAllocations; ++allocations) {
        bool ranOut = false;
        std::optional<CallResult> result;
        {
            const test::NoMemoryAfter limit(allocations);
            try {
                result = call();
            } catch (const std::bad_alloc&) {
                result.reset();  // a lane of the engine takes it for what it is
            }
            ranOut = limit.ranOut();
        }
        afterwards(allocations);
        if (testing::Test::HasFatalFailure()) return;
        if (!ranOut) return;
    }
    FAIL() << "there was never memory enough";
}

TEST(CallsWithoutMemory, ForPicturesEndAndLeaveTheInstanceAsItWas) {
    for (const char* fixture : {"pure_c", "throws_std", "no_commit", "commit_twice"}) {
        test::RunningImage plugin(fixture);
        ASSERT_TRUE(plugin.created.ok()) << plugin.created.message;
        const auto expected =
            plugin->generate(simpleRequest(), contextFor(std::make_shared<MemoryObserver>()));
        const auto request = simpleRequest();
        callWithEverLessMemory(
            [&] {
                return plugin->generate(request, contextFor(std::make_shared<MemoryObserver>()));
            },
            [&](int allocations) {
                const std::string where =
                    std::string(fixture) + " after " + std::to_string(allocations);
                ASSERT_FALSE(plugin->quarantined()) << where;
                auto observer = std::make_shared<MemoryObserver>();
                const CallResult again = plugin->generate(request, contextFor(observer));
                ASSERT_EQ(again.status, expected.status) << where << ": " << again.message;
                ASSERT_EQ(again.pictures, expected.pictures) << where;
                ASSERT_EQ(observer->openWriters(), 0) << where;
            });
        if (HasFatalFailure()) return;
    }
}

}  // namespace
