#include "store/sqlite/database_state.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace host::store;

TEST(DatabaseState, ARepeatedFailureIsWorthOneLineUntilItIsOver) {
    DatabaseState state;
    EXPECT_TRUE(state.failed(Trouble::ReadOnly, true));
    for (int i = 0; i < 1000; ++i)
        EXPECT_FALSE(state.failed(Trouble::ReadOnly, true));
    EXPECT_TRUE(state.failed(Trouble::Full, true)) << "another kind is news";
    state.written();
    EXPECT_EQ(state.trouble(), Trouble::None);
    EXPECT_TRUE(state.failed(Trouble::ReadOnly, true)) << "it was over in between";
}

TEST(DatabaseState, OnlyWhatKeepsSomebodyFromWritingCounts) {
    DatabaseState state;
    state.failed(Trouble::Locked, false);
    EXPECT_EQ(state.trouble(), Trouble::None) << "a reader's patience, no more";
    state.failed(Trouble::Other, true);
    EXPECT_EQ(state.trouble(), Trouble::None) << "a statement's own fault";
    EXPECT_FALSE(state.mayPass());
    state.failed(Trouble::Locked, true);
    EXPECT_EQ(state.trouble(), Trouble::Locked);
    EXPECT_TRUE(state.mayPass());
}

TEST(DatabaseState, DamageStaysWhoeverFoundItAndWhateverComesLater) {
    DatabaseState state;
    state.failed(Trouble::Damaged, false);
    state.failed(Trouble::Full, true);
    state.written();
    EXPECT_EQ(state.trouble(), Trouble::Damaged);
    EXPECT_FALSE(state.mayPass()) << "no write would show that it is over";
}

TEST(DatabaseState, EachKindHasAdviceThatFitsIntoJson) {
    std::set<std::string_view> seen;
    for (unsigned kind = 0; kind <= static_cast<unsigned>(Trouble::Other); ++kind) {
        const std::string_view advice = adviceOn(static_cast<Trouble>(kind));
        EXPECT_EQ(advice.empty(), kind == 0);
        EXPECT_EQ(advice.find_first_of("\"\\\n"), advice.npos) << advice;
        EXPECT_TRUE(seen.insert(advice).second) << advice;
    }
}

}  // namespace
