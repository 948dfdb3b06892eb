#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <set>

#include "common/host_process.hpp"
#include "picture_bytes.hpp"
#include "store/directory_watcher.hpp"
#include "store_fixture.hpp"

namespace {

using namespace host::store;
namespace fs = std::filesystem;
using namespace std::chrono_literals;
using test::writeFile;

class WatcherTest : public test::StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        fs::create_directory(folder());
    }
    void TearDown() override { watcher_.reset(); }

    fs::path folder() const { return dir_ / "out"; }
    void watch(bool useInotify = true) {
        WatcherOptions options;
        options.settle = 20ms;
        options.rescan = 1h;
        options.poll = 50ms;
        options.useInotify = useInotify;
        options.isOnItsWay = isOnItsWay_;
        options.onChange = [this](const FolderChanges& changes) {
            const std::lock_guard lock(mutex_);
            found_.insert(changes.found.begin(), changes.found.end());
            changed_.notify_all();
        };
        watcher_ = std::make_unique<DirectoryWatcher>(*store_, folder(), options);
        watcher_->start();
    }
    // Waits until the gallery shows just these, at most the contract's 5 s.
    void expectGallery(std::vector<std::string> expected) {
        std::sort(expected.begin(), expected.end());
        const auto until = std::chrono::steady_clock::now() + 5s;
        std::unique_lock lock(mutex_);
        std::vector<std::string> now;
        do {
            now.clear();
            const auto page = store_->images({.limit = 1000});
            ASSERT_TRUE(page.ok());
            for (const ImageRow& image : page->images)
                now.push_back(image.filename);
            std::sort(now.begin(), now.end());
            if (now == expected) return;
        } while (changed_.wait_until(lock, until) == std::cv_status::no_timeout);
        EXPECT_EQ(now, expected);
    }

    std::mutex mutex_;
    std::condition_variable changed_;
    std::set<std::string> found_;
    std::function<bool(const std::string&)> isOnItsWay_;
    std::unique_ptr<DirectoryWatcher> watcher_;
};

TEST_F(WatcherTest, APictureOfThePipelineIsNotFoundBeforeItsRowIsWritten) {
    std::atomic<bool> onItsWay{true};
    isOnItsWay_ = [&](const std::string& name) { return name == "ours.png" && onItsWay; };
    writeFile(folder() / "ours.png", test::png(1, 1));
    writeFile(folder() / "theirs.png", test::png(1, 1));
    watch();
    expectGallery({"theirs.png"});
    writeFile(folder() / "later.png", test::png(1, 1));
    expectGallery({"later.png", "theirs.png"});
    commit(test::addImages({test::makeImage("ours.png", 5)}));
    onItsWay = false;
    writeFile(folder() / "last.png", test::png(1, 1));
    expectGallery({"last.png", "later.png", "ours.png", "theirs.png"});
    const std::lock_guard lock(mutex_);
    EXPECT_EQ(found_, (std::set<std::string>{"last.png", "later.png", "theirs.png"}));
}

TEST_F(WatcherTest, WhatIsThereAtStartIsListed) {
    writeFile(folder() / "a.png", test::png(40, 30));
    writeFile(folder() / "b.JPG", test::jpeg(20, 10));
    writeFile(folder() / "c.webp", test::webp(5, 6));
    writeFile(folder() / "d.JpEg", "no picture at all");
    for (const char* other : {"._e.png", ".f.png", "g.txt", "h.gif", "png", "generation_log.csv"}) {
        writeFile(folder() / other, test::png(1, 1));
    }
    fs::create_directory(folder() / "i.png");
    fs::create_symlink("/etc/passwd", folder() / "j.png");
    writeFile(folder() / "bad\xff.png", test::png(1, 1));
    commit(test::addImages({test::makeImage("gone.png", 5)}));
    watch();
    expectGallery({"a.png", "b.JPG", "c.webp", "d.JpEg"});
    const auto a = *store_->image("a.png");
    EXPECT_EQ(a->width, 40U);
    EXPECT_EQ(a->height, 30U);
    EXPECT_EQ(a->size, test::png(40, 30).size());
    EXPECT_GT(a->mtime, 1e9);
    EXPECT_EQ(a->jobId, "");
    EXPECT_FALSE((*store_->image("d.JpEg"))->width.has_value()) << "unreadable, but listed";
}

