#include "pipeline/thumbnailer.hpp"

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>

#include "common/host_process.hpp"
#include "unit/store/store_fixture.hpp"

namespace {

using namespace host::pipeline;
using namespace std::chrono_literals;
using host::Error;
using host::ErrorCode;
using host::Result;
namespace fs = std::filesystem;
using test::eventually;
using test::readFile;
using test::writeFile;

// Makes "small:<content>" of a picture, and can be held up.
class ThumbnailerTest : public test::StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        fs::create_directory(output());
    }
    void TearDown() override {
        release();
        thumbnails_.reset();
    }

    fs::path output() const { return dir_ / "out"; }
    fs::path folder() const { return dir_ / "thumbnails"; }
    Thumbnailer& begin(ThumbnailerOptions options = {}) {
        options.make = [this](std::string_view bytes) -> Result<std::string> {
            ++made_;
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [this] { return !held_; });
            if (bytes == "broken") return Error{ErrorCode::InvalidImageFormat, "no picture"};
            if (bytes == "hiccup" && made_ == 1) return Error{ErrorCode::Internal, "no memory"};
            if (bytes == "throws") throw std::runtime_error("oh");
            return "small:" + std::string(bytes);
        };
        thumbnails_ = std::make_unique<Thumbnailer>(*store_, output(), folder(), options);
        thumbnails_->start();
        return *thumbnails_;
    }
    void hold() {
        const std::lock_guard lock(mutex_);
        held_ = true;
    }
    void release() {
        const std::lock_guard lock(mutex_);
        held_ = false;
        changed_.notify_all();
    }
    std::string get(const std::string& name) {
        const auto file = thumbnails_->get(name, 20s);
        return file.ok() ? readFile(*file) : std::string(host::codeName(file.error().code));
    }
    std::size_t files() const {
        std::size_t count = 0;
        for (const auto& entry : fs::recursive_directory_iterator(folder()))
            count += entry.is_regular_file() ? 1 : 0;
        return count;
    }

    std::atomic<int> made_ = 0;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool held_ = false;
    std::unique_ptr<Thumbnailer> thumbnails_;
};

TEST_F(ThumbnailerTest, IsMadeOnceAndAgainWhenItOrThePictureChanges) {
    writeFile(output() / "a.png", "one");
    begin();
    EXPECT_EQ(get("a.png"), "small:one");
    EXPECT_EQ(get("a.png"), "small:one");
    EXPECT_EQ(made_, 1);
    begin();
    EXPECT_EQ(get("a.png"), "small:one");
    EXPECT_EQ(made_, 1) << "it is still there after a restart";
    writeFile(output() / "a.png", "two, longer");
    EXPECT_EQ(get("a.png"), "small:two, longer");
    EXPECT_EQ(files(), 1U) << "the old one is gone";
    fs::remove_all(folder());
    EXPECT_EQ(get("a.png"), "small:two, longer");
    EXPECT_EQ(made_, 3);
    thumbnails_->forget("a.png");
    EXPECT_EQ(files(), 0U);
}

TEST_F(ThumbnailerTest, AnUnreadablePictureIsTriedOnce) {
    writeFile(output() / "a.png", "broken");
    writeFile(output() / "b.png", "throws");
    begin();
    EXPECT_EQ(get("a.png"), "NOT_FOUND");
    EXPECT_EQ(get("a.png"), "NOT_FOUND");
    EXPECT_EQ(made_, 1);
    begin();
    EXPECT_EQ(get("a.png"), "NOT_FOUND");
    EXPECT_EQ(made_, 1) << "also after a restart";
    EXPECT_EQ(get("b.png"), "NOT_FOUND");
    writeFile(output() / "a.png", "whole now");
    EXPECT_EQ(get("a.png"), "small:whole now");
}

TEST_F(ThumbnailerTest, AFaultOfTheMomentIsTriedAgain) {
    writeFile(output() / "a.png", "hiccup");
    begin();
    EXPECT_EQ(get("a.png"), "NOT_FOUND");
    EXPECT_EQ(get("a.png"), "small:hiccup");
}

