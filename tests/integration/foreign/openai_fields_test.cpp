// What becomes of the OpenAI images API's own fields: honoured, ignored or refused by name.
#include "imaging/pixels.hpp"
#include "integration/foreign/foreign_fixture.hpp"
#include "support/base64.hpp"
#include "support/image_info.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

const char* const kGenerations = "/v1/images/generations";
const char* const kEdits = "/v1/images/edits";

Json sketch() {
    return {{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}};
}

std::string pictureOf(const Json& data) {
    return host::base64Decode(data.value("b64_json", "")).value_or("");
}

std::string dataUrl(const std::string& bytes) {
    return "data:image/png;base64," + base64(bytes);
}

TEST(OpenAiFields, PicturesComeInTheFormatThatWasAskedFor) {
    HostProcess host(sketch());
    host.start();
    const auto draw = [&](Json more) {
        more.update({{"prompt", "a harbour"}, {"size", "704x704"}, {"steps", 3}, {"seed", 4}});
        const HttpAnswer answer = host.client().post(kGenerations, more);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.json();
    };
    const Json webp = draw({{"output_format", "webp"}, {"n", 2}});
    EXPECT_EQ(webp["output_format"], "webp");
    ASSERT_EQ(webp["data"].size(), 2U);
    for (const Json& one : webp["data"])
        EXPECT_EQ(host::sniffImage(pictureOf(one)), host::ImageFormat::Webp);
    const std::string fine = pictureOf(draw({{"output_format", "jpeg"}})["data"][0]);
    const std::string coarse =
        pictureOf(draw({{"output_format", "jpeg"}, {"output_compression", 10}})["data"][0]);
    EXPECT_EQ(host::sniffImage(fine), host::ImageFormat::Jpeg);
    EXPECT_LT(coarse.size() * 3, fine.size());
    const auto pixels = host::imaging::decode(coarse, 0);
    ASSERT_TRUE(pixels.ok());
    EXPECT_EQ(pixels->width, 704U);
    const Json png = draw({{"output_format", "png"}});
    EXPECT_EQ(png["output_format"], "png");
    for (const Json& job : host.client().get("/api/v1/gallery").json())
        EXPECT_THAT(job.value("filename", ""), testing::EndsWith(".png")) << "kept as drawn";
}

