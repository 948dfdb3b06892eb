// Disks that are full, read-only, gone or locked under a running host: what was accepted stays,
// what cannot be done now is told or waits, and the host goes on by itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <future>
#include <vector>

#include "common/metrics_text.hpp"
#include "common/needs.hpp"
#include "integration/faults/process_figures.hpp"
#include "integration/faults/small_disk.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

namespace fs = std::filesystem;
using host::Json;
using ::testing::HasSubstr;

Json onSmallDisk(const Simulator& machine) {
    return {{"database_path", "disk/jobs.db"},
            {"output_directory", "disk/output"},
            {"trash_days", 0},
            {"endpoints", {machine.endpoint("Machine")}}};
}

bool healthy(const HostProcess& host) {
    const HttpAnswer answer = host.client().get("/health");
    return answer.status == 200 && answer.json().value("status", "") == "healthy";
}

// Submits until the host refuses or `most` are in; the refusal has to be the contract's.
std::vector<std::string> submitUntilRefused(const HostProcess& host, int most) {
    std::vector<std::string> accepted;
    for (int i = 0; i < most; ++i) {
        const HttpAnswer answer = host.client().post(
            "/api/v1/generate", {{"prompt", "x"}, {"image", base64(tinyPng(20'000))}});
        if (answer.status == 200) {
            accepted.push_back(answer.json()["job_id"]);
            continue;
        }
        EXPECT_EQ(answer.status, 503) << answer.body;
        EXPECT_EQ(answer.json()["error"]["code"], "SERVICE_UNAVAILABLE") << answer.body;
        break;
    }
    return accepted;
}

TEST(DiskFull, AtWhateverWriteLosesNothingThatWasAccepted) {
    Simulator machine = simEndpoint(0.01);
    HostProcess host(onSmallDisk(machine));
    SmallDisk disk(host.folder() / "disk", 8);
    TEST_NEEDS(disk.mounted(), "the right to mount a small disk");
    host.start();
    const pid_t pid = host.process().pid();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}, {"image", base64(tinyPng())}})["status"],
              "completed");
    const Figures before = atRest(pid);
    HealthPulse pulse(host);
    std::vector<std::string> accepted;
    bool refused = false;
    // Less and less room: another write is the one that fails each time.
    for (const std::uintmax_t room : {300'000U, 100'000U, 60'000U, 30'000U, 12'000U, 4'096U, 0U}) {
        disk.leaveFree(room);
        const auto some = submitUntilRefused(host, 12);
        refused |= some.size() < 12;
        accepted.insert(accepted.end(), some.begin(), some.end());
        EXPECT_TRUE(healthy(host)) << "with " << room << " bytes left";
        if (!accepted.empty()) {
            EXPECT_EQ(host.client().get("/api/v1/status/" + accepted.back()).status, 200);
        }
    }
    EXPECT_TRUE(refused) << "the disk was never full";
    disk.makeRoom();
    for (const std::string& id : accepted) {
        const Json job = waitForEnd(host.client(), id, std::chrono::seconds(90));
        EXPECT_EQ(job["status"], "completed") << job.dump(2);
    }
    // And a job from after it, with no restart in between.
    EXPECT_EQ(run(host.client(), {{"prompt", "after"}})["status"], "completed");
    pulse.end();
    expectBackToRest(pid, before);
    EXPECT_TRUE(eventually([&] { return partsBelow(host.folder()).empty(); }));
    ASSERT_EQ(host.stop(), 0);
    host.start();
    for (const std::string& id : accepted)
        EXPECT_EQ(statusOf(host.client(), id)["status"], "completed");
    EXPECT_EQ(query(host.folder() / "disk/jobs.db", "PRAGMA integrity_check")[0]["integrity_check"],
              "ok");
    host.kill();
}

TEST(DiskFull, AtTheStartIsToldAndNothingIsDamaged) {
    Simulator machine = simEndpoint(0.01);
    HostProcess host(onSmallDisk(machine));
    SmallDisk disk(host.folder() / "disk", 8);
    TEST_NEEDS(disk.mounted(), "the right to mount a small disk");
    disk.leaveFree(0);
    // Whether it starts or not: it says so, and is whole once there is room.
    if (host.tryStart()) {
        EXPECT_TRUE(healthy(host));
        host.kill();
    } else {
        EXPECT_EQ(host.process().wait(std::chrono::seconds(20)), 69) << host.log();
    }
    disk.makeRoom();
    host.start();
    EXPECT_EQ(run(host.client(), {{"prompt", "x"}})["status"], "completed");
    host.kill();
}

TEST(OutputFolder, ThatIsReadOnlyKeepsItsJobsWaitingAndSaysWhy) {
    Simulator machine = simEndpoint(0.01);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    SmallDisk disk(host.output(), 8);
    TEST_NEEDS(disk.mounted(), "the right to mount a small disk");
    host.start();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}})["status"], "completed");
    const Figures before = atRest(host.process().pid());
    ASSERT_TRUE(eventually([&] { return disk.readOnly(true); }));
    HealthPulse pulse(host);
    const std::string id = submit(host.client(), {{"prompt", "x"}});
    ASSERT_NE(id, "");
    EXPECT_TRUE(eventually([&] { return machine.log().size() >= 2; }));
    EXPECT_TRUE(healthy(host));
    EXPECT_TRUE(eventually([&] {
        return !query(host.database(),
                      "SELECT error FROM attempts WHERE job_id = '" + id + "' AND error <> ''")
                    .empty();
    }));
    const Json attempts =
        query(host.database(), "SELECT error FROM attempts WHERE job_id = '" + id + "'");
    EXPECT_THAT(attempts[0]["error"].get<std::string>(), HasSubstr("Read-only")) << attempts.dump();
    ASSERT_TRUE(disk.readOnly(false));
    const Json job = waitForEnd(host.client(), id, std::chrono::seconds(90));
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(run(host.client(), {{"prompt", "after"}})["status"], "completed");
    pulse.end();
    expectBackToRest(host.process().pid(), before);
    EXPECT_TRUE(eventually([&] { return partsBelow(host.folder()).empty(); }));
    host.kill();
}

