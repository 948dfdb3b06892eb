#include "pipeline/vision_stage.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "common/temp_dir.hpp"
#include "imaging/orientation.hpp"
#include "unit/pipeline/fake_backends.hpp"

namespace {

using namespace std::chrono_literals;
using host::ErrorCode;
using host::Json;
using host::pipeline::Vision;
using host::pipeline::VisionTask;
using host::plugins::CancelReason;
using host::plugins::TextRequest;
using test::CallContext;
using test::CallResult;
using test::CallStatus;
using test::failure;
using test::FakeEye;
using testing::HasSubstr;

constexpr const char* kScene = R"({"scene":"a pier","mood":"calm"})";

CallResult said(std::string text, CallStatus status = CallStatus::Ok, std::string reasoning = "") {
    CallResult result = failure(status);
    result.text = std::move(text);
    result.reasoning = std::move(reasoning);
    return result;
}

struct Look {
    explicit Look(std::deque<CallResult> answers)
        : eye(std::make_shared<FakeEye>(std::move(answers))),
          vision({.backend = eye, .model = "", .concurrency = 1, .timeout = 30s}) {}

    host::Result<Json> at(const std::string& picture, const std::string& steering = "",
                          const std::string& model = "") {
        VisionTask task;
        task.picture = picture;
        task.steering = steering;
        task.model = model;
        task.correlationId = "corr";
        task.cancellation = std::make_shared<host::plugins::Cancellation>();
        return vision.analyze(std::move(task));
    }

