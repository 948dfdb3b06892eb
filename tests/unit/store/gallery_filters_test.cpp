// Filters, the trash and searching by parts of words, alone and together.
#include <algorithm>

#include "store/sqlite/connection.hpp"
#include "store/sqlite/schema.hpp"
#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addImages;
using test::makeImage;
using Kind = ImageChange::Kind;
using Names = std::vector<std::string>;

class GalleryFiltersTest : public test::StoreTest {
  protected:
    // All pages, one picture each, so that every cursor is used.
    Names names(ImageQuery query) {
        Names found;
        query.limit = 1;
        for (int guard = 0; guard < 100; ++guard) {
            const auto page = store_->images(query);
            EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message);
            if (!page.ok()) break;
            for (const ImageRow& image : page->images)
                found.push_back(image.filename);
            if (page->nextCursor.empty()) break;
            query.cursor = page->nextCursor;
        }
        return found;
    }
    Names search(const std::string& text) { return names({.text = text}); }
    bool change(const std::string& name, Kind kind, const std::string& trashFile = "",
                double at = 0) {
        ChangeSet set;
        set.imageChanges.push_back({name, kind, at, trashFile});
        return !commit(set).imageGone;
    }
};

TEST_F(GalleryFiltersTest, EveryFilterGoesWithEveryOther) {
    ImageRow other = makeImage("d.png", 4, "a harbour");
    other.endpoint = "Studio B";
    other.jobId = "0000000b";
    ImageRow first = makeImage("a.png", 1, "a harbour");
    first.jobId = "0000000a";
    commit(addImages({first, makeImage("b.png", 2, "a boat"), makeImage("c.png", 3, "a harbour"),
                      other, makeImage("e.png", 5, "a harbour")}));
    for (const char* name : {"a.png", "b.png", "d.png", "e.png"})
        EXPECT_TRUE(change(name, Kind::Star));
    EXPECT_TRUE(change("e.png", Kind::Trash, "t-e", 100));
    EXPECT_TRUE(change("c.png", Kind::Trash, "t-c", 101));

    EXPECT_EQ(names({}), (Names{"d.png", "b.png", "a.png"}));
    EXPECT_EQ(names({.starred = true}), (Names{"d.png", "b.png", "a.png"}));
    EXPECT_EQ(names({.trashed = true}), (Names{"e.png", "c.png"}));
    EXPECT_EQ(names({.starred = true, .trashed = true}), (Names{"e.png"}));
    EXPECT_EQ(names({.endpoint = "Studio B", .starred = true}), (Names{"d.png"}));
    EXPECT_EQ(names({.endpoint = "Studio A", .trashed = true}), (Names{"e.png", "c.png"}));
    EXPECT_EQ(names({.jobId = "0000000b"}), (Names{"d.png"}));
    EXPECT_EQ(names({.endpoint = "Studio A", .jobId = "0000000b"}), Names{});
    EXPECT_EQ(names({.jobId = "0000000a", .trashed = true}), Names{});
    EXPECT_EQ(search("harbour"), (Names{"d.png", "a.png"}));
    EXPECT_EQ(names({.text = "harbour", .trashed = true}), (Names{"e.png", "c.png"}));
    EXPECT_EQ(names({.text = "harbour", .starred = true, .trashed = true}), (Names{"e.png"}));
    EXPECT_EQ(names({.text = "harbour", .endpoint = "Studio A", .starred = true}),
              (Names{"a.png"}));
    EXPECT_EQ(names({.text = "harbour", .jobId = "0000000a"}), (Names{"a.png"}));
    EXPECT_EQ(search("starred"), Names{}) << "our own marks are no words of the prompt";
    EXPECT_TRUE(change("a.png", Kind::Unstar));
    EXPECT_EQ(names({.text = "harbour", .starred = true}), (Names{"d.png"}));
    for (const char* hostile : {"\"", "0000000a\" OR \"x", "!!", ""})
        EXPECT_TRUE(store_->images({.text = "harbour", .jobId = hostile}).ok()) << hostile;
}

