// As in crash/, for as many rounds as rare moments need: a hundred, or IPL_CRASH_ROUNDS.
#include <gtest/gtest.h>

#include <cstdlib>

#include "integration/crash/crash_rounds.hpp"

namespace test {

namespace {

TEST(CrashLong, LosesNothingAndDoublesNothingInAHundredRounds) {
    const char* const asked = std::getenv("IPL_CRASH_ROUNDS");
    crashUnderLoad(asked != nullptr ? std::atoi(asked) : 100, Machines::OneFailsSometimes);
}

}  // namespace

}  // namespace test
