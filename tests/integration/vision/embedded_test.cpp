// The embedded eye, which needs no model at all, and pictures that mean no good.
#include <Poco/Checksum.h>
#include <Poco/DeflatingStream.h>

#include <sstream>

#include "integration/faults/process_figures.hpp"
#include "integration/support/health_pulse.hpp"
#include "integration/vision/vision_fixture.hpp"

namespace test {

namespace {

using host::Json;
using testing::ElementsAre;

std::string bigEndian(std::uint32_t number) {
    std::string bytes;
    for (int shift = 24; shift >= 0; shift -= 8)
        bytes += static_cast<char>(number >> shift & 0xFF);
    return bytes;
}

std::string chunk(const std::string& type, const std::string& data) {
    Poco::Checksum sum(Poco::Checksum::TYPE_CRC32);
    sum.update(type + data);
    return bigEndian(static_cast<std::uint32_t>(data.size())) + type + data +
           bigEndian(sum.checksum());
}

// Grey, all black; `rows` of its rows are there.
std::string greyPng(std::uint32_t width, std::uint32_t height, std::uint32_t rows) {
    std::ostringstream packed;
    Poco::DeflatingOutputStream pixels(packed, Poco::DeflatingStreamBuf::STREAM_ZLIB, 1);
    const std::string row(width + 1, '\0');
    for (std::uint32_t y = 0; y < rows; ++y)
        pixels << row;
    pixels.close();
    return "\x89PNG\r\n\x1a\n" +
           chunk("IHDR", bigEndian(width) + bigEndian(height) + std::string("\x08\0\0\0\0", 5)) +
           chunk("IDAT", packed.str()) + chunk("IEND", "");
}

// A header of the largest size there is, and no pixels.
std::string hugeDimensions() {
    return "\x89PNG\r\n\x1a\n" +
           chunk("IHDR",
                 bigEndian(0x7fffffff) + bigEndian(0x7fffffff) + std::string("\x08\0\0\0\0", 5)) +
           chunk("IDAT", "") + chunk("IEND", "");
}

class EmbeddedEye : public ::testing::Test {
  protected:
    void SetUp() override { host_.start(); }
    HttpAnswer look(const std::string& picture) { return analyze(visionOf(host_), picture); }
    HostProcess host_;
};

TEST_F(EmbeddedEye, LooksAtEveryFormat) {
    for (const char* name : {"plain.jpg", "progressive.jpg", "orientation6.jpg", "alpha.png",
                             "grey16.png", "palette_interlaced.png", "lossy.webp", "lossless.webp",
                             "animated.webp", "animated.gif"}) {
        const HttpAnswer answer = look(samplePicture(name));
        ASSERT_EQ(answer.status, 200) << name << ": " << answer.body;
        EXPECT_GE(answer.json()["color_palette"].size(), 1U) << name;
        EXPECT_EQ(answer.json()["subjects"], Json::array()) << "recognises nothing, and says so";
    }
}

TEST_F(EmbeddedEye, SaysThatItIsEmbedded) {
    EXPECT_TRUE(eventually(
        [&] { return visionOf(host_).get("/health").json().value("llm", "") == "embedded"; }));
    const Json health = visionOf(host_).get("/health").json();
    EXPECT_EQ(health["status"], "healthy");
    EXPECT_EQ(health["model"], "lens");
    const Json models = visionOf(host_).get("/api/models").json();
    EXPECT_EQ(models["data"][0]["id"], "lens");
    EXPECT_EQ(models["default_model"], "lens");
}

TEST_F(EmbeddedEye, SteeringColoursWhatItSays) {
    const std::string picture = samplePicture("plain.jpg");
    const Json plain = analyze(visionOf(host_), picture).json();
    const Json steered = analyze(visionOf(host_), picture, "film noir").json();
    EXPECT_NE(plain.dump(), steered.dump());
    EXPECT_NE(steered.dump().find("film noir"), std::string::npos);
}

TEST_F(EmbeddedEye, HostilePicturesGetTheContractsError) {
    const std::string jpeg = samplePicture("plain.jpg");
    const std::string png = samplePicture("alpha.png");
    const std::pair<std::string, const char*> cases[] = {
        {png.substr(0, png.size() / 2), "INVALID_IMAGE_FORMAT"},  // truncated
        {jpeg.substr(0, 30), "INVALID_IMAGE_FORMAT"},             // a header alone
        {"just some text", "INVALID_IMAGE_FORMAT"},               // named like a picture
        {"<svg xmlns='http://www.w3.org/2000/svg'/>", "INVALID_IMAGE_FORMAT"},
        {"\x89PNG\r\n\x1a\n", "INVALID_IMAGE_FORMAT"},
        {std::string("GIF89a\x10\0\x10\0", 10) + std::string(100, '\xff'), "INVALID_IMAGE_FORMAT"},
        {"GIF89a" + std::string(100, '\xff'), "IMAGE_TOO_LARGE"},  // 65535 x 65535
        {std::string("RIFF\xff\xff\xff\xffWEBPVP8 ", 16) + std::string(100, 'x'),
         "INVALID_IMAGE_FORMAT"},
        {greyPng(60'000, 60'000, 10), "IMAGE_TOO_LARGE"},  // 3.6 billion pixels
        {hugeDimensions(), "IMAGE_TOO_LARGE"},
        {png + std::string(11 * 1024 * 1024, 'x'), "IMAGE_TOO_LARGE"},  // 11 MB
    };
    const HealthPulse pulse(host_, "json_from_image");
    Figures before;
    for (int round = 0; round < 3; ++round) {
        for (const auto& [picture, code] : cases) {
            const HttpAnswer answer = look(picture);
            EXPECT_EQ(answer.status, 400) << picture.substr(0, 20) << ": " << answer.body;
            EXPECT_EQ(codeOf(answer), code) << answer.body;
        }
        if (round == 0) before = atRest(host_.process().pid());
    }
    expectBackToRest(host_.process().pid(), before);
    EXPECT_EQ(look(jpeg).status, 200) << "nothing of it stays behind";
}

TEST_F(EmbeddedEye, ABombWithinTheBoundIsLookedAt) {
    const std::string bomb = greyPng(8'000, 7'900, 7'900);  // 63 million pixels
    ASSERT_LT(bomb.size(), 1U << 20);
    ASSERT_EQ(look(samplePicture("plain.jpg")).status, 200);
    const Figures before = atRest(host_.process().pid());
    const HealthPulse pulse(host_, "json_from_image");
    const HttpAnswer answer = look(bomb);
    EXPECT_EQ(answer.status, 200) << answer.body;
    expectBackToRest(host_.process().pid(), before);
}

TEST_F(EmbeddedEye, RequestsWithoutAPictureAreTold) {
    const HttpClient client = visionOf(host_);
    for (const HttpAnswer& answer :
         {client.post("/api/analyze", Json::object()),
          client.post("/api/analyze", {{"image_base64", ""}}),
          client.send("POST", "/api/analyze", {{"Content-Type", "application/json"}}, "{"),
          client.send("POST", "/api/analyze", {}, ""),
          client.send("POST", "/api/analyze", Form().field("steering", "x").headers(),
                      Form().field("steering", "x").body())}) {
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(codeOf(answer), "VALIDATION_ERROR") << answer.body;
    }
    EXPECT_EQ(codeOf(client.post("/api/analyze", {{"image_base64", "%%%"}})),
              "INVALID_IMAGE_FORMAT");
    const HttpAnswer both =
        client.post("/api/analyze", {{"steering", 1}, {"model", Json::array()}, {"mime", false}});
    EXPECT_EQ(both.json()["error"]["details"]["errors"].size(), 4U) << both.body;
    EXPECT_EQ(client.get("/api/analyze").status, 405);
}

}  // namespace

}  // namespace test
