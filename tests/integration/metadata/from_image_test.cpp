// A picture of the gallery made again: of other programs, and of our own to the same pixels.
#include "imaging/pixels.hpp"
#include "integration/gallery/gallery_fixture.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

std::string sample(const std::string& name) {
    return readFile(std::filesystem::path(IPL_TEST_DATA) / name);
}

class FromImage : public GalleryTest {
  protected:
    void startSketches() {
        start({{"endpoints",
                {{{"name", "Sketch A"}, {"plugin", "sketch"}},
                 {{"name", "Sketch B"}, {"plugin", "sketch"}}}}});
    }
    Json again(const Json& request) const { return run(client(), request); }
    std::string nameOf(const Json& image) const { return image.value("filename", ""); }
    host::imaging::Pixels pixelsOf(const std::string& name) const {
        auto pixels = host::imaging::decode(readFile(host_->output() / name), 0);
        EXPECT_TRUE(pixels.ok()) << name;
        return pixels.ok() ? std::move(*pixels) : host::imaging::Pixels{};
    }
    // Makes each picture again and expects the same pixels from the same endpoint; gives the new
    // ones' status.
    void expectRepeats(const std::vector<Json>& images) const {
        for (const Json& image : images) {
            const std::string name = nameOf(image);
            const Json status = again({{"from_image", name}});
            const auto repeated = imagesOf(status);
            ASSERT_EQ(repeated.size(), 1U) << status.dump(2);
            EXPECT_NE(nameOf(repeated[0]), name);
            EXPECT_EQ(entry(nameOf(repeated[0]))["endpoint"], entry(name)["endpoint"]);
            EXPECT_EQ(entry(nameOf(repeated[0]))["prompt"], entry(name)["prompt"]);
            EXPECT_EQ(entry(nameOf(repeated[0]))["seed"], entry(name)["seed"]);
            const auto before = pixelsOf(name);
            const auto after = pixelsOf(nameOf(repeated[0]));
            EXPECT_EQ(after.width, before.width);
            EXPECT_EQ(after.height, before.height);
            EXPECT_TRUE(after.rgb == before.rgb) << "other pixels: " << status.dump(2);
        }
    }
};

TEST_F(FromImage, PicturesThatAModelWroteThePromptsOfComeOutTheSame) {
    startSketches();
    const Json drawn = run(client(), {{"prompt", "a harbour at dusk"},
                                      {"random", true},
                                      {"prompt_mode", "different"},
                                      {"orientation", "portrait"},
                                      {"size", "0.5mp"},
                                      {"steps", 4},
                                      {"guidance_scale", "random"},
                                      {"negative_prompt", "boats"}});
    const auto images = imagesOf(drawn);
    ASSERT_EQ(images.size(), 2U) << drawn.dump(2);
    EXPECT_NE(entry(nameOf(images[0]))["prompt"], entry(nameOf(images[1]))["prompt"]);
    EXPECT_TRUE(entry(nameOf(images[0]))["seed"].is_number()) << "chosen by the backend";
    expectRepeats(images);
}

TEST_F(FromImage, EveryRunOfAJobWithASeedIsMadeAgainByItself) {
    startSketches();
    const Json drawn = run(client(), {{"prompt", "a lighthouse"},
                                      {"seed", 9007199254740991},
                                      {"count", 2},
                                      {"orientation", "square"},
                                      {"size", "0.5mp"},
                                      {"steps", 3},
                                      {"endpoints", "any"}});
    const auto images = imagesOf(drawn);
    ASSERT_EQ(images.size(), 2U) << drawn.dump(2);
    EXPECT_FALSE(pixelsOf(nameOf(images[0])).rgb == pixelsOf(nameOf(images[1])).rgb);
    expectRepeats(images);
}