    std::shared_ptr<FakeEye> eye;
    Vision vision;
};

std::string picture(const std::string& name) {
    return test::readFile(std::string(IPL_TEST_DATA) + "/pictures/" + name);
}

TEST(Vision, APictureBecomesANormalScene) {
    Look look({said(kScene)});
    const auto scene = look.at(picture("plain.jpg"), "gloomy", "big-eye");
    ASSERT_TRUE(scene.ok());
    EXPECT_EQ((*scene)["scene"], "a pier");
    EXPECT_TRUE((*scene)["camera"].is_object());

    const TextRequest& request = look.eye->requests.at(0);
    EXPECT_EQ(request.model, "big-eye");
    EXPECT_EQ(request.steering, "gloomy");
    EXPECT_THAT(request.user, HasSubstr("gloomy"));
    EXPECT_THAT(request.system, HasSubstr("EVERY field"));
    EXPECT_FALSE(Json::parse(request.responseSchema)["properties"].empty());
    EXPECT_EQ(request.image->mime, "image/jpeg");
    EXPECT_EQ(*request.image->bytes, picture("plain.jpg"));
    EXPECT_EQ(request.extra["width"], 48);
    EXPECT_EQ(request.extra["height"], 32);
    EXPECT_TRUE(request.extra["metadata"].is_object());
    EXPECT_EQ(look.eye->contexts.at(0).correlationId, "corr");
}

TEST(Vision, EveryFieldIsAskedFor) {
    Look look({said(kScene)});
    ASSERT_TRUE(look.at(picture("plain.jpg")).ok());
    const TextRequest& request = look.eye->requests.at(0);
    for (const char* name :
         {"scene", "props", "subjects", "style", "color_palette", "lighting", "mood", "film_stock",
          "era", "background", "composition", "time_weather", "camera", "f_number", "iso",
          "shutter_speed", "aspect_ratio", "focus"}) {
        EXPECT_THAT(request.system, HasSubstr(name));
    }
    EXPECT_THAT(request.user, testing::Not(HasSubstr("direction")));
}

TEST(Vision, WebPAndGifGoToModelsAsJpeg) {
    for (const char* name : {"lossy.webp", "lossless.webp", "animated.gif", "animated.webp"}) {
        Look look({said(kScene)});
        ASSERT_TRUE(look.at(picture(name)).ok()) << name;
        EXPECT_EQ(look.eye->requests.at(0).image->mime, "image/jpeg") << name;
        EXPECT_TRUE(look.eye->requests.at(0).image->bytes->starts_with("\xff\xd8\xff")) << name;
        EXPECT_EQ(look.eye->requests.at(0).extra["width"], 48) << name;
    }
    Look png({said(kScene)});
    ASSERT_TRUE(png.at(picture("alpha.png")).ok());
    EXPECT_EQ(png.eye->requests.at(0).image->mime, "image/png") << "as it came";
}

TEST(Vision, APictureStandsUprightBeforeTheModel) {
    const std::string turned = picture("orientation6.jpg");
    ASSERT_NE(host::imaging::orientationOf(turned), 1);
    Look look({said(kScene)});
    ASSERT_TRUE(look.at(turned).ok());
    const auto& image = *look.eye->requests.at(0).image;
    EXPECT_EQ(image.mime, "image/jpeg");
    EXPECT_EQ(host::imaging::orientationOf(*image.bytes), 1);
    const auto pixels = host::imaging::decode(*image.bytes, 0);
    ASSERT_TRUE(pixels.ok());
    EXPECT_EQ(pixels->width, image.width);
    EXPECT_EQ(pixels->width, host::imaging::decode(turned, 0)->width);
}

TEST(Vision, APluginWithoutADecoderGetsPixelsOfItsSize) {
    Look look({said(kScene)});
    look.eye->setCapabilities(host::plugins::readCapabilities(
        R"({"image_formats":["image/x-portable-pixmap"],"max_image_side":24})", "fake-eye"));
    ASSERT_TRUE(look.at(picture("plain.jpg")).ok());
    const auto& image = *look.eye->requests.at(0).image;
    EXPECT_EQ(image.mime, "image/x-portable-pixmap");
    EXPECT_TRUE(image.bytes->starts_with("P6\n24 16\n255\n"));
    EXPECT_EQ(image.width, 24U);
    EXPECT_EQ(look.eye->requests.at(0).extra["width"], 48) << "the file's own size";
}

TEST(Vision, ABrokenPictureNeverReachesTheModel) {
    const std::string jpeg = picture("plain.jpg");
    const std::string png = picture("alpha.png");
    for (const std::string& bytes :
         {png.substr(0, png.size() / 2), std::string("\x89PNG\r\n\x1a\n"), jpeg.substr(0, 40),
          std::string("GIF89a"), "RIFF" + std::string(4, '\0') + "WEBP"}) {
        Look look({said(kScene)});
        const auto scene = look.at(bytes);
        ASSERT_FALSE(scene.ok());
        EXPECT_EQ(scene.error().code, ErrorCode::InvalidImageFormat) << scene.error().message;
        EXPECT_TRUE(look.eye->requests.empty());
    }
}

TEST(Vision, AnUnusableAnswerGetsOneRepairTurn) {
    Look look({said("It is a lovely pier, I think."), said(kScene)});
    ASSERT_TRUE(look.at(picture("plain.jpg")).ok());
    ASSERT_EQ(look.eye->requests.size(), 2U);
    const TextRequest& repair = look.eye->requests[1];
    EXPECT_THAT(repair.user, HasSubstr("It is a lovely pier"));
    EXPECT_THAT(repair.user, HasSubstr("could not be used"));
    EXPECT_EQ(repair.image->bytes, look.eye->requests[0].image->bytes);

    Look twice({said("no"), said("never"), said(kScene)});
    const auto scene = twice.at(picture("plain.jpg"));
    ASSERT_FALSE(scene.ok());
    EXPECT_EQ(scene.error().code, ErrorCode::LmStudio);
    EXPECT_EQ(scene.error().details["raw"], "never");
    EXPECT_EQ(twice.eye->requests.size(), 2U);
}

TEST(Vision, TheBeginningOfAnUnusableAnswerIsShownInWholeCharacters) {
    std::string words;
    for (int i = 0; i < 800; ++i)
        words += "猫";
    Look look({said("x"), said(words)});
    const auto scene = look.at(picture("plain.jpg"));
    ASSERT_FALSE(scene.ok());
    EXPECT_EQ(scene.error().details["raw"], words.substr(0, 1500));
}

TEST(Vision, JsonInTheThinkingAloneIsUnderstood) {
    Look look({said("", CallStatus::BadOutput, std::string("Hm. ") + kScene)});
    ASSERT_TRUE(look.at(picture("plain.jpg")).ok());
    EXPECT_EQ(look.eye->requests.size(), 1U);
    Look cut({said("{\"scene\":\"a pi", CallStatus::BadOutput), said(kScene)});
    EXPECT_TRUE(cut.at(picture("plain.jpg")).ok());
}

TEST(Vision, EveryFailureHasTheContractsCode) {
    const std::pair<CallStatus, ErrorCode> cases[] = {
        {CallStatus::InvalidArgument, ErrorCode::LmStudio},
        {CallStatus::Unsupported, ErrorCode::LmStudio},
        {CallStatus::ImageFormat, ErrorCode::InvalidImageFormat},
        {CallStatus::TooLarge, ErrorCode::LmStudio},
        {CallStatus::Unavailable, ErrorCode::ServiceUnavailable},
        {CallStatus::Busy, ErrorCode::RefusingWork},
        {CallStatus::Timeout, ErrorCode::Timeout},
        {CallStatus::Upstream, ErrorCode::LmStudio},
        {CallStatus::OutOfMemory, ErrorCode::Internal},
        {CallStatus::Internal, ErrorCode::Internal},
        {CallStatus::Crashed, ErrorCode::ServiceUnavailable},
        {CallStatus::Hung, ErrorCode::ServiceUnavailable}};
    for (const auto& [status, code] : cases) {
        Look look({failure(status, "because")});
        const auto scene = look.at(picture("plain.jpg"));
        ASSERT_FALSE(scene.ok());
        EXPECT_EQ(scene.error().code, code) << static_cast<int>(status);
        EXPECT_EQ(scene.error().message, "because");
        EXPECT_EQ(look.eye->requests.size(), 1U) << "no repair for what is no bad answer";
    }
}

TEST(Vision, TextAboutAPictureIsAskedForWithoutASchema) {
    Look look({said("a pier in the mist")});
    VisionTask task;
    task.picture = picture("lossy.webp");
    task.jobId = "0badcafe";
    task.cancellation = std::make_shared<host::plugins::Cancellation>();
    const CallResult told = look.vision.tell(std::move(task), "write a prompt", "as winter", 7);
    EXPECT_EQ(told.text, "a pier in the mist");
    const TextRequest& request = look.eye->requests.at(0);
    EXPECT_EQ(request.system, "write a prompt");
    EXPECT_EQ(request.user, "as winter");
    EXPECT_EQ(request.seed, 7);
    EXPECT_EQ(request.responseSchema, "");
    EXPECT_EQ(request.image->mime, "image/jpeg");
    EXPECT_EQ(look.eye->contexts.at(0).jobId, "0badcafe");
}

}  // namespace
