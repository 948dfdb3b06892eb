// A picture gets its metadata on its way to the disk, and never suffers from it.
#include <gtest/gtest.h>

#include <set>

#include "common/temp_dir.hpp"
#include "imaging/metadata.hpp"
#include "store/disk_picture_store.hpp"
#include "support/image_info.hpp"
#include "unit/store/picture_bytes.hpp"

namespace host::store {

namespace {

namespace fs = std::filesystem;

class PictureStampTest : public testing::Test {
  protected:
    void SetUp() override {
        auto opened = openDiskPictureStore(output(), dir_ / "in");
        ASSERT_TRUE(opened.ok()) << opened.error().message;
        store_ = std::move(*opened);
    }
    fs::path output() const { return dir_ / "out"; }

    // The facts of the picture that was stored as "picture" with its extension.
    PictureFacts store(const std::string& bytes) {
        auto incoming = store_->receive();
        EXPECT_TRUE(incoming.ok());
        EXPECT_TRUE((*incoming)->write(std::as_bytes(std::span(bytes))).ok());
        const auto facts = (*incoming)->finish([this](const PictureFacts& seen) {
            seen_ = seen;
            imaging::Generation generation;
            generation.prompt = "a boat";
            generation.seed = 7;
            generation.request = {{"prompt", "a boat"}, {"seed", 7}};
            return imaging::makeStamp(generation, {{"job_id", "0123abcd"}});
        });
        EXPECT_TRUE(facts.ok()) << facts.error().message;
        EXPECT_TRUE((*incoming)->planName("picture").ok());
        EXPECT_TRUE((*incoming)->place().ok());
        return *facts;
    }
    std::string stored(const std::string& name) const { return test::readFile(output() / name); }
    static imaging::Metadata metadataOf(const std::string& bytes) {
        imaging::MemorySource source(bytes);
        return imaging::readMetadata(source);
    }
    std::set<std::string> files() const {
        std::set<std::string> names;
        for (const auto& entry : fs::directory_iterator(output())) {
            if (entry.is_regular_file()) names.insert(entry.path().filename().string());
        }
        return names;
    }

    test::TempDir dir_;
    std::unique_ptr<PictureStore> store_;
    PictureFacts seen_;
};

TEST_F(PictureStampTest, IsReadBackFromEveryFormatThatHasAPlaceForIt) {
    for (const char* sample : {"grey16.png", "plain.jpg", "lossy.webp", "alpha.webp"}) {
        const std::string bytes = test::readFile(fs::path(IPL_TEST_DATA) / "pictures" / sample);
        const auto info = readImageInfo(bytes);
        ASSERT_TRUE(info) << sample;
        const PictureFacts facts = store(bytes);
        EXPECT_EQ(seen_.width, info->width) << "the stamp may tell the true size";
        EXPECT_EQ(seen_.height, info->height);
        const std::string name = "picture" + facts.extension;
        EXPECT_EQ(files(), std::set<std::string>{name}) << "no other file is left over";
        const std::string kept = stored(name);
        EXPECT_EQ(facts.size, kept.size()) << "the facts are those of the file as it is kept";
        EXPECT_GT(kept.size(), bytes.size());
        const auto generation = metadataOf(kept).generation;
        ASSERT_TRUE(generation) << facts.extension;
        EXPECT_EQ(generation->prompt, "a boat");
        EXPECT_EQ(generation->seed, 7);
        EXPECT_EQ(generation->jobId, "0123abcd");
        fs::remove(output() / name);
    }
}

TEST_F(PictureStampTest, APictureWithoutAPlaceForItStaysAsItCame) {
    const std::string bytes = test::gif(4, 3);
    const PictureFacts facts = store(bytes);
    EXPECT_EQ(stored("picture.gif"), bytes);
    EXPECT_EQ(facts.size, bytes.size());
}

}  // namespace

}  // namespace host::store
