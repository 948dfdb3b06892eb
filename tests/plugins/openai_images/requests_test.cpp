// What is asked for: sizes, fields, pictures and masks.
#include "common/png.hpp"
#include "http/forms.hpp"
#include "imaging/alpha_mask.hpp"
#include "imaging/pixels.hpp"

#include "plugins/openai_images/images_server.hpp"

namespace test {

namespace {

using host::Json;
using host::plugins::CallStatus;
using host::plugins::InputRole;
using ::testing::HasSubstr;

host::plugins::PictureIn png(InputRole role, std::string bytes) {
    return {"image/png", std::make_shared<const std::string>(std::move(bytes)), 8, 8, role};
}

// The left half white.
std::string halfWhite() {
    host::imaging::Pixels pixels{8, 4, {}};
    for (int i = 0; i < 8 * 4; ++i)
        pixels.rgb.insert(pixels.rgb.end(), 3, i % 8 < 4 ? 255 : 0);
    return host::imaging::encodePng(pixels).value();
}

class Edits : public ::testing::Test {
  protected:
    // The parts of the last request.
    std::multimap<std::string, std::string> sent() {
        std::multimap<std::string, std::string> parts;
        const auto all = server_.requests("POST /v1/images/edits");
        if (all.empty()) return parts;
        const auto form =
            host::http::Multipart::parse(all.back().header("content-type"), all.back().body);
        if (!form.ok()) return parts;
        for (const host::http::Part& part : form->parts())
            parts.emplace(part.name, part.data);
        return parts;
    }

