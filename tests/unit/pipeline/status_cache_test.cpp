#include "pipeline/status_cache.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace {

using host::pipeline::StatusCache;

StatusCache::Text textOf(std::string text) {
    return std::make_shared<const std::string>(std::move(text));
}

TEST(StatusCache, ForgetsAJobThatIsWrittenAgainAndKeepsTheOthers) {
    StatusCache cache;
    for (const char* job : {"a", "b"})
        cache.put(job, textOf(job), cache.beforeReading());
    cache.changed({"b", "c"});
    ASSERT_NE(cache.find("a"), nullptr);
    EXPECT_EQ(*cache.find("a"), "a");
    EXPECT_EQ(cache.find("b"), nullptr);
}

TEST(StatusCache, WhatWasReadBeforeACommitIsNotKeptAfterIt) {
    StatusCache cache;
    const auto before = cache.beforeReading();
    cache.changed({"a"});
    cache.put("a", textOf("old"), before);
    EXPECT_EQ(cache.find("a"), nullptr);
    cache.put("a", textOf("new"), cache.beforeReading());
    EXPECT_NE(cache.find("a"), nullptr);
}

TEST(StatusCache, WhatIsMeantForListsIsNotAJobsWholeStatus) {
    StatusCache cache;
    cache.put("a", textOf("for lists"), cache.beforeReading(), StatusCache::Use::Lists);
    cache.put("b", textOf("whole"), cache.beforeReading());
    EXPECT_EQ(cache.find("a"), nullptr);
    EXPECT_NE(cache.find("a", StatusCache::Use::Lists), nullptr);
    EXPECT_NE(cache.find("b", StatusCache::Use::Lists), nullptr);
    cache.changed({"a"});
    EXPECT_EQ(cache.find("a", StatusCache::Use::Lists), nullptr);
}

TEST(StatusCache, IsBoundedInNumberAndBytes) {
    StatusCache cache;
    for (std::size_t i = 0; i < StatusCache::kMaxEntries + 1; ++i) {
        cache.put(std::to_string(i), textOf("x"), cache.beforeReading());
        cache.find("0");  // is asked for all the time, and stays
    }
    EXPECT_NE(cache.find("0"), nullptr);
    EXPECT_EQ(cache.find("1"), nullptr);
    const std::string large(StatusCache::kMaxText, 'x');
    for (std::size_t i = 0; i < StatusCache::kMaxBytes / large.size(); ++i)
        cache.put("large" + std::to_string(i), textOf(large), cache.beforeReading());
    EXPECT_EQ(cache.find("0"), nullptr);
    EXPECT_NE(cache.find("large1"), nullptr);
    cache.put("huge", textOf(large + "x"), cache.beforeReading());
    EXPECT_EQ(cache.find("huge"), nullptr);
}

}  // namespace
