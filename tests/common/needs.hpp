// What a test needs of the machine: the right to mount, a program, a limit. Where that is missing
// the test is skipped; with IPL_REQUIRE_ALL=1 in the environment it fails, so that a machine that
// is meant to run everything tells when it does not.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <string_view>

namespace test {

inline bool allRequired() {
    const char* wanted = std::getenv("IPL_REQUIRE_ALL");
    return wanted != nullptr && std::string_view(wanted) == "1";
}

}  // namespace test

// At the beginning of a test or of SetUp(): leaves it when `have` is false.
#define TEST_NEEDS(have, what)                                    \
    do {                                                          \
        if (have) break;                                          \
        if (test::allRequired()) {                                \
            FAIL() << "needs " << (what) << " (IPL_REQUIRE_ALL)"; \
        } else {                                                  \
            GTEST_SKIP() << "needs " << (what);                   \
        }                                                         \
    } while (false)
