// Thumbnails over HTTP: of every format, of hostile files, of very many.
#include "gallery_fixture.hpp"
#include "integration/support/health_pulse.hpp"

namespace test {

namespace {

using host::Json;
using Thumbnails = GalleryTest;

bool isWebp(const std::string& bytes) {
    return bytes.size() > 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP";
}

// A PNG that promises far more pixels than anybody has memory for.
std::string bomb() {
    std::string bytes = tinyPng();
    bytes.replace(16, 8, std::string("\x00\x01\x86\xa0\x00\x01\x86\xa0", 8));
    return bytes;
}

TEST_F(Thumbnails, AreWebpWithValidatorsAndAnswerConditions) {
    start();
    const std::string name = draw("x");
    const std::string url = entry(name)["thumbnail_url"];
    EXPECT_EQ(url, "/thumbnails/" + name);
    const HttpAnswer whole = client().get(url);
    EXPECT_EQ(whole.status, 200) << whole.body;
    EXPECT_TRUE(isWebp(whole.body));
    EXPECT_EQ(whole.header("Content-Type"), "image/webp");
    EXPECT_EQ(whole.header("Cache-Control"), "private, no-cache");
    const std::string tag = whole.header("ETag");
    ASSERT_NE(tag, "");
    EXPECT_EQ(client().get(url, {{"If-None-Match", tag}}).status, 304);
    EXPECT_EQ(client().send("HEAD", url, {}).header("Content-Length"),
              std::to_string(whole.body.size()));
    for (const char* service : {"json_from_image", "create_json"})
        EXPECT_EQ(HttpClient(host_->url(service)).get(url).body, whole.body);
    const Json job = statusOf(client(), entry(name)["job_id"]);
    EXPECT_EQ(imagesOf(job).at(0)["thumbnail_url"], url);

    // In the trash too, for the undo.
    client().del(path(name));
    EXPECT_EQ(client().get(url).body, whole.body);
}

TEST_F(Thumbnails, EveryFormatHasOneAndABrokenPictureIsToldApart) {
    start();
    const std::filesystem::path data = IPL_TEST_DATA "/pictures";
    for (const char* good :
         {"alpha.png", "grey16.png", "cmyk.jpg", "lossy.webp", "lossless.webp", "animated.webp"}) {
        drop(good, readFile(data / good));
        const HttpAnswer answer = client().get("/thumbnails/" + std::string(good));
        EXPECT_EQ(answer.status, 200) << good << answer.body;
        EXPECT_TRUE(isWebp(answer.body)) << good;
    }
    drop("A picture, \xC3\xA4.PNG", readFile(data / "alpha.png"));
    const Json spelled = entry("A picture, \xC3\xA4.PNG");
    EXPECT_TRUE(isWebp(client().get(spelled["thumbnail_url"]).body)) << spelled.dump();

    const HealthPulse pulse(*host_);
    drop("text.png", "no picture at all");
    EXPECT_EQ(entry("text.png")["thumbnail_url"], nullptr);
    drop("bomb.png", bomb());
    drop("cut.jpg", readFile(data / "cmyk.jpg").substr(0, 200));
    drop("empty.webp", "");
    for (const char* bad : {"text.png", "bomb.png", "cut.jpg", "empty.webp"}) {
        for (int repeat = 0; repeat < 2; ++repeat) {
            const HttpAnswer answer = client().get("/thumbnails/" + std::string(bad));
            expectError(answer, 404, "NOT_FOUND");
            EXPECT_LT(answer.seconds, 5) << bad;
        }
        EXPECT_EQ(client().get("/images/" + std::string(bad)).status, 200) << "still served whole";
    }
    expectError(client().get("/thumbnails/never.png"), 404, "NOT_FOUND");
    expectError(client().get("/thumbnails/..%2fjobs.db"), 404, "NOT_FOUND");
    expectError(client().get("/thumbnails/generation_log.csv"), 404, "NOT_FOUND");
}

TEST_F(Thumbnails, AreMadeAgainWhenThePictureChangesOrTheyAreDeleted) {
    start();
    const std::filesystem::path data = IPL_TEST_DATA "/pictures";
    drop("a.png", readFile(data / "alpha.png"));
    const HttpAnswer first = client().get("/thumbnails/a.png");
    EXPECT_EQ(first.status, 200);
    std::filesystem::remove_all(host_->folder() / "jobs-data" / "thumbnails");
    EXPECT_EQ(client().get("/thumbnails/a.png").body, first.body);
    writeFile(host_->output() / "a.png", readFile(data / "grey16.png"));
    const HttpAnswer second = client().get("/thumbnails/a.png");
    EXPECT_EQ(second.status, 200);
    EXPECT_NE(second.body, first.body);
    EXPECT_NE(second.header("ETag"), first.header("ETag"));
}

TEST_F(Thumbnails, TwoThousandDroppedPicturesDoNotKeepAnybodyWaiting) {
    start();
    EXPECT_EQ(host_->stop(), 0);
    for (int i = 0; i < 2000; ++i)
        writeFile(host_->output() / ("p" + std::to_string(i) + ".png"), tinyPng());
    const auto begin = std::chrono::steady_clock::now();
    host_->start();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
    EXPECT_EQ(client().get("/health").status, 200);
    EXPECT_TRUE(isWebp(client().get("/thumbnails/p1999.png").body));
    EXPECT_TRUE(eventually([&] {
        return query(host_->database(), "SELECT count(*) AS n FROM images")[0]["n"] == 2000;
    }));
    EXPECT_EQ(names().size(), 2000U);
    draw("x");
    const auto thumbnails = host_->folder() / "jobs-data" / "thumbnails";
    EXPECT_TRUE(eventually(
        [&] {
            std::size_t count = 0;
            std::error_code error;
            for (std::filesystem::recursive_directory_iterator file(thumbnails, error), end;
                 !error && file != end; file.increment(error))
                count += file->path().extension() == ".webp" ? 1 : 0;
            return count >= 2001;
        },
        std::chrono::seconds(90)));
}

}  // namespace

}  // namespace test
