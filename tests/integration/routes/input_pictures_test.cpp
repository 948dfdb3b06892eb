// Input pictures of every format reach a plugin that carries no decoder of its own.
#include <gtest/gtest.h>

#include <algorithm>

#include "common/temp_dir.hpp"
#include "imaging/pixels.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/health_pulse.hpp"

namespace test {

namespace {

using host::Json;

std::string sample(const std::string& name) {
    return readFile(std::filesystem::path(IPL_TEST_DATA) / "pictures" / name);
}

Json drawOver(const HttpClient& client, const std::string& picture) {
    return run(client, {{"prompt", "a harbour"},
                        {"size", "0.5mp"},
                        {"steps", 5},
                        {"image", base64(picture)},
                        {"strength", 0.5}});
}

TEST(InputPictures, OfEveryFormatAreDrawnOver) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    for (const char* name : {"plain.jpg", "alpha.png", "lossy.webp", "animated.gif", "cmyk.jpg"}) {
        const Json status = drawOver(host.client(), sample(name));
        EXPECT_EQ(status.value("status", ""), "completed") << name << "\n" << status.dump(1);
    }
}

// A PNG that claims such a size in its header.
std::string claiming(std::uint32_t width, std::uint32_t height) {
    std::string png = tinyPng();
    for (int i = 0; i < 4; ++i) {
        png[16 + static_cast<std::size_t>(i)] = static_cast<char>(width >> (24 - 8 * i));
        png[20 + static_cast<std::size_t>(i)] = static_cast<char>(height >> (24 - 8 * i));
    }
    return png;
}

TEST(InputPictures, OfTooManyPixelsAreRefusedWhenTheyAreSubmitted) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const HealthPulse pulse(host);
    for (const std::string& picture : {claiming(9000, 9000), claiming(70'000, 2)}) {
        const HttpAnswer answer = host.client().post(
            "/api/v1/generate", {{"prompt", "a harbour"}, {"image", base64(picture)}});
        EXPECT_EQ(answer.status, 400) << answer.body;
        EXPECT_EQ(answer.json()["error"]["code"], "IMAGE_TOO_LARGE") << answer.body;
    }
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 0U);
}

TEST(InputPictures, ThatLieOnTheirSideTakeAnUprightMask) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const std::string lying = sample("orientation6.jpg");
    auto mask = host::imaging::decode(lying, 0);
    ASSERT_TRUE(mask.ok());
    std::fill(mask->rgb.begin(), mask->rgb.end(), std::uint8_t{255});
    const auto upright = host::imaging::encodePng(*mask);
    ASSERT_TRUE(upright.ok());
    const Json status = run(host.client(), {{"prompt", "a harbour"},
                                            {"size", "0.5mp"},
                                            {"steps", 3},
                                            {"images",
                                             {{{"role", "start"}, {"image", base64(lying)}},
                                              {{"role", "mask"}, {"image", base64(*upright)}}}}});
    EXPECT_EQ(status.value("status", ""), "completed") << status.dump(1);
    EXPECT_EQ(status["request"]["image_width"], mask->width);
}

TEST(InputPictures, AreServedAgainAsTheyWereSentAlsoAfterARestart) {
    HostProcess host(
        {{"api_keys", {"a-key-of-mine"}}, {"endpoints", {{{"name", "Echo"}, {"plugin", "echo"}}}}});
    host.start();
    const Headers key{{"Authorization", "Bearer a-key-of-mine"}};
    const std::string start = sample("plain.jpg");
    const std::string reference = sample("lossy.webp");
    const std::string id =
        submit(host.client(),
               {{"prompt", "a harbour"},
                {"image", base64(start)},
                {"images", {{{"role", "reference"}, {"image", base64(reference)}}}}},
               key);
    const std::string plain = submit(host.client(), {{"prompt", "a harbour"}}, key);
    host.kill();
    host.start();
    const std::string route = "/api/v1/jobs/" + id + "/inputs";
    const Json list = host.client().get(route, key).json();
    ASSERT_EQ(list.size(), 2U) << list;
    EXPECT_EQ(list[0]["role"], "start");
    EXPECT_EQ(list[0]["mime"], "image/jpeg");
    EXPECT_EQ(list[1]["role"], "reference");
    const HttpAnswer first = host.client().get(list[0]["url"].get<std::string>(), key);
    EXPECT_EQ(first.body, start);
    EXPECT_EQ(first.header("Content-Type"), "image/jpeg");
    EXPECT_EQ(first.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(host.client().get(list[1]["url"].get<std::string>(), key).body, reference);
    for (const char* none : {"/0", "/3", "/-1", "/x", "/18446744073709551617", "/..%2f1"})
        EXPECT_EQ(host.client().get(route + none, key).status, 404) << none;
    EXPECT_EQ(host.client().get(route).status, 401) << "without the key";
    EXPECT_EQ(host.client().get(route + "/1").status, 401);
    EXPECT_EQ(host.client().get("/api/v1/jobs/" + plain + "/inputs", key).json(), Json::array());
    EXPECT_EQ(host.client().get("/api/v1/jobs/ffffffff/inputs", key).status, 404);
    // Somebody has tidied up.
    for (const auto& file :
         std::filesystem::directory_iterator(host.folder() / "jobs-data" / "inputs"))
        std::filesystem::remove(file.path());
    EXPECT_EQ(host.client().get(route + "/1", key).status, 404);
}

TEST(InputPictures, ThatAreBrokenFailTheirRunOnceAndSayWhy) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const std::string whole = sample("lossy.webp");
    const Json status = drawOver(host.client(), whole.substr(0, whole.size() / 2));
    EXPECT_EQ(status.value("status", ""), "failed");
    EXPECT_NE(status.value("error", "").find("input picture"), std::string::npos) << status.dump(1);
    const Json attempts =
        query(host.database(), "select count(*) as n from attempts where kind = 'image'");
    EXPECT_EQ(attempts[0]["n"], 1) << "the picture does not get better by trying again";
}