TEST_F(GalleryFiltersTest, AStarSurvivesTheTrashAndARestart) {
    commit(addImages({makeImage("a.png", 1, "a harbour")}));
    EXPECT_TRUE(change("a.png", Kind::Star));
    EXPECT_TRUE(change("a.png", Kind::Trash, "t-a", 100.5));
    reopen();
    auto row = *store_->image("a.png");
    EXPECT_TRUE(row->starred);
    EXPECT_EQ(row->trashedAt, 100.5);
    EXPECT_EQ(row->trashFile, "t-a");
    EXPECT_EQ(row->prompt, "a harbour");
    EXPECT_TRUE(*store_->knowsTrashFile("t-a"));
    EXPECT_FALSE(*store_->knowsTrashFile(""));
    EXPECT_TRUE(change("a.png", Kind::Restore, "t-a"));
    row = *store_->image("a.png");
    EXPECT_TRUE(row->starred);
    EXPECT_FALSE(row->trashedAt.has_value());
    EXPECT_EQ(search("harbour"), Names{"a.png"});
}

TEST_F(GalleryFiltersTest, AChangeFromAnotherStateIsRefusedWhole) {
    commit(addImages({makeImage("a.png", 1)}));
    EXPECT_FALSE(change("never.png", Kind::Star));
    EXPECT_FALSE(change("a.png", Kind::Restore, "t-a"));
    EXPECT_TRUE(change("a.png", Kind::Trash, "t-a", 1));
    EXPECT_FALSE(change("a.png", Kind::Trash, "t-b", 2)) << "thrown away once";
    EXPECT_FALSE(change("a.png", Kind::Restore, "t-b")) << "of another trash file";
    ChangeSet set;
    set.imageChanges.push_back({"never.png", Kind::Star});
    set.images.push_back(makeImage("b.png", 2));
    set.events.push_back({.time = 1, .type = "image", .data = "{}"});
    EXPECT_TRUE(commit(set).imageGone);
    EXPECT_FALSE(store_->image("b.png")->has_value());
    EXPECT_EQ(store_->events(0, 10, "")->size(), 0U);
}

TEST_F(GalleryFiltersTest, ThePictureInTheTrashGivesItsNameToANewOne) {
    commit(addImages({makeImage("a.png", 1, "the old one"), makeImage("a-2.png", 2)}));
    EXPECT_TRUE(change("a.png", Kind::Star));
    EXPECT_TRUE(change("a.png", Kind::Trash, "t-a", 100));

    ImageRow found;
    found.filename = "a.png";
    found.mtime = 50;
    ChangeSet set;
    set.foundImages = {found};
    commit(set);
    EXPECT_TRUE((*store_->image("a.png"))->trashedAt) << "it may be on its way to the trash";
    set.foundImages[0].trashFile = "t-a";
    commit(set);
    EXPECT_FALSE((*store_->image("a.png"))->trashedAt);
    EXPECT_FALSE((*store_->image("a.png"))->starred);
    const auto old = *store_->displacedImage("a.png");
    ASSERT_TRUE(old.has_value());
    EXPECT_EQ(old->filename, "a-3.png");
    EXPECT_EQ(old->prompt, "the old one");
    EXPECT_EQ(old->trashFile, "t-a");
    EXPECT_TRUE(old->starred);
    EXPECT_EQ(names({.text = "old", .trashed = true}), Names{"a-3.png"});

    // A picture of the pipeline takes the name in the same way.
    EXPECT_TRUE(change("a.png", Kind::Trash, "t-b", 200));
    commit(addImages({makeImage("a.png", 60, "the new one")}));
    EXPECT_EQ((*store_->displacedImage("a.png"))->trashFile, "t-b");
    EXPECT_EQ((*store_->image("a.png"))->prompt, "the new one");
    EXPECT_EQ(names({.trashed = true}).size(), 2U);
    EXPECT_FALSE(store_->displacedImage("")->has_value());
}

TEST_F(GalleryFiltersTest, ALongNameThatIsGivenUpStaysAFileName) {
    const std::string name = std::string(251, 'x') + ".png";
    commit(addImages({makeImage(name, 1)}));
    EXPECT_TRUE(change(name, Kind::Trash, "t-a", 100));
    commit(addImages({makeImage(name, 2)}));
    const auto old = *store_->displacedImage(name);
    ASSERT_TRUE(old.has_value());
    EXPECT_LE(old->filename.size(), 255U);
    EXPECT_TRUE(old->filename.ends_with(".png"));
}

