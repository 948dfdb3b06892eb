#include <sys/mount.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <thread>

#include "common/needs.hpp"
#include "store/sqlite/connection.hpp"
#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addJob;

ChangeSet bigJob(int number, std::size_t size) {
    ChangeSet change = addJob(std::to_string(10000000 + number));
    change.newJob->request["prompt"] = std::string(size, 'p');
    return change;
}

class DiskFaultsTest : public test::StoreTest {
  protected:
    void SetUp() override {}

    // Fills the disk through the store; gives the ids that were acknowledged.
    std::vector<std::string> fill() {
        std::vector<std::string> kept;
        for (int i = 0; i < 2000; ++i) {
            ChangeSet change = bigJob(i, 20'000);
            const std::string id = change.newJob->id;
            const auto outcome = store_->commitAndWait(std::move(change));
            if (!outcome.ok()) {
                EXPECT_EQ(outcome.error().code, host::ErrorCode::RefusingWork)
                    << outcome.error().message;
                EXPECT_FALSE(store_->job(id)->has_value()) << "half of it stayed";
                full_ = true;
                break;
            }
            kept.push_back(id);
        }
        return kept;
    }
    void expectAll(const std::vector<std::string>& ids) {
        const auto open = store_->openJobs();
        ASSERT_TRUE(open.ok()) << open.error().message;
        ASSERT_EQ(open->size(), ids.size());
        for (std::size_t i = 0; i < ids.size(); ++i)
            EXPECT_EQ((*open)[i].job.id, ids[i]);
    }

    bool full_ = false;
};

TEST_F(DiskFaultsTest, AFullDiskRefusesKeepsWhatItHasAndGoesOnWhenThereIsSpace) {
    const auto folder = dir_ / "small";
    std::filesystem::create_directory(folder);
    TEST_NEEDS(::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=4m") == 0,
               "the right to mount a small disk");
    struct Unmount {
        std::filesystem::path folder;
        ~Unmount() { ::umount2(folder.c_str(), MNT_DETACH); }
    } unmount{folder};
    test::writeFile(folder / "ballast", std::string(1 << 20, 'b'));
    const auto reopenHere = [&] {
        store_.reset();
        auto opened = openSqliteStore(folder / "jobs.db");
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        store_ = std::move(*opened);
    };
    reopenHere();
    std::vector<std::string> kept = fill();
    ASSERT_TRUE(full_);
    ASSERT_GT(kept.size(), 10U);
    expectAll(kept);
    std::filesystem::remove(folder / "ballast");
    ASSERT_TRUE(store_->commitAndWait(addJob("af7e0001")).ok()) << "there is space again";
    kept.push_back("af7e0001");
    expectAll(kept);
    reopenHere();
    expectAll(kept);
    store_.reset();
}

TEST_F(DiskFaultsTest, AWriteErrorFailsTheGroupAndTheNextOneIsTriedAfresh) {
    options_.maxGroup = 8;
    open();
    ASSERT_TRUE(store_->commitAndWait(addJob("aaaaaaaa")).ok());
    rlimit before = {};
    ::getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    rlimit small = before;
    small.rlim_cur = 600'000;
    ::setrlimit(RLIMIT_FSIZE, &small);
    std::vector<std::string> kept = fill();
    ::setrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_DFL);
    ASSERT_TRUE(full_);
    kept.insert(kept.begin(), "aaaaaaaa");
    EXPECT_GE(store_->figures().failedGroups, 1U);
    expectAll(kept);
    ASSERT_TRUE(store_->commitAndWait(addJob("af7e0001")).ok());
    kept.push_back("af7e0001");
    reopen();
    expectAll(kept);
}

TEST_F(DiskFaultsTest, ALockHeldByTheSqliteShellIsWaitedForThenToldAndReadingGoesOn) {
    options_.busyTimeout = std::chrono::milliseconds(100);
    open();
    ASSERT_TRUE(store_->commitAndWait(addJob("aaaaaaaa")).ok());
    {
        auto shell = Connection::open(database().string(), {});
        ASSERT_TRUE((*shell)->executeOnce("BEGIN IMMEDIATE"));
        const auto outcome = store_->commitAndWait(addJob("bbbbbbbb"));
        ASSERT_FALSE(outcome.ok());
        EXPECT_EQ(outcome.error().code, host::ErrorCode::RefusingWork);
        EXPECT_NE(outcome.error().message.find("locked"), std::string::npos);
        EXPECT_TRUE(store_->job("aaaaaaaa")->has_value());
        (*shell)->executeOnce("ROLLBACK");
    }
    EXPECT_TRUE(store_->commitAndWait(addJob("bbbbbbbb")).ok());
}

TEST_F(DiskFaultsTest, ErrorsNameNoPaths) {
    options_.busyTimeout = std::chrono::milliseconds(10);
    open();
    auto shell = Connection::open(database().string(), {});
    (*shell)->executeOnce("BEGIN IMMEDIATE");
    const auto outcome = store_->commitAndWait(addJob("bbbbbbbb"));
    ASSERT_FALSE(outcome.ok());
    EXPECT_EQ(outcome.error().message.find('/'), std::string::npos);
    (*shell)->executeOnce("ROLLBACK");
}

}  // namespace
