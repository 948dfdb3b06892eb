// POST /api/v1/jobs/{id}/retry, as a client and the disk see it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <future>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;

constexpr int kRuns = 4;

HttpAnswer retry(const HttpClient& client, const std::string& id) {
    return client.send("POST", "/api/v1/jobs/" + id + "/retry", {});
}

// Fails at once, and says why.
Json brokenEndpoint(const std::string& name) {
    return {{"name", name},
            {"plugin", "fails"},
            {"settings", {{"status", 1}, {"times", -1}, {"message", "out of order"}}}};
}

Json goodEndpoint(const std::string& name) {
    return {{"name", name}, {"plugin", "echo"}};
}

std::vector<std::string> picturesOf(const Json& status) {
    std::vector<std::string> names;
    for (const Json& image : imagesOf(status)) {
        if (image.value("success", false)) names.push_back(image.value("filename", ""));
    }
    std::sort(names.begin(), names.end());
    return names;
}

TEST(Retry, DrawsWhatADeadMachineOwedOnceItIsBack) {
    auto machine = std::make_unique<Simulator>(
        "sim-endpoint", std::vector<std::string>{"--seconds", "0.02"}, kAddressOfItsOwn);
    const std::string port = std::to_string(machine->port());
    HostProcess host({{"endpoints", {goodEndpoint("Good"), machine->endpoint("M")}}});
    host.start();
    const HttpClient client = host.client();
    machine->process().kill();
    const Json before = run(client, {{"prompt", "x"}});
    ASSERT_EQ(before["status"], "completed");
    ASSERT_EQ(picturesOf(before).size(), 1U);

    machine = std::make_unique<Simulator>(
        "sim-endpoint", std::vector<std::string>{"--seconds", "0.02", "--port", port},
        kAddressOfItsOwn);
    // The circuit of a machine that was dead is open; the test of it closes it.
    EXPECT_EQ(client.send("POST", "/api/v1/endpoints/M/test", {}).json()["circuit"], "closed");
    const std::string id = before["job_id"];
    const HttpAnswer answer = retry(client, id);
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["success"], true);
    EXPECT_EQ(answer.json()["job_id"], id);
    EXPECT_EQ(answer.json()["retried"], 1);
    const Json after = waitForEnd(client, id);
    EXPECT_EQ(after["status"], "completed");
    EXPECT_EQ(after["error"], nullptr);
    EXPECT_EQ(picturesOf(after).size(), 2U);
    EXPECT_THAT(picturesOf(after), testing::IsSupersetOf(picturesOf(before)));
    EXPECT_EQ(outputFiles(host), picturesOf(after));
    EXPECT_EQ(machine->log().size(), 1U);
    // A picture and a failure, then another picture.
    EXPECT_TRUE(eventually([&] { return readCsv(resultLog(host)).size() == 4; }));
}

TEST(Retry, IsRefusedWithAReasonWhereThereIsNothingToRetry) {
    HostProcess host({{"endpoints", {goodEndpoint("Good")}}});
    host.start();
    const HttpClient client = host.client();
    EXPECT_EQ(retry(client, "01234567").status, 404);
    EXPECT_EQ(retry(client, "01234567").json()["error"]["code"], "JOB_NOT_FOUND");
    const std::string id = run(client, {{"prompt", "x"}})["job_id"];
    const HttpAnswer answer = retry(client, id);
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.json()["error"]["code"], "VALIDATION_ERROR");
    EXPECT_THAT(answer.json()["error"]["message"].get<std::string>(),
                testing::HasSubstr("no failed items"));
    EXPECT_EQ(client.send("PUT", "/api/v1/jobs/" + id + "/retry", {}).status, 405);
}

TEST(Retry, ADoubleClickRunsTheFailedItemsOnce) {
    HostProcess host({{"endpoints", {brokenEndpoint("M")}}});
    host.start();
    const std::string id = run(host.client(), {{"prompt", "x"}, {"count", 2}})["job_id"];
    ASSERT_EQ(host.stop(), 0);
    Simulator machine = simEndpoint(0.5);
    host.configure({{"endpoints", {machine.endpoint("M")}}});
    host.start();
    const HttpClient client = host.client();
    auto other = std::async(std::launch::async, [&] { return retry(client, id); });
    const HttpAnswer one = retry(client, id);
    const HttpAnswer two = other.get();
    EXPECT_EQ(one.status, 200) << one.body;
    EXPECT_EQ(two.status, 200) << two.body;
    EXPECT_EQ(one.json()["retried"], 2);
    EXPECT_EQ(two.json()["retried"], 2);
    EXPECT_EQ(picturesOf(waitForEnd(client, id)).size(), 2U);
    EXPECT_EQ(machine.log().size(), 2U);
}

