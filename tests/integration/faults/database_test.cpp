// A database that can no longer be written, or is damaged, under a running host.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <string>

#include "common/metrics_text.hpp"
#include "common/sanitized.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

namespace fs = std::filesystem;
using host::Json;
using ::testing::HasSubstr;

// Lines of the log that name an error of SQLite.
int complaints(const HostProcess& host) {
    const std::string log = host.log();
    int count = 0;
    for (std::size_t at = log.find("(SQLite "); at != log.npos; at = log.find("(SQLite ", at + 1))
        ++count;
    return count;
}

std::string databaseHealth(const HostProcess& host) {
    const HttpAnswer answer = host.client().get("/health");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.json().value("status", ""), "healthy");
    return answer.json().value("database", "");
}

std::string errorOf(const HttpAnswer& answer) {
    const Json body = answer.json();
    return body.is_object() && body.contains("error") ? body["error"].value("message", "") : "";
}

int attemptsIn(const fs::path& database) {
    return query(database, "SELECT count(*) AS n FROM attempts")[0]["n"];
}

double troubleIn(const HostProcess& host) {
    return metricOf(host.client().get("/metrics").body, "ipl_database_trouble").value_or(-1);
}

TEST(Database, ThatBecomesReadOnlyWhileItRunsRefusesSaysSoKeepsJobsAndGoesOnByItself) {
    if (kSanitized) GTEST_SKIP() << "a sanitizer takes no preloaded library";
    Simulator machine = simEndpoint(0.05);
    HostProcess host({{"database_path", "disk/jobs.db"}, {"endpoints", {machine.endpoint("M")}}});
    const fs::path disk = host.folder() / "disk";
    const fs::path readOnly = disk.string() + ".read-only";
    host.environment = {"LD_PRELOAD=" IPL_READ_ONLY_FOLDER_LIBRARY,
                        "IPL_READ_ONLY_FOLDER=" + disk.string()};
    host.start();
    EXPECT_EQ(databaseHealth(host), "ok");
    EXPECT_EQ(troubleIn(host), 0);
    // No picture comes back before the disk is read-only.
    machine.hold();
    const std::string running = submit(host.client(), {{"prompt", "runs"}, {"count", 2}});
    ASSERT_TRUE(eventually([&] { return attemptsIn(disk / "jobs.db") == 1; }));
    const std::string waiting = submit(host.client(), {{"prompt", "waits"}, {"count", 12}});

    writeFile(readOnly, "");
    machine.release();
    ASSERT_TRUE(eventually([&] { return !machine.log().empty(); }));
    for (int i = 0; i < 20; ++i) {
        Json request = {{"prompt", "refused"}};
        if (i % 2 == 1) request["image"] = base64(tinyPng(1000));
        const HttpAnswer refused = host.client().post("/api/v1/generate", request);
        ASSERT_EQ(refused.status, 503) << refused.body;
        EXPECT_EQ(refused.json()["error"]["code"], "SERVICE_UNAVAILABLE");
        EXPECT_THAT(errorOf(refused), HasSubstr("ead-only"));
        EXPECT_THAT(errorOf(refused), HasSubstr("writable again"));
        EXPECT_NE(refused.header("Retry-After"), "");
    }
    EXPECT_THAT(databaseHealth(host), HasSubstr("read-only"));
    EXPECT_EQ(troubleIn(host), 1);
    EXPECT_GE(metricOf(host.client().get("/metrics").body, "ipl_commit_failures_total"), 10);
    for (const std::string& id : {running, waiting}) {
        const Json job = statusOf(host.client(), id);
        EXPECT_FALSE(isOver(job));
        ASSERT_EQ(job["why"]["waits_for"].size(), 1U) << job["why"].dump(2);
        EXPECT_EQ(job["why"]["waits_for"][0]["reason"], "database");
        EXPECT_THAT(job["why"]["summary"].get<std::string>(), HasSubstr("make it writable again"));
        EXPECT_EQ(job["why"]["eta"], nullptr);
    }
    EXPECT_EQ(host.client().get("/api/v1/gallery").status, 200);
    EXPECT_LE(complaints(host), 3) << host.log();

    fs::remove(readOnly);
    for (const std::string& id : {running, waiting}) {
        const Json job = waitForEnd(host.client(), id);
        EXPECT_EQ(job["status"], "completed") << job.dump(2);
    }
    EXPECT_EQ(databaseHealth(host), "ok");

    // And with nothing to do that would show that it is over.
    writeFile(readOnly, "");
    EXPECT_EQ(submit(host.client(), {{"prompt", "refused"}}), "");
    EXPECT_THAT(databaseHealth(host), HasSubstr("read-only"));
    fs::remove(readOnly);
    EXPECT_TRUE(eventually([&] { return databaseHealth(host) == "ok"; }));
    EXPECT_EQ(run(host.client(), {{"prompt", "after"}})["status"], "completed");

    ASSERT_EQ(host.stop(), 0);
    host.start();
    EXPECT_EQ(imagesOf(statusOf(host.client(), waiting)).size(), 12U);
    EXPECT_EQ(query(disk / "jobs.db", "PRAGMA integrity_check")[0]["integrity_check"], "ok");
}

