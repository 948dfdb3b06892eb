// Throwing pictures away and getting them back, also when a crash came in between: what it leaves
// is put there by hand.
#include "pipeline/trash.hpp"

#include <atomic>
#include <filesystem>
#include <thread>

#include "unit/store/picture_bytes.hpp"
#include "unit/store/store_fixture.hpp"

namespace {

using namespace host::store;
using host::ErrorCode;
using host::pipeline::Trash;
using host::pipeline::TrashOptions;
namespace fs = std::filesystem;
using Kind = ImageChange::Kind;
using test::readFile;
using test::writeFile;

class TrashTest : public test::StoreTest {
  protected:
    void SetUp() override {
        StoreTest::SetUp();
        fs::create_directory(output());
        ChangeSet set;
        set.outputFolder = TrashFolder(output()).outputIdentity();
        commit(set);
    }
    fs::path output() const { return dir_ / "out"; }
    fs::path trashPath(const std::string& name) const { return output() / ".trash" / name; }
    // A picture of ours with its file, whose content is its name.
    void addPicture(const std::string& name, const std::string& prompt = "a prompt") {
        writeFile(output() / name, name);
        commit(test::addImages({test::makeImage(name, 5, prompt)}));
    }
    void markTrashed(const std::string& name, const std::string& trashFile) {
        ChangeSet set;
        set.imageChanges.push_back({name, Kind::Trash, 900, trashFile});
        commit(set);
    }
    std::unique_ptr<Trash> trash(int days = 30) {
        TrashOptions options;
        options.days = days;
        options.now = [this] { return now_.load(); };
        options.onRemoved = [this](const std::string& name) { removed_.push_back(name); };
        return std::make_unique<Trash>(*store_, output(), options);
    }
    std::vector<std::string> events() {
        std::vector<std::string> data;
        const auto rows = store_->events(0, 100, "");
        for (const EventRow& row : *rows) {
            host::Json json = host::Json::parse(row.data);
            json.erase("time");
            json.erase("job_id");
            data.push_back(row.type + json.dump());
        }
        return data;
    }
    std::vector<std::string> inTrash() const {
        std::vector<std::string> names;
        if (!fs::exists(output() / ".trash")) return names;
        for (const auto& entry : fs::directory_iterator(output() / ".trash"))
            names.push_back(entry.path().filename().string());
        return names;
    }
    // Waits for the housekeeper.
    void expectGone(const std::string& name) {
        const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
        while (store_->image(name)->has_value() && std::chrono::steady_clock::now() < until)
            std::this_thread::yield();
        EXPECT_FALSE(store_->image(name)->has_value()) << name;
    }

    std::atomic<double> now_ = 1000;
    std::vector<std::string> removed_;
};

TEST_F(TrashTest, APictureGoesAndComesBackWithAllThatIsKnownOfIt) {
    addPicture("a.png");
    const auto trash = this->trash();
    const auto gone = trash->put("a.png");
    ASSERT_TRUE(gone.ok()) << gone.error().message;
    EXPECT_EQ(gone->trashedAt, 1000);
    EXPECT_FALSE(fs::exists(output() / "a.png"));
    EXPECT_EQ(readFile(trashPath(gone->trashFile)), "a.png");
    now_ = 2000;
    EXPECT_EQ(trash->put("a.png")->trashedAt, 1000) << "a repeat changes nothing";
    EXPECT_EQ(trash->expiry(1000), 1000 + 30 * 86400.0);

    ASSERT_TRUE(trash->restore("a.png").ok());
    EXPECT_EQ(readFile(output() / "a.png"), "a.png");
    EXPECT_EQ(inTrash().size(), 0U);
    EXPECT_EQ((*store_->image("a.png"))->prompt, "a prompt");
    EXPECT_FALSE((*store_->image("a.png"))->trashedAt);
    EXPECT_TRUE(trash->restore("a.png").ok()) << "a repeat changes nothing";
    EXPECT_EQ(events(), (std::vector<std::string>{R"(image{"filename":"a.png","trashed":true})",
                                                  R"(image{"filename":"a.png","trashed":false})"}));
}

TEST_F(TrashTest, WhatIsNotThereIsNotFound) {
    addPicture("gone.png");
    fs::remove(output() / "gone.png");
    const auto trash = this->trash();
    for (const char* name : {"never.png", "", "..", "../jobs.db", ".trash/x", "gone.png"}) {
        EXPECT_EQ(trash->put(name).error().code, ErrorCode::NotFound) << name;
        EXPECT_EQ(trash->restore(name).error().code, ErrorCode::NotFound) << name;
    }
    EXPECT_FALSE(store_->image("gone.png")->has_value()) << "its row went with it";
    EXPECT_EQ(inTrash().size(), 0U);
    EXPECT_EQ(removed_, std::vector<std::string>{"gone.png"});
}

TEST_F(TrashTest, ANameThatWasTakenMeanwhileIsNeverReplaced) {
    addPicture("a.png");
    const auto trash = this->trash();
    const std::string trashFile = trash->put("a.png")->trashFile;
    writeFile(output() / "a.png", "another");
    auto back = trash->restore("a.png");
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error().code, ErrorCode::Validation);
    EXPECT_EQ(readFile(output() / "a.png"), "another");
    EXPECT_EQ(readFile(trashPath(trashFile)), "a.png");
    EXPECT_TRUE((*store_->image("a.png"))->trashedAt);

