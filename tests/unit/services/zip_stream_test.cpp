#include "services/gallery/zip_stream.hpp"

#include <stdexcept>

#include "common/temp_dir.hpp"

namespace {

using host::services::streamZip;
using host::services::ZipPicture;

// Keeps what is sent; a client that hangs up after so many bytes.
class Client : public host::http::StreamWriter {
  public:
    explicit Client(std::size_t patience = SIZE_MAX) : patience_(patience) {}
    bool write(std::string_view part) override {
        ++writes;
        if (clientGone()) return false;
        bytes += part;
        return true;
    }
    bool clientGone() override { return bytes.size() >= patience_; }
    bool endsAsAnArchive() const { return bytes.find("PK\x05\x06") != std::string::npos; }

    std::string bytes;
    int writes = 0;

  private:
    const std::size_t patience_;
};

class ZipStreamTest : public ::testing::Test {
  protected:
    void SetUp() override {
        for (const char* name : {"a.png", "b.png", "c.png"}) {
            test::writeFile(dir_ / name, std::string(1'000'000, name[0]));
            pictures_.push_back({name, name, 1'000'000});
        }
    }
    test::TempDir dir_;
    std::vector<ZipPicture> pictures_;
};

TEST_F(ZipStreamTest, SendsPicturesAsTheyAreInPieces) {
    Client client;
    streamZip(dir_.path(), pictures_, client);
    EXPECT_TRUE(client.endsAsAnArchive());
    EXPECT_NE(client.bytes.find(std::string(1'000'000, 'b')), std::string::npos);
    EXPECT_LT(client.bytes.size(), 3'001'000U);
    EXPECT_GT(client.writes, 10) << "not gathered in memory first";
}

TEST_F(ZipStreamTest, APictureThatIsGoneMeanwhileLeavesNoWholeArchive) {
    std::filesystem::remove(dir_ / "b.png");
    Client client;
    EXPECT_THROW(streamZip(dir_.path(), pictures_, client), std::runtime_error);
    EXPECT_FALSE(client.endsAsAnArchive());
}

TEST_F(ZipStreamTest, ALinkThatLeadsElsewhereIsNotFollowed) {
    test::writeFile(dir_ / "secret", "secret");
    std::filesystem::remove(dir_ / "b.png");
    std::filesystem::create_symlink(dir_ / "secret", dir_ / "b.png");
    Client client;
    EXPECT_THROW(streamZip(dir_.path(), pictures_, client), std::runtime_error);
    EXPECT_EQ(client.bytes.find("secret"), std::string::npos);
}

TEST_F(ZipStreamTest, AClientThatHangsUpEndsItQuietly) {
    Client client(300'000);
    streamZip(dir_.path(), pictures_, client);
    EXPECT_FALSE(client.endsAsAnArchive());
    EXPECT_LT(client.bytes.size(), 1'000'000U);
    EXPECT_LT(client.writes, 6);
}

}  // namespace
