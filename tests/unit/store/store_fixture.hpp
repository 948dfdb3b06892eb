// What the tests of the store share: a store in a folder of its own, rows with sensible values.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "common/temp_dir.hpp"
#include "store/sqlite_store.hpp"

namespace test {

inline host::store::JobRow makeJob(const std::string& id) {
    host::store::JobRow job;
    job.id = id;
    job.client = "10.0.0.1";
    job.correlationId = "corr-" + id;
    job.request = {{"prompt", "a harbour, " + id}, {"count", 2}};
    job.count = 2;
    job.createdAt = 1000.5;
    return job;
}

inline host::store::ChangeSet addJob(const std::string& id) {
    host::store::ChangeSet change;
    change.newJob = makeJob(id);
    change.events.push_back({.time = 1000.5, .type = "job", .jobId = id, .data = R"({"a":1})"});
    return change;
}

inline host::store::ImageRow makeImage(const std::string& filename, double mtime,
                                       const std::string& prompt = "") {
    host::store::ImageRow image;
    image.filename = filename;
    image.prompt = prompt;
    image.endpoint = "Studio A";
    image.seed = 7;
    image.width = 64;
    image.height = 32;
    image.size = 100;
    image.mtime = mtime;
    return image;
}

inline host::store::ChangeSet addImages(std::vector<host::store::ImageRow> images) {
    host::store::ChangeSet change;
    change.images = std::move(images);
    return change;
}

class StoreTest : public ::testing::Test {
  protected:
    void SetUp() override { open(); }

    void open() {
        auto opened = host::store::openSqliteStore(database(), options_);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        store_ = std::move(*opened);
    }
    void reopen() {
        store_.reset();
        open();
    }
    std::filesystem::path database() const { return dir_ / "jobs.db"; }

    host::store::CommitOutcome commit(host::store::ChangeSet change) {
        auto outcome = store_->commitAndWait(std::move(change));
        EXPECT_TRUE(outcome.ok()) << (outcome.ok() ? "" : outcome.error().message);
        return outcome.ok() ? *outcome : host::store::CommitOutcome{};
    }

    TempDir dir_;
    host::store::OpenOptions options_;
    std::unique_ptr<host::store::JobStore> store_;
};

}  // namespace test