TEST_F(WatcherTest, DroppedMovedAndDeletedPicturesAreNoticed) {
    watch();
    writeFile(folder() / "a.png", test::png(40, 30));
    expectGallery({"a.png"});
    writeFile(dir_ / "b.png", test::png(40, 30));
    fs::rename(dir_ / "b.png", folder() / "b.png");
    expectGallery({"a.png", "b.png"});
    fs::rename(folder() / "b.png", folder() / "c.png");
    expectGallery({"a.png", "c.png"});
    fs::rename(folder() / "c.png", dir_ / "c.png");
    fs::remove(folder() / "a.png");
    expectGallery({});
}

TEST_F(WatcherTest, ThePipelinesOwnRowsAreLeftAsTheyAre) {
    commit(test::addImages({test::makeImage("a.png", 5, "a prompt")}));
    writeFile(folder() / "a.png", test::png(40, 30));
    watch();
    writeFile(folder() / "b.png", test::png(1, 1));
    expectGallery({"a.png", "b.png"});
    const auto row = *store_->image("a.png");
    EXPECT_EQ(row->prompt, "a prompt");
    EXPECT_EQ(row->width, 40U) << "the file is newer than the row";
}

TEST_F(WatcherTest, AChangedFileIsLookedAtAgain) {
    writeFile(folder() / "a.png", "nothing yet");
    watch();
    expectGallery({"a.png"});
    writeFile(folder() / "a.png", test::png(40, 30));
    const auto until = std::chrono::steady_clock::now() + 5s;
    std::unique_lock lock(mutex_);
    while (!(*store_->image("a.png"))->width &&
           changed_.wait_until(lock, until) == std::cv_status::no_timeout) {
    }
    EXPECT_EQ((*store_->image("a.png"))->width, 40U);
}

TEST_F(WatcherTest, AFolderThatGoesAndComesBackIsWatchedAgainAndRowsWaitForIt) {
    writeFile(folder() / "a.png", test::png(40, 30));
    writeFile(folder() / "b.png", test::png(40, 30));
    watch();
    expectGallery({"a.png", "b.png"});
    fs::rename(folder(), dir_ / "away");
    fs::create_directory(dir_ / "fresh");
    writeFile(dir_ / "fresh" / "b.png", test::png(40, 30));
    fs::rename(dir_ / "fresh", folder());
    expectGallery({"b.png"});
    writeFile(folder() / "c.png", test::png(40, 30));
    expectGallery({"b.png", "c.png"});
}

TEST_F(WatcherTest, AMissingFolderChangesNothing) {
    commit(test::addImages({test::makeImage("a.png", 5, "a prompt")}));
    fs::remove_all(folder());
    watch(false);
    fs::create_directory(dir_ / "fresh");
    writeFile(dir_ / "fresh" / "a.png", test::png(40, 30));
    writeFile(dir_ / "fresh" / "b.png", test::png(40, 30));
    fs::rename(dir_ / "fresh", folder());
    expectGallery({"a.png", "b.png"});
    EXPECT_EQ((*store_->image("a.png"))->prompt, "a prompt");
}

TEST_F(WatcherTest, AnotherFolderThatLacksMostPicturesTakesNoRowsAway) {
    std::vector<std::string> names;
    for (int i = 0; i < 30; ++i) {
        names.push_back("p" + std::to_string(i) + ".png");
        writeFile(folder() / names.back(), test::png(4, 3));
    }
    watch(false);
    expectGallery(names);
    // Only then is this the folder that is known.
    ASSERT_TRUE(test::eventually([&] { return *store_->outputFolder() != ""; }));
    watcher_.reset();
    // As if an empty disk were mounted in its place.
    fs::rename(folder(), dir_ / "away");
    fs::create_directory(dir_ / "fresh");
    writeFile(dir_ / "fresh" / "new.png", test::png(40, 30));
    fs::rename(dir_ / "fresh", folder());
    watch(false);
    names.push_back("new.png");
    expectGallery(names);
    // Two looks later still.
    writeFile(folder() / "newer.png", test::png(40, 30));
    names.push_back("newer.png");
    expectGallery(names);
    watcher_.reset();
    fs::remove_all(folder());
    fs::rename(dir_ / "away", folder());
    for (int i = 0; i < 25; ++i)
        fs::remove(folder() / names[static_cast<std::size_t>(i)]);
    watch(false);
    expectGallery({"p25.png", "p26.png", "p27.png", "p28.png", "p29.png"});
}