TEST_F(FromImage, APictureMadeFromAnotherIsMadeAgainFromThatOne) {
    startSketches();
    const Json drawn = run(client(), {{"prompt", "the same in winter"},
                                      {"image", base64(sample("pictures/plain.jpg"))},
                                      {"strength", 0.4},
                                      {"size", "0.5mp"},
                                      {"steps", 3},
                                      {"endpoints", {"Sketch B"}}});
    const auto images = imagesOf(drawn);
    ASSERT_EQ(images.size(), 1U) << drawn.dump(2);
    expectRepeats(images);
    const auto other = imagesOf(again({{"from_image", nameOf(images[0])}, {"image", nullptr}}));
    ASSERT_EQ(other.size(), 1U);
    EXPECT_FALSE(pixelsOf(nameOf(other[0])).rgb == pixelsOf(nameOf(images[0])).rgb)
        << "without the input picture it is another one";

    // Copied by hand, nobody knows any more what it was made from.
    drop("copy.png", readFile(host_->output() / nameOf(images[0])));
    const HttpAnswer refused = client().post("/api/v1/generate", {{"from_image", "copy.png"}});
    expectError(refused, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(refused), ElementsAre("from_image"));
    const auto given = imagesOf(
        again({{"from_image", "copy.png"}, {"image", base64(sample("pictures/plain.jpg"))}}));
    ASSERT_EQ(given.size(), 1U);
    EXPECT_TRUE(pixelsOf(nameOf(given[0])).rgb == pixelsOf(nameOf(images[0])).rgb);
}

TEST_F(FromImage, FieldsBesideItOverrideInJsonAndInForms) {
    startSketches();
    const auto images = imagesOf(run(client(), {{"prompt", "a red lantern"},
                                                {"seed", 5},
                                                {"size", "0.5mp"},
                                                {"steps", 3},
                                                {"endpoints", {"Sketch A"}}}));
    ASSERT_EQ(images.size(), 1U);
    const std::string name = nameOf(images[0]);
    const Json written = again({{"from_image", name}, {"random", true}, {"seed", 6}});
    ASSERT_EQ(imagesOf(written).size(), 1U) << written.dump(2);
    const Json row = entry(nameOf(imagesOf(written)[0]));
    EXPECT_EQ(row["seed"], 6);
    EXPECT_THAT(row["prompt"].get<std::string>(), HasSubstr("lantern")) << "the concept";
    EXPECT_NE(row["prompt"], "a red lantern");

    Form form;
    form.field("from_image", name).field("prompt", "").field("orientation", "square");
    form.field("endpoints", "Sketch B");
    const std::string id =
        jobIdOf(client().send("POST", "/api/generate", form.headers(), form.body()));
    ASSERT_NE(id, "");
    const auto square = imagesOf(waitForEnd(client(), id));
    ASSERT_EQ(square.size(), 1U);
    const Json other = entry(nameOf(square[0]));
    EXPECT_EQ(other["prompt"], "a red lantern");
    EXPECT_EQ(other["seed"], 5);
    EXPECT_EQ(other["endpoint"], "Sketch B");
    EXPECT_EQ(other["width"], other["height"]);
}

TEST_F(FromImage, PicturesOfOtherProgramsAreAskedForHere) {
    start();
    const struct {
        const char* file;
        const char* prompt;
        std::int64_t seed;
        int steps;
        double guidance;
        const char* orientation;
        const char* size;
    } cases[] = {
        {"a1111.png", "masterpiece, a red fox", 3141592653, 28, 6.5, "portrait", "1mp"},
        {"comfyui_flux.png", "a glass whale above a city", 219670278747233, 24, 3.5, "landscape",
         "1344x768"},
        {"sd_server.png", "a red cat", 7, 1, 1.0, "square", "64x64"},
    };
    for (const auto& one : cases) {
        drop(one.file, sample(std::string("metadata/") + one.file));
        const Json status = again({{"from_image", one.file}});
        EXPECT_EQ(imagesOf(status).size(), 2U) << "on all endpoints: " << status.dump(2);
        const Json& request = status["request"];
        EXPECT_THAT(request.value("prompt", ""), StartsWith(one.prompt));
        EXPECT_EQ(request["seed"], one.seed);
        EXPECT_EQ(request["steps"], one.steps);
        EXPECT_EQ(request["guidance_scale"], one.guidance);
        EXPECT_EQ(request["orientation"], one.orientation);
        EXPECT_EQ(request["size"], one.size);
    }
}

