#include <sys/mount.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <thread>

#include "common/needs.hpp"
#include "common/temp_dir.hpp"
#include "picture_bytes.hpp"
#include "store/disk_picture_store.hpp"

namespace {

using namespace host::store;
namespace fs = std::filesystem;
using host::ErrorCode;
using test::bytesOf;
using test::readFile;
using test::writeFile;

class PictureStoreTest : public ::testing::Test {
  protected:
    void SetUp() override {
        auto opened = openDiskPictureStore(output(), dir_ / "jobs-data" / "inputs", options_);
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        store_ = std::move(*opened);
    }
    fs::path output() const { return dir_ / "out"; }

    std::unique_ptr<IncomingPicture> receive(const std::string& bytes) {
        auto incoming = store_->receive();
        EXPECT_TRUE(incoming.ok());
        EXPECT_TRUE((*incoming)->write(bytesOf(bytes)).ok());
        return std::move(*incoming);
    }
    std::unique_ptr<IncomingPicture> finished(const std::string& bytes) {
        auto incoming = receive(bytes);
        const auto facts = incoming->finish();
        EXPECT_TRUE(facts.ok()) << facts.error().message;
        return incoming;
    }
    ErrorCode finishError(const std::string& bytes) {
        const auto facts = receive(bytes)->finish();
        EXPECT_FALSE(facts.ok()) << "should have been refused";
        return facts.ok() ? ErrorCode::NotFound : facts.error().code;
    }
    std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(output())) {
            names.insert(entry.path().filename().string());
        }
        return names;
    }

    test::TempDir dir_;
    PictureStoreOptions options_;
    std::unique_ptr<PictureStore> store_;
};

using Names = std::set<std::string>;

TEST_F(PictureStoreTest, APictureTakesItsPlannedNameWithTheTrueEnding) {
    const struct {
        std::string bytes;
        std::string mime;
        std::string extension;
    } kinds[] = {{test::png(31, 17), "image/png", ".png"},
                 {test::jpeg(31, 17), "image/jpeg", ".jpg"},
                 {test::webp(31, 17), "image/webp", ".webp"},
                 {test::gif(31, 17), "image/gif", ".gif"}};
    for (const auto& kind : kinds) {
        auto incoming = store_->receive();
        for (const char& byte : kind.bytes) {  // in the smallest pieces
            ASSERT_TRUE((*incoming)->write(bytesOf({&byte, 1})).ok()) << kind.mime;
        }
        const auto facts = (*incoming)->finish();
        ASSERT_TRUE(facts.ok()) << kind.mime << ": " << facts.error().message;
        EXPECT_EQ(facts->mime, kind.mime);
        EXPECT_EQ(facts->extension, kind.extension);
        EXPECT_EQ(facts->width, 31U);
        EXPECT_EQ(facts->height, 17U);
        EXPECT_EQ(facts->size, kind.bytes.size());
        const auto plan = (*incoming)->planName("gen_1_2_3_4_x");
        ASSERT_TRUE(plan.ok());
        EXPECT_EQ(plan->name, "gen_1_2_3_4_x" + kind.extension);
        EXPECT_FALSE(fs::exists(output() / plan->name)) << "not before it is placed";
        ASSERT_TRUE((*incoming)->place().ok());
        EXPECT_EQ(readFile(output() / plan->name), kind.bytes);
        struct stat onDisk = {};
        ::stat((output() / plan->name).c_str(), &onDisk);
        EXPECT_EQ(onDisk.st_ino, plan->inode);
        EXPECT_NEAR(facts->mtime, static_cast<double>(onDisk.st_mtim.tv_sec), 1.0);
    }
    EXPECT_EQ(files().size(), 4U) << "nothing temporary is left";
}

TEST_F(PictureStoreTest, APictureThatIsNotPlacedLeavesNothing) {
    { auto incoming = receive(test::png(8, 8)); }
    {
        auto incoming = finished(test::png(8, 8));
        ASSERT_TRUE(incoming->planName("x").ok());
    }
    EXPECT_EQ(files(), Names{});
    auto other = finished(test::png(8, 8));
    EXPECT_EQ(other->planName("x")->name, "x.png") << "its name is free again";
}

TEST_F(PictureStoreTest, WhatIsNoPictureIsRefusedAtItsFirstBytes) {
    for (const std::string bytes : {"<!DOCTYPE html><html>", "{\"error\": 1}   ",
                                    "RIFFxxxxWAVEfmt ", "\x89PNX\r\n\x1a\n1234"}) {
        auto incoming = store_->receive();
        const auto status = (*incoming)->write(bytesOf(bytes));
        ASSERT_FALSE(status.ok()) << bytes;
        EXPECT_EQ(status.error().code, ErrorCode::InvalidImageFormat);
    }
    auto nothing = store_->receive();
    EXPECT_EQ((*nothing)->finish().error().code, ErrorCode::InvalidImageFormat);
    auto little = receive("\x89PN");
    EXPECT_EQ(little->finish().error().code, ErrorCode::InvalidImageFormat);
}

