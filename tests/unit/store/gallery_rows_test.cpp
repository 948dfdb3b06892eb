#include <algorithm>

#include "store_fixture.hpp"

namespace {

using namespace host::store;
using test::addImages;
using test::makeImage;

class GalleryRowsTest : public test::StoreTest {
  protected:
    std::vector<std::string> names(const ImageQuery& query, int* pages = nullptr) {
        std::vector<std::string> found;
        ImageQuery next = query;
        for (int guard = 0; guard < 1000; ++guard) {
            const auto page = store_->images(next);
            EXPECT_TRUE(page.ok()) << (page.ok() ? "" : page.error().message);
            if (!page.ok()) break;
            if (pages != nullptr) ++*pages;
            for (const ImageRow& image : page->images)
                found.push_back(image.filename);
            if (page->nextCursor.empty()) break;
            next.cursor = page->nextCursor;
        }
        return found;
    }
    std::vector<std::string> search(const std::string& text, const std::string& endpoint = "") {
        return names({.limit = 100, .text = text, .endpoint = endpoint});
    }
};

using Names = std::vector<std::string>;

TEST_F(GalleryRowsTest, NewestComeFirstThenByNameOnEveryPage) {
    // Many of the same time, in an order unlike the wanted one, some within one millisecond.
    ChangeSet change;
    for (const int i : {7, 3, 9, 1, 5, 0, 8, 2, 6, 4}) {
        change.images.push_back(makeImage("same" + std::to_string(i) + ".png", 1000, "harbour"));
    }
    change.images.push_back(makeImage("old.png", 10, "harbour"));
    change.images.push_back(makeImage("new.png", 2000.25, "harbour"));
    change.images.push_back(makeImage("newer.png", 2000.2501, "harbour"));
    change.images.push_back(makeImage("before1970.png", -5, "harbour"));
    change.images.push_back(makeImage("far.png", 1e12, "harbour"));
    commit(change);
    Names expected = {"far.png", "newer.png", "new.png"};
    for (int i = 0; i < 10; ++i)
        expected.push_back("same" + std::to_string(i) + ".png");
    expected.push_back("old.png");
    expected.push_back("before1970.png");
    for (const int limit : {1, 2, 3, 4, 7, 100}) {
        EXPECT_EQ(names({.limit = limit}), expected) << limit;
        EXPECT_EQ(names({.limit = limit, .text = "harbour"}), expected) << limit;
        EXPECT_EQ(names({.limit = limit, .endpoint = "Studio A"}), expected) << limit;
        EXPECT_EQ(names({.limit = limit, .text = "harbour", .endpoint = "Studio A"}), expected);
    }
}

TEST_F(GalleryRowsTest, PagesStayStableWhileNewPicturesArrive) {
    for (int i = 0; i < 9; ++i) {
        commit(addImages({makeImage("p" + std::to_string(i) + ".png", 100 + i)}));
    }
    const auto first = store_->images({.limit = 3});
    commit(addImages({makeImage("late.png", 500)}));
    const auto second = store_->images({.limit = 3, .cursor = first->nextCursor});
    ASSERT_EQ(second->images.size(), 3U);
    EXPECT_EQ(second->images[0].filename, "p5.png");
}

TEST_F(GalleryRowsTest, ARowComesBackWhole) {
    ImageRow image = makeImage("gen_a.png", 1234.56789, "a red \"door\"");
    image.jobId = "abcd0123";
    image.run = 3;
    image.seed = 9007199254740991;
    commit(addImages({image}));
    const auto row = *store_->image("gen_a.png");
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->jobId, "abcd0123");
    EXPECT_EQ(row->run, 3);
    EXPECT_EQ(row->endpoint, "Studio A");
    EXPECT_EQ(row->prompt, "a red \"door\"");
    EXPECT_EQ(row->seed, 9007199254740991);
    EXPECT_EQ(row->width, 64U);
    EXPECT_EQ(row->height, 32U);
    EXPECT_EQ(row->size, 100U);
    EXPECT_EQ(row->mtime, 1234.56789);
    EXPECT_FALSE(row->starred);
    EXPECT_FALSE(store_->image("other.png")->has_value());
}

TEST_F(GalleryRowsTest, WordsAreFoundInPromptAndNameWhateverTheirCase) {
    commit(addImages({makeImage("gen_192_168_0_7_boat.png", 3, "A stormy HARBOUR at night"),
                      makeImage("b.png", 2, "desert noon, caf\u00e9"),
                      makeImage("c.png", 1, "a harbour in the desert")}));
    EXPECT_EQ(search("harbour"), (Names{"gen_192_168_0_7_boat.png", "c.png"}));
    EXPECT_EQ(search("Desert  HARBOUR"), (Names{"c.png"}));
    EXPECT_EQ(search("boat"), (Names{"gen_192_168_0_7_boat.png"}));
    EXPECT_EQ(search("cafe"), (Names{"b.png"}));
    EXPECT_EQ(search("studio"), Names{}) << "an endpoint's name is no part of the prompt";
    EXPECT_EQ(search("nothing"), Names{});
    EXPECT_EQ(search("   ").size(), 3U);
}