TEST_F(GalleryFiltersTest, WhatIsInTheTrashIsListedByWhenItCameThere) {
    commit(addImages({makeImage("a.png", 1), makeImage("b.png", 2), makeImage("c.png", 3),
                      makeImage("d.png", 4)}));
    EXPECT_TRUE(change("a.png", Kind::Trash, "t2", 20));
    EXPECT_TRUE(change("b.png", Kind::Trash, "t1", 20));
    EXPECT_TRUE(change("c.png", Kind::Trash, "t0", 30));
    const auto before = store_->trashedImages(0, "", 30, 10);
    ASSERT_EQ(before->size(), 2U);
    EXPECT_EQ((*before)[0].filename, "b.png");
    EXPECT_EQ((*before)[1].filename, "a.png");
    const auto next = store_->trashedImages(20, "t1", std::nullopt, 10);
    ASSERT_EQ(next->size(), 2U);
    EXPECT_EQ((*next)[0].filename, "a.png");
    EXPECT_EQ((*next)[1].filename, "c.png");

    ChangeSet set;
    set.removedImages = {"a.png", "d.png"};
    set.removedTrash = {"t1", ""};
    commit(set);
    EXPECT_TRUE(store_->image("a.png")->has_value()) << "only its file left the output folder";
    EXPECT_FALSE(store_->image("b.png")->has_value());
    EXPECT_TRUE(store_->image("c.png")->has_value());
    EXPECT_FALSE(store_->image("d.png")->has_value());
}

TEST_F(GalleryFiltersTest, ALastWordThatIsNoWholeOneIsTheBeginningOfOne) {
    commit(addImages({makeImage("a.png", 1, "a stormy harbour"), makeImage("b.png", 2, "harbours"),
                      makeImage("c.png", 3, "a dove"), makeImage("d.png", 4, "do not disturb")}));
    EXPECT_EQ(search("harb"), (Names{"b.png", "a.png"}));
    EXPECT_EQ(search("stormy harb"), (Names{"a.png"}));
    EXPECT_EQ(search("harbour"), (Names{"a.png"})) << "whole words first";
    EXPECT_EQ(search("storm harbour"), Names{}) << "only the last word";
    EXPECT_EQ(search("do"), (Names{"d.png"}));
    EXPECT_EQ(search("st"), Names{}) << "too short";
    EXPECT_EQ(search("\xF0\x9F\x8E\xA8"), Names{});
}

TEST_F(GalleryFiltersTest, ScriptsWithoutSpacesAreFoundByAnyPart) {
    commit(addImages({makeImage("a.png", 1, "東京の夜景, neon"), makeImage("b.png", 2, "京都の夜"),
                      makeImage("c.png", 3, "서울의 밤"), makeImage("夜.png", 4, "plain")}));
    EXPECT_EQ(search("夜"), (Names{"夜.png", "b.png", "a.png"}));
    EXPECT_EQ(search("夜景"), (Names{"a.png"}));
    EXPECT_EQ(search("東京"), (Names{"a.png"}));
    EXPECT_EQ(search("京"), (Names{"b.png", "a.png"}));
    EXPECT_EQ(search("景東"), Names{});
    EXPECT_EQ(search("neon夜景"), (Names{"a.png"}));
    EXPECT_EQ(search("夜景 neon"), (Names{"a.png"}));
    EXPECT_EQ(search("서울"), (Names{"c.png"}));
}

TEST_F(GalleryFiltersTest, AGalleryOfTheFirstVersionKeepsItsPicturesAndIsSearchable) {
    store_.reset();
    std::filesystem::remove(database());
    {
        auto connection = Connection::open(database().string(), {});
        ASSERT_TRUE(connection.ok());
        ASSERT_TRUE(migrate(**connection, {migrations().front()}, "x").ok());
        (*connection)
            ->executeOnce(
                "INSERT INTO images(id, filename, job_id, endpoint, prompt, size, mtime, starred)"
                " VALUES (4194304000, 'a.png', '0000000a', 'Studio A', 'a harbour 夜景', 5, 2, 1),"
                " (2097152000, 'b.png', '', '', '', 5, 1, 0)");
        ASSERT_FALSE((*connection)->failed()) << (*connection)->failureText();
        EXPECT_EQ((*connection)->askOnce("PRAGMA user_version"), "1");
    }
    open();
    EXPECT_EQ(names({}), (Names{"a.png", "b.png"}));
    EXPECT_EQ(names({.text = "harbour", .jobId = "0000000a", .starred = true}), Names{"a.png"});
    EXPECT_EQ(search("夜"), Names{"a.png"});
    EXPECT_TRUE(change("b.png", Kind::Trash, "t-b", 100));
    EXPECT_EQ(names({.trashed = true}), Names{"b.png"});
    commit(addImages({makeImage("c.png", 3, "a harbour")}));
    EXPECT_EQ(search("harbour"), (Names{"c.png", "a.png"}));
}

}  // namespace
