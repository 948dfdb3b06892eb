// The machine's clock is set back and forward under a running host, as a wrong battery or a first
// contact with a time server does it.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "common/needs.hpp"
#include "common/sanitized.hpp"
#include "common/sse_client.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

constexpr const char* kFakeClock = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

// Told once, to who listens; the other events are kept.
bool isProgress(const SseEvent& event) {
    return event.data.contains("progress");
}

// The ids of the kept events that follow, up to the one that completes the job. They grow.
std::vector<std::uint64_t> toTheEndOf(const std::string& jobId, SseClient& events) {
    std::vector<std::uint64_t> ids;
    while (const auto event = events.next()) {
        EXPECT_NE(event->type, "reset");
        if (isProgress(*event)) continue;
        EXPECT_TRUE(ids.empty() || event->id > ids.back());
        ids.push_back(event->id);
        if (event->type == "job" && event->data.value("job_id", "") == jobId &&
            event->data.value("status", "") == "completed")
            return ids;
    }
    ADD_FAILURE() << "the end of " << jobId << " was not told";
    return ids;
}

class Clock : public ::testing::TestWithParam<const char*> {
  protected:
    void SetUp() override {
        if (kSanitized) GTEST_SKIP() << "a sanitizer takes no preloaded library";
        TEST_NEEDS(std::filesystem::exists(kFakeClock), "libfaketime");
    }
    static std::filesystem::path offsetOf(const HostProcess& host) {
        return host.folder() / "offset";
    }
    static void start(HostProcess& host) {
        writeFile(offsetOf(host), "+0");
        // Timers that measure spans are the kernel's own business: only the time of day moves.
        host.environment = {"LD_PRELOAD=" + std::string(kFakeClock),
                            "FAKETIME_TIMESTAMP_FILE=" + offsetOf(host).string(),
                            "FAKETIME_NO_CACHE=1", "FAKETIME_DONT_FAKE_MONOTONIC=1",
                            "DONT_FAKE_MONOTONIC=1"};
        host.start();
    }
    // Returns once the host's clock has moved.
    static void setClock(const HostProcess& host) {
        const auto today = [&] {
            return host.client().get("/health").json().value("timestamp", "").substr(0, 10);
        };
        const std::string before = today();
        writeFile(offsetOf(host), GetParam());
        ASSERT_TRUE(eventually([&] { return today() != before; })) << "the clock did not move";
    }
};

TEST_P(Clock, SetInTheMiddleOfAJobDelaysAndLosesNothing) {
    Simulator machine = simEndpoint(0.1);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    start(host);
    const HttpClient client = host.client();
    const Headers key = {{"Idempotency-Key", "one"}};
    const Json request = {{"prompt", "under way"}, {"count", 12}};
    const std::string under = submit(client, request, key);
    ASSERT_NE(under, "");
    SseClient events(host.url(), "/api/v1/events");
    ASSERT_EQ(events.status(), 200);
    ASSERT_TRUE(eventually([&] { return machine.log().size() >= 2; }));
    auto seen = events.next();
    while (seen && isProgress(*seen))
        seen = events.next();
    ASSERT_TRUE(seen);

    HealthPulse pulse(host);
    setClock(host);
    EXPECT_EQ(submit(client, request, key), under) << "sent again, a moment later in truth";
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
    // The stream goes on, and one that is resumed from before the jump tells the same.
    const std::vector<std::uint64_t> heard = toTheEndOf(after, events);
    SseClient resumed(host.url(), "/api/v1/events", {{"Last-Event-ID", std::to_string(seen->id)}});
    EXPECT_EQ(toTheEndOf(after, resumed), heard);
    pulse.end();
    ASSERT_EQ(host.stop(), 0);
    host.start();
    EXPECT_EQ(statusOf(host.client(), under)["status"], "completed");
    EXPECT_EQ(run(host.client(), {{"prompt", "after the restart"}})["status"], "completed");
}

std::string nameOf(const ::testing::TestParamInfo<const char*>& info) {
    const std::string by = info.param;
    return (by[0] == '-' ? "BackBy" : "ForwardBy") + by.substr(1);
}

INSTANTIATE_TEST_SUITE_P(Set, Clock, ::testing::Values("-3d", "+3d", "-20y", "+40y"), nameOf);

}  // namespace

}  // namespace test