TEST_F(PictureStoreTest, ATruncatedPictureIsRefusedWhereverItBreaksOff) {
    for (const std::string& whole :
         {test::png(9, 9, 500), test::jpeg(9, 9), test::webp(9, 9), test::gif(9, 9)}) {
        for (std::size_t size = 12; size < whole.size(); ++size) {
            EXPECT_EQ(finishError(whole.substr(0, size)), ErrorCode::InvalidImageFormat)
                << size << " of " << whole.size() << " bytes of " << whole.substr(0, 4);
        }
    }
    EXPECT_EQ(finishError(test::png(0, 5)), ErrorCode::InvalidImageFormat);
}

TEST_F(PictureStoreTest, NamesNeverLeaveTheFolderNorReplaceAFile) {
    writeFile(output() / "x.png", "somebody's");
    auto a = finished(test::png(8, 8));
    auto b = finished(test::png(8, 8));
    EXPECT_EQ(a->planName("x")->name, "x-2.png");
    EXPECT_EQ(b->planName("x")->name, "x-3.png") << "planned by another already";
    // Somebody takes the name between the plan and the placing.
    writeFile(output() / "x-2.png", "somebody else's");
    const auto placed = a->place();
    ASSERT_FALSE(placed.ok());
    EXPECT_EQ(placed.error().code, ErrorCode::Validation);
    EXPECT_EQ(readFile(output() / "x-2.png"), "somebody else's");
    EXPECT_EQ(a->planName("x")->name, "x-4.png");
    EXPECT_TRUE(a->place().ok());
    for (const std::string stem : {"../../etc/passwd", "/etc/passwd", "", "..", "._hidden",
                                   "a/b\\c", "new\nline", "\xF0\x9F\x8E\xA8"}) {
        auto incoming = finished(test::png(8, 8));
        const auto plan = incoming->planName(stem);
        ASSERT_TRUE(plan.ok()) << stem;
        EXPECT_EQ(plan->name.find_first_of("/\\\n"), std::string::npos);
        EXPECT_NE(plan->name[0], '.');
        EXPECT_TRUE(incoming->place().ok());
    }
    auto incoming = finished(test::png(8, 8));
    EXPECT_LE(incoming->planName(std::string(1000, 'n'))->name.size(), 255U);
    EXPECT_TRUE(incoming->place().ok());
    for (const auto& name : files())
        EXPECT_TRUE(fs::is_regular_file(output() / name));
}

TEST_F(PictureStoreTest, ManyLanesPlacingTheSameNameAllGetTheirOwn) {
    std::vector<std::thread> lanes;
    for (int i = 0; i < 8; ++i) {
        lanes.emplace_back([&] {
            for (int k = 0; k < 5; ++k) {
                auto incoming = finished(test::png(8, 8));
                ASSERT_TRUE(incoming->planName("same").ok());
                ASSERT_TRUE(incoming->place().ok());
            }
        });
    }
    for (std::thread& lane : lanes)
        lane.join();
    EXPECT_EQ(files().size(), 40U);
}

class SmallPictureTest : public PictureStoreTest {
  protected:
    SmallPictureTest() { options_.maxPictureBytes = 2000; }
};

TEST_F(SmallPictureTest, AnEndlessPictureStopsAtTheBound) {
    auto incoming = receive(test::png(8, 8, 100));
    const std::string more(1000, 'x');
    EXPECT_TRUE(incoming->write(bytesOf(more)).ok());
    const auto status = incoming->write(bytesOf(more));
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().code, ErrorCode::ImageTooLarge);
}

TEST_F(PictureStoreTest, OnlyTheFileThatWasPlannedIsRemovedAfterACrash) {
    auto incoming = finished(test::png(8, 8));
    const PlannedFile plan = *incoming->planName("x");
    ASSERT_TRUE(incoming->place().ok());
    writeFile(output() / "y.png", "another");
    store_->removePlanned({"y.png", plan.inode});
    EXPECT_TRUE(fs::exists(output() / "y.png")) << "another file under a planned name";
    store_->removePlanned({"../out/x.png", plan.inode});
    EXPECT_TRUE(fs::exists(output() / "x.png")) << "names are no paths";
    store_->removePlanned(plan);
    EXPECT_FALSE(fs::exists(output() / "x.png"));
    store_->removePlanned(plan);
}