    // And once the new picture has a row: the old one is told by its new name.
    commit(test::addImages({test::makeImage("a.png", 9, "another")}));
    back = trash->restore("a.png");
    ASSERT_FALSE(back.ok());
    EXPECT_EQ(back.error().code, ErrorCode::Validation);
    EXPECT_NE(back.error().message.find("a-2.png"), std::string::npos) << back.error().message;
    ASSERT_TRUE(trash->restore("a-2.png").ok());
    EXPECT_EQ(readFile(output() / "a-2.png"), "a.png");
    EXPECT_EQ((*store_->image("a-2.png"))->prompt, "a prompt");
}

TEST_F(TrashTest, ACrashBeforeTheFileMovedLeavesThePictureWhereItWas) {
    addPicture("a.png");
    markTrashed("a.png", "0123abcd-a.png");
    ASSERT_TRUE(trash()->reconcile().ok());
    EXPECT_FALSE((*store_->image("a.png"))->trashedAt);
    EXPECT_EQ(readFile(output() / "a.png"), "a.png");
}

TEST_F(TrashTest, ACrashAfterTheFileCameBackFinishesTheRestore) {
    addPicture("a.png");
    {
        const auto trash = this->trash();
        const std::string trashFile = trash->put("a.png")->trashFile;
        fs::rename(trashPath(trashFile), output() / "a.png");
    }
    ASSERT_TRUE(trash()->reconcile().ok());
    EXPECT_FALSE((*store_->image("a.png"))->trashedAt);
    EXPECT_EQ((*store_->image("a.png"))->trashFile, "");
}

TEST_F(TrashTest, AFileInTheTrashWithoutItsRowsWordForItIsThrownAway) {
    // The row is older than the move: out of a backup, say.
    addPicture("a.png");
    fs::create_directory(output() / ".trash");
    fs::rename(output() / "a.png", trashPath("0123abcd-a.png"));
    const auto trash = this->trash();
    ASSERT_TRUE(trash->reconcile().ok());
    EXPECT_EQ((*store_->image("a.png"))->trashFile, "0123abcd-a.png");
    ASSERT_TRUE(trash->restore("a.png").ok());
    EXPECT_EQ(readFile(output() / "a.png"), "a.png");
}

TEST_F(TrashTest, APictureDeletedByHandInTheTrashLosesItsRow) {
    addPicture("a.png");
    addPicture("b.png");
    const auto trash = this->trash();
    fs::remove(trashPath(trash->put("a.png")->trashFile));
    fs::remove(trashPath(trash->put("b.png")->trashFile));
    EXPECT_EQ(trash->restore("a.png").error().code, ErrorCode::NotFound);
    ASSERT_TRUE(trash->reconcile().ok());
    EXPECT_FALSE(store_->image("a.png")->has_value());
    EXPECT_FALSE(store_->image("b.png")->has_value());
    EXPECT_EQ(removed_, (std::vector<std::string>{"a.png", "b.png"}));
}

TEST_F(TrashTest, AnEmptyDiskInPlaceOfTheFolderTakesNoRowsAway) {
    addPicture("a.png");
    const auto trash = this->trash();
    ASSERT_TRUE(trash->put("a.png").ok());
    fs::rename(output(), dir_ / "away");
    fs::create_directory(output());
    ASSERT_TRUE(trash->reconcile().ok());
    EXPECT_TRUE(store_->image("a.png")->has_value());
    fs::remove_all(output());
    fs::rename(dir_ / "away", output());
    EXPECT_TRUE(trash->restore("a.png").ok());
}

TEST_F(TrashTest, AfterItsDaysAPictureGoesForGood) {
    for (const char* name : {"old.png", "young.png", "back.png"})
        addPicture(name);
    const auto trash = this->trash(3);
    ASSERT_TRUE(trash->put("old.png").ok());
    ASSERT_TRUE(trash->put("back.png").ok());
    ASSERT_TRUE(trash->restore("back.png").ok());
    now_ = 1000 + 2 * 86400;
    ASSERT_TRUE(trash->put("young.png").ok());
    writeFile(trashPath("nobodys.png"), "came here by hand");
    now_ = 1001 + 3 * 86400;
    trash->start();
    expectGone("old.png");
    trash->stop();
    EXPECT_TRUE(store_->image("young.png")->has_value());
    EXPECT_TRUE(fs::exists(output() / "back.png"));
    EXPECT_EQ(inTrash().size(), 2U) << "the young one, and the one that is nobody's";
    EXPECT_EQ(removed_, std::vector<std::string>{"old.png"});
    EXPECT_EQ(events().back(), R"(image{"filename":"old.png","removed":true})");

    now_ = 1e11;  // long after
    ASSERT_TRUE(this->trash(3)->reconcile().ok());
    EXPECT_EQ(inTrash().size(), 1U) << "nobody's files do not stay for ever";
}

TEST_F(TrashTest, ZeroDaysMeanAtOnce) {
    addPicture("a.png");
    const auto trash = this->trash(0);
    trash->start();
    ASSERT_TRUE(trash->put("a.png").ok());
    expectGone("a.png");
    trash->stop();
    EXPECT_EQ(inTrash().size(), 0U);
}

TEST_F(TrashTest, ManyAtOnceLeaveEveryPictureInOnePlace) {
    addPicture("a.png");
    const auto trash = this->trash();
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&, i] {
            for (int turn = 0; turn < 25; ++turn) {
                const auto done = i % 2 == 0 ? trash->put("a.png") : trash->restore("a.png");
                EXPECT_TRUE(done.ok()) << (done.ok() ? "" : done.error().message);
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    ASSERT_TRUE(trash->restore("a.png").ok());
    EXPECT_EQ(readFile(output() / "a.png"), "a.png");
    EXPECT_EQ(inTrash().size(), 0U);
}

}  // namespace