TEST_F(WatcherTest, AFileOfTheNameOfOneInTheTrashIsANewPicture) {
    commit(test::addImages({test::makeImage("a.png", 5, "a prompt")}));
    ChangeSet trash;
    trash.imageChanges.push_back({"a.png", ImageChange::Kind::Trash, 100, "t-a.png"});
    commit(trash);
    watch();
    // The file in the trash is not there yet: what stands under the name is still that picture.
    writeFile(folder() / "a.png", test::png(40, 30));
    writeFile(folder() / "b.png", test::png(40, 30));
    expectGallery({"b.png"});
    fs::create_directory(folder() / ".trash");
    fs::rename(folder() / "a.png", folder() / ".trash" / "t-a.png");
    writeFile(folder() / "c.png", test::png(40, 30));
    expectGallery({"b.png", "c.png"});
    EXPECT_EQ((*store_->image("a.png"))->prompt, "a prompt");
    writeFile(folder() / "a.png", test::png(8, 8));
    expectGallery({"a.png", "b.png", "c.png"});
    EXPECT_EQ((*store_->image("a.png"))->width, 8U);
    EXPECT_EQ((*store_->displacedImage("a.png"))->prompt, "a prompt");
    fs::remove(folder() / "a.png");
    expectGallery({"b.png", "c.png"});
}

TEST_F(WatcherTest, TellsWhichPicturesCameAndWent) {
    std::vector<std::string> seen;
    WatcherOptions options;
    options.settle = 20ms;
    options.onStart = [&] { seen.push_back("start"); };
    options.onChange = [&](const FolderChanges& changes) {
        const std::lock_guard lock(mutex_);
        for (const std::string& name : changes.found)
            seen.push_back("+" + name);
        for (const std::string& name : changes.removed)
            seen.push_back("-" + name);
        changed_.notify_all();
    };
    writeFile(folder() / "a.png", test::png(40, 30));
    watcher_ = std::make_unique<DirectoryWatcher>(*store_, folder(), options);
    watcher_->start();
    expectGallery({"a.png"});
    fs::remove(folder() / "a.png");
    expectGallery({});
    watcher_.reset();
    EXPECT_EQ(seen, (std::vector<std::string>{"start", "+a.png", "-a.png"}));
}

TEST_F(WatcherTest, WithoutInotifyTheFolderIsPolled) {
    watch(false);
    writeFile(folder() / "a.png", test::png(40, 30));
    expectGallery({"a.png"});
    fs::remove(folder() / "a.png");
    expectGallery({});
}

TEST_F(WatcherTest, ThousandsAtOnceAreAllNoticed) {
    watch();
    std::vector<std::string> names;
    for (int i = 0; i < 900; ++i) {
        names.push_back("p" + std::to_string(i) + ".png");
        writeFile(folder() / names.back(), test::png(4, 3));
    }
    expectGallery(names);
    for (const std::string& name : names)
        fs::remove(folder() / name);
    expectGallery({});
}

TEST(GalleryNames, EndingsCountWhateverTheirCase) {
    for (const char* name : {"a.png", "a.PNG", "a.b.jpeg", "\xC3\xA4.webp", "x y.Jpg"}) {
        EXPECT_TRUE(isGalleryName(name)) << name;
    }
    for (const char* name : {"", ".png", "._a.png", ".a.png", "a.gif", "apng", "a.png.txt", "a."}) {
        EXPECT_FALSE(isGalleryName(name)) << name;
    }
}

}  // namespace
