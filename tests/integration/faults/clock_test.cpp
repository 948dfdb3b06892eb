// The machine's clock is set back and forward under a running host, as a wrong battery or a first
// contact with a time server does it.
#include <gtest/gtest.h>

#include <filesystem>

#include "common/needs.hpp"
#include "common/sanitized.hpp"
#include "common/sse_client.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

constexpr const char* kFakeClock = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

class Clock : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        if (kSanitized) GTEST_SKIP() << "a sanitizer takes no preloaded library";
        TEST_NEEDS(std::filesystem::exists(kFakeClock), "libfaketime");
    }
};

TEST_P(Clock, SetInTheMiddleOfAJobDelaysAndLosesNothing) {
    Simulator machine = simEndpoint(0.1);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    const std::filesystem::path offset = host.folder() / "offset";
    writeFile(offset, "+0");
    // Timers that measure spans are the kernel's own business: only the time of day moves.
    host.environment = {"LD_PRELOAD=" + std::string(kFakeClock),
                        "FAKETIME_TIMESTAMP_FILE=" + offset.string(), "FAKETIME_NO_CACHE=1",
                        "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1"};
    host.start();
    const HttpClient client = host.client();
    const Headers key = {{"Idempotency-Key", "one"}};
    const Json request = {{"prompt", "under way"}, {"count", 12}};
    const std::string under = submit(client, request, key);
    ASSERT_NE(under, "");
    SseClient events(host.url(), "/api/v1/events");
    ASSERT_EQ(events.status(), 200);
    ASSERT_TRUE(eventually([&] { return machine.log().size() >= 2; }));

    const auto today = [&] {
        return client.get("/health").json().value("timestamp", "").substr(0, 10);
    };
    const std::string before = today();
    writeFile(offset, GetParam());
    ASSERT_TRUE(eventually([&] { return today() != before; })) << "the clock did not move";
    const std::string after = submit(client, {{"prompt", "after"}});
    ASSERT_NE(after, "");
    const Json first = waitForEnd(client, under);
    const Json second = waitForEnd(client, after);
    EXPECT_EQ(first["status"], "completed") << first.dump(2);
    EXPECT_EQ(second["status"], "completed") << second.dump(2);
    EXPECT_EQ(imagesOf(first).size(), 12U);
    for (const Json& job : {first, second})
        EXPECT_GE(job["total_elapsed"].get<double>(), 0) << job.dump(2);
    // Order is the order of submission, whatever the clock says.
    const Json jobs = client.get("/api/v1/jobs").json();
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0]["job_id"], after);
    // The stream goes on, its ids grow.
    std::uint64_t last = 0;
    bool heard = false;
    while (const auto event = events.next()) {
        EXPECT_GE(event->id, last);
        last = event->id;
        heard = event->type == "job" && event->data.value("job_id", "") == after &&
                event->data.value("status", "") == "completed";
        if (heard) break;
    }
    EXPECT_TRUE(heard);
    EXPECT_EQ(host.client().get("/health").status, 200);
    ASSERT_EQ(host.stop(), 0);
    host.start();
    EXPECT_EQ(statusOf(host.client(), under)["status"], "completed");
    EXPECT_EQ(run(host.client(), {{"prompt", "after the restart"}})["status"], "completed");
}

INSTANTIATE_TEST_SUITE_P(Set, Clock, ::testing::Values("-3d", "+3d", "-20y", "+40y"),
                         [](const auto& info) {
                             const std::string by = info.param;
                             return (by[0] == '-' ? "BackBy" : "ForwardBy") + by.substr(1);
                         });

}  // namespace

}  // namespace test