std::string shellSays(const fs::path& database, const std::string& sql) {
    ChildProcess shell("sqlite3",
                       {.arguments = {"-cmd", ".timeout 10000", database.string(), sql}});
    std::string said = shell.readRest(std::chrono::seconds(20));
    EXPECT_EQ(shell.wait(std::chrono::seconds(20)), 0) << sql;
    return said;
}

// Overwrites the pages with a table's rows, as a broken disk does it.
void damage(const fs::path& database, const std::string& table) {
    // Its last change has to be in the file.
    EXPECT_THAT(shellSays(database, "PRAGMA wal_checkpoint(TRUNCATE)"), HasSubstr("0|0|0"));
    const Json pages = query(database, "SELECT pageno, pgsize FROM dbstat WHERE name = '" + table +
                                           "' AND pagetype = 'leaf'");
    ASSERT_GE(pages.size(), 1U);
    const int file = ::open(database.c_str(), O_WRONLY | O_CLOEXEC);
    ASSERT_GE(file, 0);
    for (const Json& page : pages) {
        const int size = page["pgsize"];
        const std::string rubbish(static_cast<std::size_t>(size), '\xff');
        EXPECT_EQ(::pwrite(file, rubbish.data(), rubbish.size(),
                           static_cast<off_t>(size) * (page["pageno"].get<int>() - 1)),
                  size);
    }
    ::close(file);
    // A write by somebody else: all connections read their pages again.
    EXPECT_EQ(shellSays(database, "UPDATE meta SET value = value"), "");
}

TEST(Database, DamagedWhileItRunsIsToldWithoutAnEndlessLogAndRefusedAtTheNextStart) {
    Simulator machine = simEndpoint(3600);
    HostProcess host({{"shutdown_grace_seconds", 0}, {"endpoints", {machine.endpoint("M")}}});
    host.start();
    const std::string running = submit(host.client(), {{"prompt", "runs"}});
    // Nothing is written any more then that would put a damaged page right.
    ASSERT_TRUE(eventually([&] { return attemptsIn(host.database()) == 1; }));
    damage(host.database(), "jobs");

    for (int i = 0; i < 20; ++i) {
        const HttpAnswer refused = host.client().post("/api/v1/generate", {{"prompt", "x"}});
        ASSERT_EQ(refused.status, 500) << refused.body;
        EXPECT_THAT(errorOf(refused), HasSubstr("the database is damaged"));
        EXPECT_THAT(errorOf(refused), HasSubstr("backup"));
        const HttpAnswer jobs = host.client().get("/api/v1/jobs");
        EXPECT_TRUE(jobs.status == 200 || jobs.status == 500) << jobs.body;
        EXPECT_TRUE(host.client().get("/api/v1/status/" + running).status != 0);
    }
    EXPECT_THAT(databaseHealth(host), HasSubstr("damaged"));
    EXPECT_EQ(troubleIn(host), 1);
    EXPECT_EQ(host.process().wait(std::chrono::milliseconds(0)), std::nullopt) << "it died";
    EXPECT_LE(complaints(host), 3) << host.log();
    EXPECT_EQ(host.stop(), 0);

    const std::string bytes = readFile(host.database());
    EXPECT_FALSE(host.tryStart());
    EXPECT_EQ(host.process().wait(std::chrono::seconds(20)), 69);
    EXPECT_THAT(host.log(), HasSubstr("damaged"));
    EXPECT_TRUE(readFile(host.database()) == bytes) << "it was not left untouched";
}

}  // namespace

}  // namespace test
