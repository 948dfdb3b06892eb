// As in crash/, for as many rounds as rare moments need.
#include <gtest/gtest.h>

#include "integration/crash/crash_rounds.hpp"

namespace test {

namespace {

TEST(CrashLong, LosesNothingAndDoublesNothingInAHundredRounds) {
    crashUnderLoad(100);
}

}  // namespace

}  // namespace test
