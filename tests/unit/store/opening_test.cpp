#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/schema.hpp"
#include "store_fixture.hpp"

namespace {

using namespace host::store;
namespace fs = std::filesystem;
using test::readFile;
using test::writeFile;

class OpeningTest : public ::testing::Test {
  protected:
    host::Result<std::unique_ptr<JobStore>> open(const fs::path& path) {
        return openSqliteStore(path);
    }
    std::string refusal(const fs::path& path) {
        const auto opened = open(path);
        EXPECT_FALSE(opened.ok()) << "should have been refused";
        return opened.ok() ? "" : opened.error().message;
    }
    // A database of ours with two jobs.
    void makeOurs(const fs::path& path) {
        auto opened = open(path);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        for (const char* id : {"aaaaaaaa", "bbbbbbbb"}) {
            ASSERT_TRUE((*opened)->commitAndWait(test::addJob(id)).ok());
        }
    }
    void run(const fs::path& path, const std::vector<std::string>& statements) {
        auto connection = Connection::open(path.string(), {});
        ASSERT_TRUE(connection.ok());
        for (const std::string& sql : statements) {
            ASSERT_TRUE((*connection)->executeOnce(sql)) << (*connection)->failureText();
        }
    }
    std::vector<std::string> files() const {
        std::vector<std::string> names;
        for (const auto& entry : fs::directory_iterator(dir_.path())) {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }
    // Refused with a message that holds `words`, and not a byte of it changed.
    void expectUntouched(const fs::path& path, const std::vector<std::string>& words) {
        const std::string before = readFile(path);
        const std::string message = refusal(path);
        for (const std::string& word : words) {
            EXPECT_NE(message.find(word), std::string::npos) << message;
        }
        EXPECT_EQ(readFile(path), before) << "the file was changed";
        EXPECT_FALSE(fs::exists(path.string() + "-wal"));
        EXPECT_FALSE(fs::exists(path.string() + "-shm"));
        EXPECT_FALSE(fs::exists(path.string() + "-journal"));
        EXPECT_FALSE(fs::exists(path.string() + ".old"));
    }

    test::TempDir dir_;
};

TEST_F(OpeningTest, AMissingDatabaseIsMadeWithItsFolders) {
    const fs::path path = dir_ / "deep" / "er" / "jobs.db";
    makeOurs(path);
    EXPECT_TRUE(fs::exists(path));
    auto again = open(path);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ((*again)->openJobs()->size(), 2U);
}

TEST_F(OpeningTest, AnEmptyFileBecomesADatabase) {
    writeFile(dir_ / "jobs.db", "");
    makeOurs(dir_ / "jobs.db");
    EXPECT_EQ(files(), (std::vector<std::string>{"jobs.db", "jobs.db.lock"}));
}

TEST_F(OpeningTest, StrangeCharactersInThePathAreOnlyCharacters) {
    const fs::path path = dir_ / "100% #1? & 'x' \xC3\xA4.db";
    makeOurs(path);
    run(dir_ / "old #?%.db", {"CREATE TABLE jobs(id)"});
    makeOurs(dir_ / "old #?%.db");
    EXPECT_TRUE(fs::exists(dir_ / "old #?%.db.old"));
}

TEST_F(OpeningTest, ANewerVersionIsRefusedAndLeftUntouched) {
    makeOurs(dir_ / "jobs.db");
    run(dir_ / "jobs.db", {"PRAGMA user_version=99"});
    const std::string known = std::to_string(migrations().size());
    expectUntouched(dir_ / "jobs.db", {"version 99", "up to " + known, "untouched"});
}

TEST_F(OpeningTest, ATextFileIsRefused) {
    writeFile(dir_ / "jobs.db", "these are my notes, please keep them\n" + std::string(500, 'x'));
    expectUntouched(dir_ / "jobs.db", {"not an SQLite database"});
    writeFile(dir_ / "short", "x");
    expectUntouched(dir_ / "short", {"not an SQLite database"});
}

TEST_F(OpeningTest, ADamagedHeaderIsRefused) {
    makeOurs(dir_ / "jobs.db");
    std::string bytes = readFile(dir_ / "jobs.db");
    std::string broken = bytes;
    broken[16] = '\x01';
    broken[17] = '\x23';
    writeFile(dir_ / "jobs.db", broken);
    expectUntouched(dir_ / "jobs.db", {"damaged"});
    broken = bytes;
    broken.replace(0, 16, 16, '\x7f');
    writeFile(dir_ / "jobs.db", broken);
    expectUntouched(dir_ / "jobs.db", {"damaged"});
}

TEST_F(OpeningTest, ATruncatedDatabaseIsRefused) {
    makeOurs(dir_ / "jobs.db");
    const std::string bytes = readFile(dir_ / "jobs.db");
    for (const std::size_t size : {bytes.size() - 4096, bytes.size() / 2, std::size_t{5000},
                                   std::size_t{150}, std::size_t{50}}) {
        writeFile(dir_ / "jobs.db", bytes.substr(0, size));
        expectUntouched(dir_ / "jobs.db", {"damaged"});
    }
}

TEST_F(OpeningTest, CorruptPagesThatShowAtOnceAreRefused) {
    makeOurs(dir_ / "jobs.db");
    const std::string bytes = readFile(dir_ / "jobs.db");
    std::string broken = bytes;
    broken.replace(4096, broken.size() - 4096, broken.size() - 4096, '\xa5');  // all but the schema
    writeFile(dir_ / "jobs.db", broken);
    expectUntouched(dir_ / "jobs.db", {"damaged"});
    broken = bytes;
    broken.replace(100, 3996, 3996, '\xa5');  // the schema
    writeFile(dir_ / "jobs.db", broken);
    expectUntouched(dir_ / "jobs.db", {"damaged"});
}

TEST_F(OpeningTest, TheOldSystemsDatabaseIsPutAsideWithItsLog) {
    const fs::path path = dir_ / "jobs.db";
    // As the old system would leave it when it is killed: with a log that holds everything.
    {
        auto connection = Connection::open(path.string(), {});
        (*connection)->askOnce("PRAGMA journal_mode=WAL");
        (*connection)->executeOnce("CREATE TABLE jobs(id TEXT, status TEXT)");
        (*connection)->executeOnce("INSERT INTO jobs VALUES ('old', 'COMPLETED')");
        fs::copy(path, dir_ / "copy");
        fs::copy(path.string() + "-wal", dir_ / "copy-wal");
    }
    fs::rename(dir_ / "copy", path);
    fs::rename(dir_ / "copy-wal", path.string() + "-wal");
    makeOurs(path);
    auto old = Connection::open((dir_ / "jobs.db.old").string(), {});
    EXPECT_EQ((*old)->askOnce("SELECT status FROM jobs WHERE id = 'old'"), "COMPLETED");
    auto ours = open(path);
    ASSERT_TRUE(ours.ok());
    EXPECT_EQ((*ours)->openJobs()->size(), 2U);
}

TEST_F(OpeningTest, EarlierOldDatabasesAreNeverOverwritten) {
    writeFile(dir_ / "jobs.db.old", "mine");
    writeFile(dir_ / "jobs.db.old.1", "mine too");
    run(dir_ / "jobs.db", {"CREATE TABLE jobs(id)"});
    makeOurs(dir_ / "jobs.db");
    EXPECT_EQ(readFile(dir_ / "jobs.db.old"), "mine");
    EXPECT_EQ(readFile(dir_ / "jobs.db.old.1"), "mine too");
    EXPECT_TRUE(fs::exists(dir_ / "jobs.db.old.2"));
}

TEST_F(OpeningTest, AnotherProgramsDatabaseIsRefused) {
    run(dir_ / "jobs.db", {"CREATE TABLE bookmarks(url)"});
    expectUntouched(dir_ / "jobs.db", {"another program"});
}

TEST_F(OpeningTest, AFolderOrASpecialFileIsRefused) {
    fs::create_directory(dir_ / "folder.db");
    EXPECT_NE(refusal(dir_ / "folder.db").find("is a folder"), std::string::npos);
    EXPECT_NE(refusal("/dev/null").find("not a regular file"), std::string::npos);
    writeFile(dir_ / "file", "x");
    const std::string message = refusal(dir_ / "file" / "jobs.db");
    EXPECT_NE(message.find((dir_ / "file").string()), std::string::npos) << message;
}

TEST_F(OpeningTest, MissingPermissionsAreToldClearly) {
    makeOurs(dir_ / "jobs.db");
    fs::permissions(dir_.path(), fs::perms(0755));
    fs::permissions(dir_ / "jobs.db.lock", fs::perms(0666));
    // In a process of its own that is not root.
    const auto messageAs = [&](fs::perms perms) {
        fs::permissions(dir_ / "jobs.db", perms);
        int pipe[2] = {};
        EXPECT_EQ(::pipe(pipe), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(9);
            const auto opened = openSqliteStore(dir_ / "jobs.db");
            const std::string message = opened.ok() ? "opened" : opened.error().message;
            ::_exit(::write(pipe[1], message.data(), message.size()) < 0 ? 8 : 0);
        }
        ::close(pipe[1]);
        std::string message(4096, '\0');
        const ssize_t got = ::read(pipe[0], message.data(), message.size());
        ::close(pipe[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        message.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return message;
    };
    EXPECT_NE(messageAs(fs::perms(0444)).find("cannot be written: Permission denied"),
              std::string::npos);
    EXPECT_NE(messageAs(fs::perms(0000)).find("cannot be read: Permission denied"),
              std::string::npos);
}

TEST_F(OpeningTest, ASecondHostIsRefusedAndToldWhoHasIt) {
    auto first = open(dir_ / "jobs.db");
    ASSERT_TRUE(first.ok());
    const std::string message = refusal(dir_ / "jobs.db");
    EXPECT_NE(message.find("in use"), std::string::npos) << message;
    EXPECT_NE(message.find("process " + std::to_string(::getpid())), std::string::npos) << message;
    first->reset();
    EXPECT_TRUE(open(dir_ / "jobs.db").ok());
}

TEST_F(OpeningTest, TheLockDiesWithItsHost) {
    int pipe[2] = {};
    ASSERT_EQ(::pipe(pipe), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto opened = openSqliteStore(dir_ / "jobs.db");
        const char answer = opened.ok() ? 'y' : 'n';
        if (::write(pipe[1], &answer, 1) != 1) ::_exit(1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(pipe[0], &answer, 1), 1);
    EXPECT_EQ(answer, 'y');
    EXPECT_NE(refusal(dir_ / "jobs.db").find(std::to_string(child)), std::string::npos);
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    ::close(pipe[0]);
    ::close(pipe[1]);
    EXPECT_TRUE(open(dir_ / "jobs.db").ok());
}

TEST_F(OpeningTest, AnOlderVersionMovesForwardStepByStepAndKeepsItsRows) {
    const fs::path path = dir_ / "jobs.db";
    makeOurs(path);
    std::vector<Migration> steps = migrations();
    const auto version = static_cast<int>(steps.size());
    steps.push_back({"ALTER TABLE jobs ADD COLUMN colour TEXT NOT NULL DEFAULT 'red'"});
    steps.push_back({"UPDATE jobs SET colour = 'blue' WHERE id = 'aaaaaaaa'"});
    auto connection = Connection::open(path.string(), {});
    const auto before = migrate(**connection, steps, "x");
    ASSERT_TRUE(before.ok());
    EXPECT_EQ(*before, version);
    EXPECT_EQ((*connection)->askOnce("PRAGMA user_version"), std::to_string(version + 2));
    EXPECT_EQ((*connection)->askOnce("SELECT group_concat(id || colour) FROM jobs"),
              "aaaaaaaablue,bbbbbbbbred");
}

TEST_F(OpeningTest, AMigrationThatFailsLeavesTheOldVersion) {
    const fs::path path = dir_ / "jobs.db";
    makeOurs(path);
    std::vector<Migration> steps = migrations();
    steps.push_back({"ALTER TABLE jobs ADD COLUMN colour TEXT", "this is no SQL"});
    {
        auto connection = Connection::open(path.string(), {});
        EXPECT_FALSE(migrate(**connection, steps, "x").ok());
        EXPECT_EQ((*connection)
                      ->askOnce("SELECT count(*) FROM pragma_table_info('jobs')"
                                " WHERE name = 'colour'"),
                  "0");
    }
    auto opened = open(path);
    ASSERT_TRUE(opened.ok());
    EXPECT_EQ((*opened)->openJobs()->size(), 2U);
}

}  // namespace