TEST_F(GalleryRowsTest, HostileSearchTextIsOnlyText) {
    commit(addImages({makeImage("a.png", 1, "say \"OR\" NOT the word NEAR prompt: x*")}));
    for (const char* text : {"\"",
                             "\"\"",
                             "'",
                             "''; DROP TABLE images; --",
                             "a OR",
                             "OR",
                             "NOT",
                             "AND AND",
                             "(",
                             ")",
                             "((((((",
                             "*",
                             "x*",
                             "^x",
                             "prompt:",
                             "{prompt}",
                             "NEAR(",
                             "NEAR(a b, 2)",
                             "-",
                             "+",
                             ":",
                             "\\",
                             "\xF0\x9F\x8E\xA8",
                             "\xff\xfe",
                             "a\x01"
                             "b",
                             "%",
                             "_",
                             "col : x",
                             ";"}) {
        const auto page = store_->images({.limit = 10, .text = text});
        EXPECT_TRUE(page.ok()) << text << ": " << (page.ok() ? "" : page.error().message);
    }
    EXPECT_TRUE(store_->images({.limit = 10, .text = std::string("say\0\"", 5)}).ok());
    EXPECT_TRUE(store_->images({.limit = 10, .text = std::string(100'000, '(')}).ok());
    std::string many;
    for (int i = 0; i < 20'000; ++i)
        many += "w" + std::to_string(i) + " ";
    EXPECT_TRUE(store_->images({.limit = 10, .text = many}).ok());
    EXPECT_EQ(search("OR NOT NEAR"), Names{"a.png"}) << "operators are words";
    EXPECT_EQ(search("say \xF0\x9F\x8E\xA8"), Names{"a.png"}) << "what is no word is passed over";
    EXPECT_TRUE(store_->image("a.png")->has_value());
}

TEST_F(GalleryRowsTest, SearchFollowsWhatChangesAndGoes) {
    commit(addImages({makeImage("a.png", 1, "first words")}));
    commit(addImages({makeImage("a.png", 5, "second thoughts")}));
    EXPECT_EQ(search("first"), Names{});
    EXPECT_EQ(search("second"), Names{"a.png"});
    ChangeSet change;
    change.removedImages = {"a.png", "never.png"};
    commit(change);
    EXPECT_EQ(search("second"), Names{});
    EXPECT_EQ(names({}), Names{});
}

TEST_F(GalleryRowsTest, EndpointsAreToldApartExactly) {
    ImageRow a = makeImage("a.png", 1, "door");
    ImageRow b = makeImage("b.png", 2, "door");
    a.endpoint = "Studio";
    b.endpoint = "Studio \"B\" \xC3\xA4!";
    commit(addImages({a, b}));
    EXPECT_EQ(search("door", "Studio"), Names{"a.png"});
    EXPECT_EQ(search("door", "Studio \"B\" \xC3\xA4!"), Names{"b.png"});
    EXPECT_EQ(search("", "Studio"), Names{"a.png"});
    EXPECT_EQ(search("door", "studio"), Names{});
}

TEST_F(GalleryRowsTest, AFoundPictureNeverOverwritesWhatThePipelineKnows) {
    commit(addImages({makeImage("a.png", 1, "known prompt")}));
    ImageRow found;
    found.filename = "a.png";
    found.size = 999;
    found.mtime = 50;
    ChangeSet change;
    change.foundImages = {found};
    found.filename = "dropped.jpg";
    change.foundImages.push_back(found);
    commit(change);
    const auto row = *store_->image("a.png");
    EXPECT_EQ(row->prompt, "known prompt");
    EXPECT_EQ(row->seed, 7);
    EXPECT_EQ(row->size, 999U);
    EXPECT_EQ(row->mtime, 50);
    EXPECT_FALSE(row->width.has_value());
    EXPECT_EQ(search("known"), Names{"a.png"});
    EXPECT_EQ(search("dropped"), Names{"dropped.jpg"});
    // And the pipeline's own row replaces one that was found first.
    commit(addImages({makeImage("dropped.jpg", 60, "mine")}));
    EXPECT_EQ((*store_->image("dropped.jpg"))->prompt, "mine");
}

TEST_F(GalleryRowsTest, KnownNamesAreListedForTheFolderScan) {
    commit(addImages({makeImage("b.png", 1), makeImage("a.png", 2), makeImage("c.png", 3)}));
    const auto after = store_->knownImagesAfter("a.png", 10);
    ASSERT_EQ(after->size(), 2U);
    EXPECT_EQ((*after)[0].filename, "b.png");
    EXPECT_EQ((*after)[0].mtime, 1);
    EXPECT_EQ((*after)[0].size, 100U);
    EXPECT_EQ(store_->knownImages({"x.png", "c.png"})->size(), 1U);
}

TEST_F(GalleryRowsTest, ACursorThatWasNeverGivenIsAFaultOfTheCaller) {
    for (const std::string cursor :
         {"x", "i", "j5", "i00zz", "i0000000000000000", "i7ff000000000000061",
          "i7ff80000000000006100", "i000000000000000061f", "i00000000000000006g"}) {
        const auto page = store_->images({.limit = 5, .cursor = cursor});
        ASSERT_FALSE(page.ok()) << cursor;
        EXPECT_EQ(page.error().code, host::ErrorCode::Validation);
    }
    EXPECT_FALSE(store_->images({.limit = 5, .cursor = std::string(100'000, 'a')}).ok());
}

}  // namespace
