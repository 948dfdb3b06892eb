// How soon the server of an endpoint hears that its drawing was cancelled.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>

#include "common/sanitized.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

// Of the lines that the simulator wrote since the job was submitted: whether it draws, and when it
// heard of the cancel, by its own clock.
using LogLines = std::vector<host::Json>;
using HasBegun = std::function<bool(const LogLines&)>;
using HeardAt = std::function<std::optional<std::int64_t>(const LogLines&)>;

// Cancels a drawing that has begun; fails when it takes more than 200 ms from before the client's
// request until the server has heard it. The best of three tries counts: others use this machine.
inline void expectCancelWithin200Ms(const HttpClient& client, const Simulator& server,
                                    const HasBegun& hasBegun, const HeardAt& heardAt) {
    constexpr auto kLimit = static_cast<std::int64_t>(200 * kSlower);
    std::int64_t best = INT64_MAX;
    for (int attempt = 0; attempt < 3 && best > kLimit; ++attempt) {
        const std::size_t before = server.log().size();
        const auto since = [&] {
            const LogLines all = server.log();
            return LogLines(all.begin() + static_cast<std::ptrdiff_t>(before), all.end());
        };
        const std::string id = submit(client, {{"prompt", "a lamp"}, {"steps", 20}});
        ASSERT_TRUE(eventually([&] { return hasBegun(since()); }));
        const std::int64_t asked = epochMs();
        EXPECT_EQ(client.del("/api/v1/queue/" + id).status, 200);
        std::optional<std::int64_t> heard;
        ASSERT_TRUE(eventually([&] { return (heard = heardAt(since())).has_value(); }));
        best = std::min(best, *heard - asked);
        EXPECT_EQ(waitForEnd(client, id)["status"], "cancelled");
    }
    ::testing::Test::RecordProperty("milliseconds", static_cast<int>(best));
    EXPECT_LE(best, kLimit) << "milliseconds";
}

// The first of the lines that are `wanted`.
template <typename Wanted>
std::optional<std::int64_t> timeOf(const LogLines& lines, Wanted wanted) {
    const auto found = std::ranges::find_if(lines, wanted);
    if (found == lines.end()) return std::nullopt;
    return (*found)["at_ms"].template get<std::int64_t>();
}

}  // namespace test