TEST_F(PictureStoreTest, ADeletedOutputFolderIsMadeAgain) {
    auto stranded = finished(test::png(8, 8));
    ASSERT_TRUE(stranded->planName("x").ok());
    fs::remove_all(output());
    EXPECT_FALSE(stranded->place().ok()) << "its bytes are gone with the folder";
    stranded.reset();
    auto next = finished(test::png(8, 8));
    ASSERT_TRUE(next->planName("x").ok());
    EXPECT_TRUE(next->place().ok());
    EXPECT_EQ(files(), Names{"x.png"});
}

TEST_F(PictureStoreTest, AnUnusableOutputFolderIsAClearError) {
    fs::remove_all(output());
    writeFile(output(), "now a file");
    const auto incoming = store_->receive();
    ASSERT_FALSE(incoming.ok());
    EXPECT_EQ(incoming.error().message.find(dir_.path().string()), std::string::npos);
    fs::remove(output());
    EXPECT_TRUE(store_->receive().ok());
}

TEST_F(PictureStoreTest, AFullDiskIsToldAsSuchAndLeavesNothing) {
    const auto folder = dir_ / "small";
    fs::create_directory(folder);
    TEST_NEEDS(::mount("tmpfs", folder.c_str(), "tmpfs", 0, "size=256k") == 0,
               "the right to mount a small disk");
    {
        auto small = openDiskPictureStore(folder / "out", folder / "in");
        ASSERT_TRUE(small.ok());
        auto incoming = (*small)->receive();
        auto status = (*incoming)->write(bytesOf(test::png(8, 8, 100)));
        const std::string more(64 * 1024, 'x');
        for (int i = 0; status.ok() && i < 100; ++i)
            status = (*incoming)->write(bytesOf(more));
        ASSERT_FALSE(status.ok());
        EXPECT_EQ(status.error().code, ErrorCode::RefusingWork);
        EXPECT_NE(status.error().message.find("full"), std::string::npos);
        const auto input = (*small)->saveInput("abcd", std::string(1 << 20, 'x'), ".png");
        ASSERT_FALSE(input.ok());
        EXPECT_EQ(input.error().code, ErrorCode::RefusingWork);
        incoming->reset();
        EXPECT_TRUE(fs::is_empty(folder / "out"));
        EXPECT_TRUE(fs::is_empty(folder / "in"));
    }
    ::umount2(folder.c_str(), MNT_DETACH);
}

TEST_F(PictureStoreTest, InputPicturesComeBackAndOthersAreOutOfReach) {
    const std::string bytes = test::png(8, 8, 5000);
    const auto name = store_->saveInput("abcd0123", bytes, ".png");
    ASSERT_TRUE(name.ok());
    EXPECT_TRUE(fs::exists(dir_ / "jobs-data" / "inputs" / *name));
    EXPECT_EQ(*store_->loadInput(*name), bytes);
    EXPECT_NE(*store_->saveInput("abcd0123", bytes, ".png"), *name);
    writeFile(dir_ / "secret", "s");
    fs::create_symlink(dir_ / "secret", dir_ / "jobs-data" / "inputs" / "link");
    for (const std::string bad :
         {"", ".", "..", "../../secret", "/etc/passwd", "nothere.png", "link"}) {
        const auto loaded = store_->loadInput(bad);
        ASSERT_FALSE(loaded.ok()) << bad;
        EXPECT_EQ(loaded.error().code, ErrorCode::NotFound) << bad;
    }
    store_->removeInput(*name);
    EXPECT_FALSE(store_->loadInput(*name).ok());
    store_->removeInput("../../secret");
    EXPECT_TRUE(fs::exists(dir_ / "secret"));
}

TEST_F(PictureStoreTest, TheSweepAtStartTakesLeftOversOnly) {
    writeFile(output() / "._part-0123456789abcdef", "half");
    writeFile(output() / "mine.png", "whole");
    writeFile(output() / "._other", "not ours");
    const auto kept = store_->saveInput("aaaa", "x", ".png");
    const auto dropped = store_->saveInput("bbbb", "x", ".png");
    writeFile(dir_ / "jobs-data" / "inputs" / "._part-1", "half");
    store_->sweep([&](const std::string& name) { return name == *kept; });
    EXPECT_EQ(files(), (Names{"mine.png", "._other"}));
    EXPECT_TRUE(store_->loadInput(*kept).ok());
    EXPECT_FALSE(store_->loadInput(*dropped).ok());
    EXPECT_FALSE(fs::exists(dir_ / "jobs-data" / "inputs" / "._part-1"));
}

TEST(InputDirectory, StandsBesideTheDatabase) {
    EXPECT_EQ(inputDirectoryFor("/data/jobs.db"), "/data/jobs-data/inputs");
    EXPECT_EQ(inputDirectoryFor("jobs.db"), "jobs-data/inputs");
}

}  // namespace