TEST(OutputFolder, ThatIsDeletedWhileTheHostRunsIsMadeAgain) {
    Simulator machine = simEndpoint(0.01);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    host.start();
    ASSERT_EQ(run(host.client(), {{"prompt", "before"}})["status"], "completed");
    const HealthPulse pulse(host);
    fs::remove_all(host.output());
    const Json job = run(host.client(), {{"prompt", "after"}, {"count", 2}});
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    for (const Json& image : imagesOf(job))
        EXPECT_EQ(host.client().get(image["url"]).status, 200);
    EXPECT_TRUE(eventually([&] { return fs::exists(resultLog(host)); }));
    EXPECT_TRUE(healthy(host));
}

TEST(Database, LockedByTheSqliteShellIsWaitedForAndReadMeanwhile) {
    Simulator machine = simEndpoint(0.01);
    HostProcess host({{"endpoints", {machine.endpoint("Machine")}}});
    host.start();
    const std::string first = submit(host.client(), {{"prompt", "before"}});
    ASSERT_EQ(waitForEnd(host.client(), first)["status"], "completed");
    const Figures before = atRest(host.process().pid());
    const fs::path end = host.folder() / "end.fifo";
    // The shell holds the lock until somebody writes into the pipe.
    ChildProcess shell(
        "/bin/sh",
        {.arguments = {"-c",
                       "mkfifo '" + end.string() + "'; exec sqlite3 '" + host.database().string() +
                           "' '.timeout 10000' 'BEGIN IMMEDIATE' '.shell echo locked; cat \"" +
                           end.string() + "\"' 'COMMIT'"}});
    ASSERT_EQ(shell.readLine(std::chrono::seconds(20)), "locked");
    const HealthPulse pulse(host);
    EXPECT_EQ(statusOf(host.client(), first)["status"], "completed");
    EXPECT_EQ(host.client().get("/api/v1/gallery").status, 200);
    EXPECT_TRUE(healthy(host));
    // Either it is told in time, or the answer waits for the lock: success means it is on disk.
    HttpClient patient = host.client();
    patient.timeout = std::chrono::seconds(60);
    const HttpAnswer refused = patient.post("/api/v1/generate", {{"prompt", "meanwhile"}});
    EXPECT_EQ(refused.status, 503) << refused.body;
    EXPECT_EQ(refused.json()["error"]["code"], "SERVICE_UNAVAILABLE");
    EXPECT_TRUE(healthy(host));
    EXPECT_THAT(host.client().get("/health").json().value("database", ""), HasSubstr("locked"));
    // One more change is taken by the writer, which waits for the lock; the others wait for it.
    std::vector<std::future<int>> late;
    EXPECT_TRUE(eventually([&] {
        late.push_back(std::async(std::launch::async, [patient] {
            return patient.post("/api/v1/generate", {{"prompt", "late"}}).status;
        }));
        const std::string text = host.client().get("/metrics").body;
        return late.size() == 20 || (metricOf(text, "ipl_commit_waiting_changes") >= 1 &&
                                     metricOf(text, "ipl_commit_waiting_bytes") > 0);
    }));
    EXPECT_LT(late.size(), 20) << "none of them waited";
    writeFile(end, "go\n");
    EXPECT_EQ(shell.wait(std::chrono::seconds(20)), 0);
    for (std::future<int>& status : late)
        EXPECT_EQ(status.get(), 200);
    EXPECT_TRUE(eventually([&] {
        return metricOf(host.client().get("/metrics").body, "ipl_commit_waiting_changes") == 0;
    }));
    EXPECT_EQ(run(host.client(), {{"prompt", "after"}})["status"], "completed");
    expectBackToRest(host.process().pid(), before);
}

}  // namespace

}  // namespace test
