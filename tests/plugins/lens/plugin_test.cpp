// The plugin as the host runs it: the built library behind the host's own plugin floor.
#include <gtest/gtest.h>

#include "common/backend_run.hpp"
#include "plugins/lens/pictures.hpp"

namespace {

using host::Json;
using host::plugins::CallStatus;
using host::plugins::PictureIn;
using host::plugins::VisionBackend;
using testing::HasSubstr;
using Plugin = test::BackendRun<VisionBackend>;

Plugin start(Json settings = Json::object()) {
    return Plugin(IPL_PLUGIN_DIR "/lens.so", IPL_ROLE_VISION, std::move(settings));
}

PictureIn pixmap(const pictures::Picture& picture) {
    std::string bytes =
        "P6\n" + std::to_string(picture.width) + " " + std::to_string(picture.height) + "\n255\n";
    bytes.append(picture.rgb.begin(), picture.rgb.end());
    return {"image/x-portable-pixmap", std::make_shared<const std::string>(std::move(bytes)),
            static_cast<std::uint32_t>(picture.width), static_cast<std::uint32_t>(picture.height)};
}

test::Outcome analyze(Plugin& plugin, PictureIn image, Json extra = Json::object(),
                      std::string steering = {},
                      std::shared_ptr<host::plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [&](auto& backend, const auto& context) {
            host::plugins::TextRequest request;
            request.system = "You describe pictures.";
            request.user = "Describe it.";
            request.model = "qwen3-vl";
            request.image = std::move(image);
            request.extra = std::move(extra);
            request.steering = std::move(steering);
            return backend.analyze(request, context);
        },
        std::chrono::seconds(20), std::move(cancellation));
}

const pictures::Picture kSunset = pictures::paint(
    64, 48, [](double, double y) { return lens::rgbOf(y < 0.5 ? 0xff8000 : 0x14204e); });

TEST(LensPlugin, AsksForPixelsAndNamesItself) {
    Plugin plugin = start();
    const auto ask = [&plugin](auto function) {
        auto outcome = plugin.run(function);
        EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
        return outcome.result.text;
    };
    const Json told =
        Json::parse(ask([](auto& backend, const auto& c) { return backend.describe(c); }));
    EXPECT_EQ(told["image_formats"], Json{"image/x-portable-pixmap"});
    EXPECT_EQ(told["max_image_side"], 640);
    EXPECT_EQ(told["model"], "lens");
    const Json models =
        Json::parse(ask([](auto& backend, const auto& c) { return backend.listModels(c); }));
    EXPECT_EQ(models["object"], "list");
    EXPECT_EQ(models["data"][0]["id"], "lens");
    ask([](auto& backend, const auto& c) { return backend.probe(c); });
}

TEST(LensPlugin, AnswersWithTheSceneOfAPictureAndItsMetadata) {
    Plugin plugin = start();
    const auto outcome = analyze(plugin, pixmap(kSunset),
                                 {{"width", 6000},
                                  {"height", 4000},
                                  {"metadata", {{"camera", {{"model", "X100V"}, {"iso", 200}}}}}},
                                 "make it dreamy");
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    const auto scene = pictures::Json::parse(outcome.result.text);
    pictures::expectScene(scene);
    EXPECT_THAT(scene["color_palette"].dump(), HasSubstr("orange"));
    EXPECT_THAT(scene["color_palette"].dump(), HasSubstr("navy"));
    EXPECT_EQ(scene["camera"]["aspect_ratio"], "3:2");
    EXPECT_EQ(scene["camera"]["iso"], 200);
    EXPECT_EQ(scene["steering"], "make it dreamy");
}

TEST(LensPlugin, RefusesWhatIsNoPixmap) {
    Plugin plugin = start();
    std::string cut = *pixmap(kSunset).bytes;
    cut.pop_back();
    for (const std::string& bytes :
         {std::string(), std::string("\x89PNG\r\n\x1a\n"), std::string("P6\n0 0\n255\n"),
          std::string("P6\n99999999 99999999\n255\n"), cut}) {
        PictureIn image{"image/png", std::make_shared<const std::string>(bytes), 0, 0};
        const auto outcome = analyze(plugin, std::move(image));
        EXPECT_EQ(outcome.result.status, CallStatus::ImageFormat);
        EXPECT_EQ(outcome.result.field, "image");
        EXPECT_THAT(outcome.result.message, HasSubstr("pixmap"));
    }
}

TEST(LensPlugin, ACancelledCallEndsAsCancelled) {
    Plugin plugin = start();
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(analyze(plugin, pixmap(kSunset), {}, {}, cancellation).result.status,
              CallStatus::Cancelled);
}

TEST(LensPlugin, ThePaletteIsAsLargeAsTheSettingsSay) {
    const auto rainbow = pictures::paint(90, 30, [](double x, double) {
        return lens::rgbOf(lens::Lab{0.6F, static_cast<float>(0.15 * std::cos(6.28 * x)),
                                     static_cast<float>(0.15 * std::sin(6.28 * x))});
    });
    Plugin small = start({{"palette_size", 3}});
    const auto outcome = analyze(small, pixmap(rainbow));
    EXPECT_EQ(Json::parse(outcome.result.text)["color_palette"].size(), 3U);
    EXPECT_THROW(start({{"palette_size", 6}}), std::runtime_error);
}

TEST(LensPlugin, LooksAtAFullSizedPictureInNoTime) {
    Plugin plugin = start();
    const auto large = pictures::paint(640, 640, [](double x, double y) {
        return lens::Rgb{static_cast<uint8_t>(255 * pictures::noise(x, y)),
                         static_cast<uint8_t>(255 * pictures::noise(y, x)),
                         static_cast<uint8_t>(255 * x)};
    });
    const auto image = pixmap(large);
    const auto begun = std::chrono::steady_clock::now();
    ASSERT_EQ(analyze(plugin, image).result.status, CallStatus::Ok);
    // A few milliseconds on an idle machine; the bound is for a loaded one with sanitizers.
    EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