TEST_F(FromImage, ASizeInPixelsIsRepeatedUnlessAnotherShapeIsAskedFor) {
    start();
    const Json drawn = again({{"prompt", "a fox"}, {"size", "512x256"}, {"steps", 1}});
    const std::string name = imagesOf(drawn).at(0)["filename"];
    const Json same = again({{"from_image", name}});
    EXPECT_EQ(same["request"]["size"], "512x256");
    EXPECT_EQ(imagesOf(same).at(0)["stats"]["width"], 512);
    const Json upright = again({{"from_image", name}, {"orientation", "portrait"}});
    EXPECT_EQ(upright["request"]["size"], "0.5mp");
    EXPECT_EQ(upright["request"]["orientation"], "portrait");
}

TEST_F(FromImage, WhatCannotBeRepeatedIsRefusedOnEveryPort) {
    start();
    drop("phone.jpg", sample("metadata/phone.jpg"));
    drop("fox.png", sample("metadata/a1111.png"));
    for (const char* service : {"dual_gen", "json_from_image", "create_json"}) {
        const HttpClient port(host_->url(service));
        const HttpAnswer silent =
            port.post("/api/v1/generate", {{"from_image", "phone.jpg"}, {"steps", 0}});
        expectError(silent, 400, "VALIDATION_ERROR");
        EXPECT_THAT(faultyFields(silent), ElementsAre("from_image", "steps"));
        expectError(port.post("/api/v1/generate", {{"from_image", 5}}), 400, "VALIDATION_ERROR");
        for (const char* none : {"none.png", "../jobs.db", "..%2fjobs.db", "/etc/passwd"})
            expectError(port.post("/api/v1/generate", {{"from_image", none}}), 404, "NOT_FOUND");
    }
    EXPECT_EQ(client().del(path("fox.png")).status, 200);
    expectError(client().post("/api/v1/generate", {{"from_image", "fox.png"}}), 404, "NOT_FOUND");
    client().send("POST", path("fox.png") + "/restore", {});
    EXPECT_EQ(client().post("/api/v1/generate", {{"from_image", "fox.png"}}).status, 200);
}

TEST_F(FromImage, ARequestThatIsSentAgainMakesOneJobWhateverThePictureSaysByThen) {
    start();
    drop("fox.png", sample("metadata/a1111.png"));
    const Headers key{{"Idempotency-Key", "once"}};
    const Json body = {{"from_image", "fox.png"}, {"count", 1}};
    const std::string id = jobIdOf(client().post("/api/v1/generate", body, key));
    writeFile(host_->output() / "fox.png", sample("metadata/comfyui.png"));
    EXPECT_EQ(jobIdOf(client().post("/api/v1/generate", body, key)), id);
    drop("other.png", sample("metadata/a1111.png"));
    expectError(client().post("/api/v1/generate", {{"from_image", "other.png"}, {"count", 1}}, key),
                400, "VALIDATION_ERROR");
}

TEST_F(FromImage, ARequestThatIsSentAgainAfterItsPictureWasThrownAwayGetsItsReceipt) {
    startSketches();
    const auto images = imagesOf(run(client(), {{"prompt", "the same in winter"},
                                                {"image", base64(sample("pictures/plain.jpg"))},
                                                {"strength", 0.4},
                                                {"size", "0.5mp"},
                                                {"steps", 2},
                                                {"endpoints", {"Sketch B"}}}));
    ASSERT_EQ(images.size(), 1U);
    const std::string name = nameOf(images[0]);
    const Headers key{{"Idempotency-Key", "once-more"}};
    const Json body = {{"from_image", name}, {"strength", 0.5}, {"endpoints", "any"}};
    const HttpAnswer first = client().post("/api/v1/generate", body, key);
    const std::string id = jobIdOf(first);
    EXPECT_EQ(client().del(path(name)).status, 200);
    EXPECT_EQ(jobIdOf(client().post("/api/v1/generate", body, key)), id);
    Json other = body;
    other["strength"] = 0.6;
    expectError(client().post("/api/v1/generate", other, key), 400, "VALIDATION_ERROR");
    expectError(client().post("/api/v1/generate", body), 404, "NOT_FOUND");
    expectError(client().post("/api/v1/generate", body, {{"Idempotency-Key", "another"}}), 404,
                "NOT_FOUND");
}

}  // namespace

}  // namespace test