    ImagesServer server_;
};

TEST(Sizes, TheNearestThatTheModelDrawsIsAskedFor) {
    ImagesServer server;
    const auto asked = [&](const Json& settings) {
        ImagesPlugin plugin = startImages(server, settings);
        EXPECT_TRUE(drawWith(plugin).result.ok());
        return server.lastGeneration()["size"].get<std::string>();
    };
    EXPECT_EQ(asked({{"model", "gpt-image-1"}}), "1536x1024");
    EXPECT_EQ(asked({{"model", "dall-e-3"}}), "1792x1024");
    EXPECT_EQ(asked({{"model", "dall-e-2"}}), "1024x1024");
    EXPECT_EQ(asked({{"model", "sd-cpp-local"}}), "1216x832");
    EXPECT_EQ(asked({{"model", "x"}, {"sizes", {"512x512", "768x512", "1536x1024"}}}), "1536x1024");
}

TEST(Fields, HaveExactTypesAndNoNull) {
    ImagesServer server;
    ImagesPlugin plugin = startImages(server, {{"quality", "high"},
                                               {"fields", {"seed", "steps"}},
                                               {"extra", {{"user", "ipl"}, {"n", nullptr}}}});
    ASSERT_TRUE(drawWith(plugin).result.ok());
    const Json body = server.lastGeneration();
    for (const auto& [name, value] : body.items())
        EXPECT_FALSE(value.is_null()) << name;
    EXPECT_EQ(body["prompt"], "a red cat");
    EXPECT_EQ(body["quality"], "high");
    EXPECT_EQ(body["seed"], 7);
    EXPECT_EQ(body["steps"], 20);
    EXPECT_EQ(body["user"], "ipl");
    EXPECT_EQ(body["response_format"], "b64_json");
    EXPECT_FALSE(body.contains("n"));
    EXPECT_FALSE(body.contains("model"));
    EXPECT_FALSE(body.contains("guidance_scale"));
}

// OpenAI's newer models refuse the field.
TEST(Fields, ResponseFormatIsNotSentToModelsThatKnowOnlyBase64) {
    ImagesServer server;
    ImagesPlugin plugin = startImages(server, {{"model", "gpt-image-1"}});
    ASSERT_TRUE(drawWith(plugin).result.ok());
    EXPECT_FALSE(server.lastGeneration().contains("response_format"));
}

// Sizes and fields go by the model, whatever stands before its name.
TEST(Routers, PutTheMakersNameBeforeTheModel) {
    for (const auto& [model, size] : {std::pair{"openai/gpt-image-1", "1536x1024"},
                                      {"azure/openai/gpt-image-1", "1536x1024"},
                                      {"openai/dall-e-3", "1792x1024"},
                                      {"openai/dall-e-2", "1024x1024"}}) {
        const bool gptImage = std::string_view(model).ends_with("gpt-image-1");
        ImagesServer server;
        ImagesPlugin plugin = startImages(server, {{"model", model}});
        auto request = imageRequest();
        request.wantsPreview = true;
        ASSERT_TRUE(drawWith(plugin, request).result.ok()) << model;
        const Json body = server.lastGeneration();
        EXPECT_EQ(body["model"], model) << "the router wants the whole name";
        EXPECT_EQ(body["size"], size);
        EXPECT_EQ(body.contains("response_format"), !gptImage) << model;
        EXPECT_EQ(body.contains("stream"), gptImage) << model;
        const Json about = Json::parse(
            plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
                .result.text);
        EXPECT_EQ(about["previews"], gptImage) << model;
        EXPECT_EQ(about["image_to_image"], model != std::string_view("openai/dall-e-3"));
    }
}

TEST(Describe, TellsTheSizesThatTheModelIsKnownForOrTheSettingsName) {
    ImagesServer server;
    const auto told = [&](const Json& settings) {
        ImagesPlugin plugin = startImages(server, settings);
        const Json about = Json::parse(
            plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
                .result.text);
        EXPECT_EQ(about.value("steps", Json()) == Json(false), !settings.contains("fields"));
        Json sizes = Json::array();
        for (const Json& size : about.value("sizes", Json::array()))
            sizes.push_back(std::to_string(size["width"].get<int>()) + "x" +
                            std::to_string(size["height"].get<int>()));
        return sizes;
    };
    EXPECT_EQ(told({{"model", "gpt-image-1"}}), Json({"1024x1024", "1536x1024", "1024x1536"}));
    EXPECT_EQ(told({{"model", "openai/dall-e-2"}}), Json({"256x256", "512x512", "1024x1024"}));
    EXPECT_EQ(told({{"model", "sd-cpp-local"}, {"fields", {"steps"}}}), Json::array());
    EXPECT_EQ(told({{"model", "gpt-image-1"}, {"sizes", {"640x480"}}}), Json({"640x480"}));
}

TEST_F(Edits, OnePictureGoesAsImageAndSeveralAsAList) {
    ImagesPlugin plugin = startImages(server_);
    auto request = imageRequest();
    request.image = png(InputRole::None, "first");
    ASSERT_TRUE(drawWith(plugin, request).result.ok());
    auto parts = sent();
    EXPECT_EQ(parts.find("image")->second, "first");
    EXPECT_EQ(parts.find("prompt")->second, "a red cat");
    EXPECT_EQ(parts.find("n")->second, "1");

    request.others.push_back(png(InputRole::Reference, "second"));
    ASSERT_TRUE(drawWith(plugin, request).result.ok());
    parts = sent();
    ASSERT_EQ(parts.count("image[]"), 2U);
    EXPECT_EQ(parts.lower_bound("image[]")->second, "first");
    EXPECT_EQ(parts.count("image"), 0U);
}

TEST_F(Edits, AMaskIsTransparentWhereItIsToBeRepainted) {
    ImagesPlugin plugin = startImages(server_);
    auto request = imageRequest();
    request.image = png(InputRole::None, wholePicture());
    request.others.push_back(png(InputRole::Mask, halfWhite()));
    const auto outcome = drawWith(plugin, request);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    const auto parts = sent();
    ASSERT_EQ(parts.count("mask"), 1U);
    // Read as this host reads such a mask, it is the one that was given.
    const auto back = host::imaging::maskOfAlpha(parts.find("mask")->second);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, halfWhite());
    // stable-diffusion.cpp's server looks at the colours alone.
    const auto seen = pictures::readPng(ipl::bytesOf(parts.find("mask")->second), 100, "it");
    EXPECT_EQ(seen.rgba.front(), 255);
    EXPECT_EQ(seen.rgba[seen.rgba.size() - 2], 0);
}

TEST_F(Edits, AMaskStaysAsItIsForServersThatWantItWhite) {
    ImagesPlugin plugin = startImages(server_, {{"mask", "white"}});
    auto request = imageRequest();
    request.image = png(InputRole::None, wholePicture());
    request.others.push_back(png(InputRole::Mask, halfWhite()));
    ASSERT_TRUE(drawWith(plugin, request).result.ok());
    EXPECT_EQ(sent().find("mask")->second, halfWhite());
}

TEST_F(Edits, ABrokenMaskIsTheRequestsFault) {
    ImagesPlugin plugin = startImages(server_);
    auto request = imageRequest();
    request.image = png(InputRole::None, wholePicture());
    request.others.push_back(png(InputRole::Mask, "no picture"));
    EXPECT_EQ(drawWith(plugin, request).result.status, CallStatus::ImageFormat);
    EXPECT_TRUE(server_.requests("POST /v1/images/edits").empty());
}

TEST_F(Edits, AControlPictureIsRefusedAndNotLeftOutSilently) {
    ImagesPlugin plugin = startImages(server_);
    auto request = imageRequest();
    request.others.push_back(png(InputRole::Control, "pose"));
    const auto outcome = drawWith(plugin, request);
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message, HasSubstr("control"));
}

}  // namespace

}  // namespace test