TEST(OpenAiFields, AStreamTooGivesPicturesInThatFormat) {
    HostProcess host(sketch());
    host.start();
    const HttpAnswer answer = host.client().post(kGenerations, {{"prompt", "p"},
                                                                {"size", "704x704"},
                                                                {"steps", 3},
                                                                {"n", 2},
                                                                {"stream", true},
                                                                {"output_format", "jpeg"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    int pictures = 0;
    std::istringstream lines(answer.body);
    for (std::string line; std::getline(lines, line);) {
        if (!line.starts_with("data: ")) continue;
        const Json event = Json::parse(line.substr(6));
        if (event["type"] != "image_generation.completed") continue;
        ++pictures;
        EXPECT_EQ(event["output_format"], "jpeg");
        EXPECT_EQ(host::sniffImage(pictureOf(event)), host::ImageFormat::Jpeg);
    }
    EXPECT_EQ(pictures, 2) << answer.body.substr(0, 500);
}

TEST(OpenAiFields, WhatWouldChangeThePictureIsRefusedByNameAndTheRestIgnored) {
    HostProcess host(echoEndpoints());
    host.start();
    const auto refused = [&](Json fields, const std::string& name) {
        fields["prompt"] = "p";
        const HttpAnswer answer = host.client().post(kGenerations, fields);
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.json()["error"]["param"], name) << answer.body;
        EXPECT_EQ(answer.json()["error"]["type"], "invalid_request_error");
    };
    refused({{"background", "transparent"}}, "background");
    refused({{"background", "blue"}}, "background");
    refused({{"output_format", "tiff"}}, "output_format");
    refused({{"output_format", 1}}, "output_format");
    refused({{"output_format", "webp"}, {"output_compression", 101}}, "output_compression");
    refused({{"output_compression", 50}}, "output_compression");
    refused({{"output_format", "jpeg"}, {"response_format", "url"}}, "output_format");
    refused({{"quality", "best"}}, "quality");
    refused({{"style", 5}}, "style");
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 0U);
    const HttpAnswer taken = host.client().post(kGenerations, {{"prompt", "p"},
                                                               {"background", "opaque"},
                                                               {"quality", "hd"},
                                                               {"style", "vivid"},
                                                               {"moderation", "low"},
                                                               {"output_format", nullptr},
                                                               {"output_compression", 100},
                                                               {"user", "somebody"}});
    EXPECT_EQ(taken.status, 200) << taken.body;
}

TEST(OpenAiFields, EditsTakeDataUrlsInJson) {
    HostProcess host(echoEndpoints());
    host.start();
    const std::string first = sample("plain.jpg");
    const std::string second = tinyPng();
    const HttpAnswer answer =
        host.client().post(kEdits, {{"prompt", "p"},
                                    {"images",
                                     {{{"image_url", "data:image/jpeg;base64," + base64(first)}},
                                      {{"image_url", {{"url", dataUrl(second)}}}}}}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json job = statusOf(host.client(), answer.header("X-Job-ID"));
    EXPECT_EQ(imagesOf(job)[0]["stats"]["inputs"],
              "1:" + std::to_string(first.size()) + " 3:" + std::to_string(second.size()));
    EXPECT_EQ(job["request"]["orientation"], "landscape") << "the shape of the start picture";
}

TEST(OpenAiFields, AMaskInJsonMarksByTransparencyAsInAForm) {
    HostProcess host(sketch());
    host.start();
    const HttpAnswer answer =
        host.client().post(kEdits, {{"prompt", "p"},
                                    {"steps", 3},
                                    {"image", base64(sample("plain.jpg"))},
                                    {"mask", {{"image_url", dataUrl(sample("alpha.png"))}}}});
    expectMaskOfAlpha(host, answer);
}

TEST(OpenAiFields, NothingIsFetchedForAnEdit) {
    HostProcess host(echoEndpoints());
    host.start();
    const auto refused = [&](const Json& images, const std::string& param,
                             const std::string& words) {
        const HttpAnswer answer = host.client().post(kEdits, {{"prompt", "p"}, {"images", images}});
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.json()["error"]["param"], param) << answer.body;
        EXPECT_THAT(answer.body, HasSubstr(words));
    };
    refused({{{"image_url", "https://example.com/a.png"}}}, "images[0].image_url", "not fetched");
    refused({{{"image_url", dataUrl(tinyPng())}}, {{"file_id", "file-1"}}}, "images[1]",
            "data URL");
    refused({{{"image_url", 5}}}, "images[0].image_url", "data URL");
    refused({{{"image_url", "data:image/png;base64,!!!"}}}, "images[0].image_url", "base64");
    refused({{{"image_url", dataUrl("no picture")}}}, "images[0].image_url", "JPEG, PNG");
    refused(Json::array(), "image", "required");
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 0U);
}

TEST(OpenAiFields, LinksOpenWithoutAKeyForTheirPictureAlone) {
    Json config = echoEndpoints();
    config["api_keys"] = {"a-key-of-the-tests", "another-key"};
    HostProcess host(config);
    host.start();
    const Headers key = {{"X-API-Key", "another-key"}};
    const auto link = [&] {
        const HttpAnswer answer =
            host.client().post(kGenerations, {{"prompt", "p"}, {"response_format", "url"}}, key);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.json()["data"][0].value("url", "").substr(host.url().size());
    };
    const std::string first = link();
    const std::string second = link();
    const auto status = [&](const std::string& path) { return host.client().get(path).status; };
    EXPECT_EQ(status(first), 200);
    const std::string name = first.substr(0, first.find('?'));
    const std::string query = first.substr(first.find('?'));
    EXPECT_EQ(status(name), 401);
    EXPECT_EQ(status(second.substr(0, second.find('?')) + query), 401) << "of another picture";
    EXPECT_EQ(status(name + "?expires=9999999999" + query.substr(query.find('&'))), 401);
    EXPECT_EQ(status(name + "?signature=" + std::string(40, '0')), 401);
    EXPECT_EQ(status("/api/v1/gallery" + query), 401);
}

}  // namespace

}  // namespace test