TEST_F(ThumbnailerTest, NothingButPicturesOfTheFolderIsReached) {
    writeFile(dir_ / "secret.png", "secret");
    fs::create_directory(output() / "sub.png");
    fs::create_symlink(dir_ / "secret.png", output() / "link.png");
    begin();
    for (const std::string name : {"", ".", "..", "../secret.png", "link.png", "sub.png", "no.png",
                                   ".trash/x.png", "/etc/passwd"}) {
        EXPECT_EQ(get(name), "NOT_FOUND") << name;
    }
    EXPECT_EQ(get(std::string("a\0.png", 6)), "NOT_FOUND");
    EXPECT_EQ(get(std::string(5000, 'a') + ".png"), "NOT_FOUND");
    EXPECT_EQ(made_, 0);
}

TEST_F(ThumbnailerTest, APictureInTheTrashStillHasOne) {
    fs::create_directory(output() / ".trash");
    writeFile(output() / ".trash" / "0123abcd-a.png", "thrown away");
    commit(test::addImages({test::makeImage("a.png", 5)}));
    host::store::ChangeSet trash;
    trash.imageChanges.push_back(
        {"a.png", host::store::ImageChange::Kind::Trash, 100, "0123abcd-a.png"});
    commit(trash);
    begin();
    EXPECT_EQ(get("a.png"), "small:thrown away");
}

TEST_F(ThumbnailerTest, NewPicturesGetTheirsAheadOfTime) {
    for (const char* name : {"a.png", "b.png", "failed.png"})
        writeFile(output() / name, name);
    Thumbnailer& thumbnails = begin();
    thumbnails.want("a.png");
    thumbnails.committed({{.type = "image", .data = R"({"success":true,"filename":"b.png"})"},
                          {.type = "image", .data = R"({"success":false,"filename":"failed.png"})"},
                          {.type = "image", .data = R"({"filename":"failed.png","starred":true})"},
                          {.type = "job", .data = R"({"success":true,"filename":"failed.png"})"}});
    EXPECT_TRUE(eventually([&] { return made_ == 2; }));
    EXPECT_EQ(get("a.png"), "small:a.png");
    EXPECT_EQ(get("b.png"), "small:b.png");
    EXPECT_EQ(made_, 2);
}

TEST_F(ThumbnailerTest, WhatSomebodyWaitsForDoesNotQueueBehindNewPictures) {
    ThumbnailerOptions options;
    options.maxAhead = 50;
    for (int i = 0; i < 100; ++i)
        writeFile(output() / ("p" + std::to_string(i) + ".png"), "p");
    writeFile(output() / "asked.png", "asked");
    hold();
    Thumbnailer& thumbnails = begin(options);
    for (int i = 0; i < 100; ++i)
        thumbnails.want("p" + std::to_string(i) + ".png");
    EXPECT_EQ(thumbnails.get("asked.png", 10ms).error().code, ErrorCode::RefusingWork);
    release();
    EXPECT_EQ(get("asked.png"), "small:asked");
    EXPECT_TRUE(eventually([&] { return files() >= 51; }));
    EXPECT_LE(made_, 53) << "what did not fit into the queue waits until somebody asks";
    EXPECT_EQ(get("p99.png"), "small:p");
}

TEST_F(ThumbnailerTest, StopsWhileSomebodyWaits) {
    writeFile(output() / "a.png", "a");
    writeFile(output() / "b.png", "b");
    hold();
    Thumbnailer& thumbnails = begin();
    std::thread waiting([&] {
        const auto file = thumbnails.get("a.png", 20s);
        EXPECT_FALSE(file.ok());
    });
    EXPECT_TRUE(eventually([&] { return made_ == 1; }));
    std::thread stopping([&] { thumbnails.stop(); });
    waiting.join();
    release();
    stopping.join();
    EXPECT_EQ(thumbnails.get("b.png", 20s).error().code, ErrorCode::RefusingWork);
}

}  // namespace