TEST(Retry, IsToldToWhoeverFollowsTheEvents) {
    HostProcess host({{"endpoints", {brokenEndpoint("M")}}});
    host.start();
    const HttpClient client = host.client();
    const std::string id = run(client, {{"prompt", "x"}})["job_id"];
    ASSERT_EQ(retry(client, id).status, 200);
    waitForEnd(client, id);
    const Json events = query(host.database(),
                              "SELECT json_extract(data, '$.status') AS status,"
                              " json_extract(data, '$.completed_at') AS ended FROM events"
                              " WHERE type = 'job' AND job_id = '" +
                                  id + "' ORDER BY id");
    std::vector<std::string> told;
    for (const Json& event : events)
        told.push_back(event["status"].get<std::string>());
    EXPECT_EQ(told, (std::vector<std::string>{"queued", "running", "failed", "queued", "running",
                                              "failed"}));
    EXPECT_EQ(events[3]["ended"], nullptr);
}

// What was answered with 200 is carried out, what was not may be asked for again, and nothing is
// drawn twice.
TEST(Retry, SurvivesKillsWhileItIsAcceptedAndWhileItRuns) {
    constexpr int kJobs = 5;
    HostProcess host({{"endpoints", {goodEndpoint("Good"), brokenEndpoint("M")}}});
    host.start();
    std::vector<std::string> ids;
    std::vector<std::string> kept;
    for (int i = 0; i < kJobs; ++i) {
        const Json job = run(host.client(), {{"prompt", "x"}, {"count", kRuns}});
        ASSERT_EQ(picturesOf(job).size(), std::size_t{kRuns});
        ids.push_back(job["job_id"]);
        for (const std::string& name : picturesOf(job))
            kept.push_back(name);
    }
    ASSERT_EQ(host.stop(), 0);
    Simulator machine = simEndpoint(0.1);
    host.configure({{"endpoints", {goodEndpoint("Good"), machine.endpoint("M")}}});
    host.start();
    for (int i = 0; i < kJobs; ++i) {
        const HttpClient client = host.client();
        auto asked = std::async(
            std::launch::async,
            [client, id = ids[static_cast<std::size_t>(i)]] { return retry(client, id).status; });
        std::this_thread::sleep_for(std::chrono::milliseconds(2 * i));
        host.kill();
        const bool accepted = asked.get() == 200;
        host.start();
        const std::string& id = ids[static_cast<std::size_t>(i)];
        if (!accepted) {
            // It may have got to the disk all the same: then it is open, or over by now.
            const int status = retry(host.client(), id).status;
            EXPECT_TRUE(status == 200 || status == 400) << status;
        }
        // In the middle of its pictures.
        const std::size_t had = outputFiles(host).size();
        eventually([&] { return outputFiles(host).size() > had; }, std::chrono::seconds(5));
        host.kill();
        host.start();
        const Json job = waitForEnd(host.client(), id);
        EXPECT_EQ(job["status"], "completed");
        EXPECT_EQ(job["error"], nullptr) << "accepted: " << accepted;
        EXPECT_EQ(picturesOf(job).size(), std::size_t{2 * kRuns});
    }
    std::vector<std::string> all;
    for (const std::string& id : ids) {
        for (const std::string& name : picturesOf(statusOf(host.client(), id)))
            all.push_back(name);
    }
    std::sort(all.begin(), all.end());
    EXPECT_EQ(outputFiles(host), all);
    EXPECT_THAT(all, testing::IsSupersetOf(kept));
    const std::size_t rows = 1 + kJobs * kRuns * 3;  // pictures, failures, pictures
    EXPECT_TRUE(eventually([&] { return readCsv(resultLog(host)).size() == rows; }))
        << readCsv(resultLog(host)).size();
    EXPECT_EQ(
        query(host.database(), "SELECT count(*) AS n FROM items WHERE state <> 'done'")[0]["n"], 0);
}

}  // namespace

}  // namespace test