TEST(InputPictures, AMaskKeepsItsPixelsAlsoAfterAKillAndIsRepeated) {
    HostProcess host({{"endpoints",
                       {{{"name", "Sketch"},
                         {"plugin", "sketch"},
                         {"settings", {{"delay_ms_per_step", 100}}}}}}});
    host.start();
    const std::string start = sample("plain.jpg");
    const auto decoded = host::imaging::decode(start, 0);
    ASSERT_TRUE(decoded.ok());
    // All black: nothing may change.
    auto black = *decoded;
    std::fill(black.rgb.begin(), black.rgb.end(), decltype(black.rgb)::value_type{});
    const auto mask = host::imaging::encodePng(black);
    ASSERT_TRUE(mask.ok());
    const auto draw = [&](Json request) {
        request["size"] = "0.5mp";
        request["steps"] = 10;
        request["seed"] = 5;
        return request;
    };
    const std::string id =
        submit(host.client(), draw({{"prompt", "a harbour"},
                                    {"strength", 1},
                                    {"images",
                                     {{{"role", "start"}, {"image", base64(start)}},
                                      {{"role", "mask"}, {"image", base64(*mask)}}}}}));
    ASSERT_FALSE(id.empty());
    host.kill();
    host.start();
    const Json status = waitForEnd(host.client(), id);
    ASSERT_EQ(status.value("status", ""), "completed") << status.dump(1);
    const auto pixels = [&](const Json& of) {
        const auto name = imagesOf(of).at(0).value("filename", "");
        return host::imaging::decode(readFile(host.output() / name), 0)->rgb;
    };
    // What the start picture is without a change.
    const Json plain = run(host.client(), draw({{"prompt", "another thing"},
                                                {"strength", 0},
                                                {"images",
                                                 {{{"role", "start"}, {"image", base64(start)}},
                                                  {{"role", "mask"}, {"image", base64(*mask)}}}}}));
    EXPECT_TRUE(pixels(status) == pixels(plain));
    const Json again =
        run(host.client(), {{"from_image", imagesOf(status).at(0).value("filename", "")}});
    ASSERT_EQ(again.value("status", ""), "completed") << again.dump(1);
    EXPECT_TRUE(pixels(again) == pixels(status));
    const Json unmasked =
        run(host.client(),
            {{"from_image", imagesOf(status).at(0).value("filename", "")}, {"images", nullptr}});
    ASSERT_EQ(unmasked.value("status", ""), "completed") << unmasked.dump(1);
    EXPECT_FALSE(pixels(unmasked) == pixels(status));
}

TEST(InputPictures, AMaskOfAnotherSizeIsRefused) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const auto answer = host.client().post(
        "/api/v1/generate", Json({{"prompt", "a harbour"},
                                  {"image", base64(sample("plain.jpg"))},
                                  {"images", {{{"role", "mask"}, {"image", base64(tinyPng())}}}}}));
    EXPECT_EQ(answer.status, 400);
    EXPECT_EQ(answer.json()["error"]["details"]["errors"][0]["field"], "mask") << answer.body;
}

}  // namespace

}  // namespace test
