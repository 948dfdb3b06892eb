// The vision service in front of a chat model that behaves, more or less.
#include "integration/support/health_pulse.hpp"
#include "integration/vision/vision_fixture.hpp"

namespace test {

namespace {

using host::Json;
using testing::HasSubstr;

TEST(VisionService, AnswersWithTheSceneItself) {
    Simulator llm = simLlm(0.02);
    HostProcess host(withEye(llm));
    host.start();
    const HttpAnswer answer = analyze(visionOf(host), samplePicture("plain.jpg"), "film noir",
                                      {{"X-Correlation-ID", "from-the-client"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("X-Correlation-ID"), "from-the-client");
    const Json scene = answer.json();
    for (const char* name :
         {"scene", "props", "subjects", "style", "color_palette", "lighting", "mood", "film_stock",
          "era", "background", "composition", "time_weather", "camera"}) {
        EXPECT_TRUE(scene.contains(name)) << name;
    }
    EXPECT_FALSE(scene.contains("success"));
    EXPECT_THAT(scene["scene"].get<std::string>(), HasSubstr("film noir"));
    EXPECT_EQ(scene["camera"]["iso"], 200);

    const auto asked = askedOf(llm, 1);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0]["correlation_id"], "from-the-client");
    EXPECT_EQ(asked[0]["model"], "sim-model");
    EXPECT_EQ(asked[0]["stream"], true);
    EXPECT_EQ(asked[0]["has_schema"], true);
    EXPECT_EQ(asked[0]["pictures"][0]["mime"], "image/jpeg");
}

TEST(VisionService, TakesJsonAndTheModelOfTheRequest) {
    Simulator llm = simLlm(0.02);
    HostProcess host(withEye(llm));
    host.start();
    const std::string data = "data:image/webp;base64," + base64(samplePicture("lossy.webp"));
    const HttpAnswer answer = visionOf(host).post(
        "/api/analyze",
        {{"image_base64", data}, {"mime", "image/png"}, {"model", "big-eye"}, {"steering", ""}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    ASSERT_EQ(askedOf(llm, 1).size(), 1U);
    EXPECT_EQ(llm.log()[0]["model"], "big-eye");
    EXPECT_EQ(llm.log()[0]["pictures"][0]["mime"], "image/jpeg") << "WebP is converted";
}

TEST(VisionService, GifIsConvertedAndPngStaysWhatItIs) {
    Simulator llm = simLlm(0.02);
    HostProcess host(withEye(llm));
    host.start();
    for (const char* name : {"animated.gif", "animated.webp", "alpha.png"})
        EXPECT_EQ(analyze(visionOf(host), samplePicture(name)).status, 200) << name;
    const auto asked = askedOf(llm, 3);
    ASSERT_EQ(asked.size(), 3U);
    EXPECT_EQ(asked[0]["pictures"][0]["mime"], "image/jpeg");
    EXPECT_EQ(asked[1]["pictures"][0]["mime"], "image/jpeg");
    EXPECT_EQ(asked[2]["pictures"][0]["mime"], "image/png");
}

TEST(VisionService, ListsTheModelsAndTellsItsHealth) {
    Simulator llm = simLlm(0.02);
    HostProcess host(withEye(llm));
    host.start();
    const HttpAnswer models = visionOf(host).get("/api/models");
    ASSERT_EQ(models.status, 200) << models.body;
    EXPECT_EQ(models.json()["object"], "list");
    EXPECT_EQ(models.json()["data"][0]["id"], "sim-model");
    EXPECT_EQ(models.json()["default_model"], "sim-model");
    EXPECT_TRUE(eventually(
        [&] { return visionOf(host).get("/health").json().value("llm", "") == "connected"; }));
    const Json health = visionOf(host).get("/health").json();
    EXPECT_EQ(health["service"], "json_from_image");
    EXPECT_EQ(health["status"], "healthy");
    EXPECT_EQ(health["model"], "sim-model");
}

TEST(VisionService, AModelServerThatIsAwayIsToldAtOnce) {
    HostProcess host({{"vision", chatAt("http://127.0.0.1:1")}});
    host.start();
    const HttpAnswer answer = analyze(host);
    EXPECT_EQ(answer.status, 502) << answer.body;
    EXPECT_EQ(codeOf(answer), "SERVICE_UNAVAILABLE");
    EXPECT_EQ(visionOf(host).get("/api/models").status, 502);
    const HttpAnswer health = visionOf(host).get("/health");
    EXPECT_EQ(health.status, 200);
    EXPECT_EQ(health.json()["status"], "degraded");
    EXPECT_EQ(health.json()["llm"], "disconnected");
    EXPECT_LT(health.seconds, 1.0);
}

TEST(VisionService, AKeyThatTheModelServerRefusesIsAnErrorOfTheModel) {
    Simulator llm = simLlm(0.02, {"--api-key", "sekret"});
    HostProcess host(withEye(llm));
    host.start();
    const HttpAnswer answer = analyze(host);
    EXPECT_EQ(answer.status, 502) << answer.body;
    EXPECT_EQ(codeOf(answer), "LM_STUDIO_ERROR");
    EXPECT_TRUE(eventually(
        [&] { return visionOf(host).get("/health").json().value("llm", "") == "error"; }));
}

TEST(VisionService, AsksForTheHostsOwnKeys) {
    Simulator llm = simLlm(0.02);
    Json config = withEye(llm);
    config["api_keys"] = {"open-sesame"};
    HostProcess host(config);
    host.start();
    EXPECT_EQ(analyze(host).status, 401);
    EXPECT_EQ(visionOf(host).get("/api/models").status, 401);
    EXPECT_EQ(visionOf(host).get("/health").status, 200);
    EXPECT_EQ(analyze(visionOf(host), samplePicture("plain.jpg"), "",
                      {{"Authorization", "Bearer open-sesame"}})
                  .status,
              200);
}

TEST(VisionRole, APluginThatCannotLookIsAFaultOfTheConfiguration) {
    for (const char* plugin : {"wordsmith", "no-such-plugin"}) {
        HostProcess host({{"vision", {{"plugin", plugin}}}});
        EXPECT_FALSE(host.tryStart());
        EXPECT_EQ(host.process().wait(std::chrono::seconds(20)), 78);
        EXPECT_THAT(host.log(), HasSubstr("/vision/plugin")) << plugin;
    }
}

class OddEye : public ::testing::TestWithParam<const char*> {};

TEST_P(OddEye, IsUnderstood) {
    Simulator llm = simLlm(0.02, {"--fault", GetParam()});
    HostProcess host(withEye(llm));
    host.start();
    const HttpAnswer answer = analyze(host, "gloomy");
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_THAT(answer.json()["scene"].get<std::string>(), HasSubstr("gloomy"));
}

INSTANTIATE_TEST_SUITE_P(EveryManner, OddEye,
                         ::testing::Values("prose", "fenced", "think-tags", "reasoning",
                                           "reasoning-json", "whole-body", "no-done", "no-schema"),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

class ForgetfulEye : public ::testing::TestWithParam<const char*> {};

TEST_P(ForgetfulEye, IsAskedOnceMore) {
    Simulator llm = simLlm(0.02, {"--fault", GetParam(), "--fault-count", "1"});
    HostProcess host(withEye(llm));
    host.start();
    EXPECT_EQ(analyze(host).status, 200);
    ASSERT_EQ(askedOf(llm, 2).size(), 2U);
    EXPECT_THAT(llm.log()[1]["prompt"].get<std::string>(), HasSubstr("could not be used"));
}

INSTANTIATE_TEST_SUITE_P(EveryManner, ForgetfulEye,
                         ::testing::Values("not-json", "cut-json", "empty", "reasoning-only"),
                         [](const auto& param) {
                             std::string name = param.param;
                             std::erase(name, '-');
                             return name;
                         });

struct Fault {
    const char* name;
    int status;
    const char* code;
};

class FaultyEye : public ::testing::TestWithParam<Fault> {};

TEST_P(FaultyEye, HasTheContractsError) {
    Simulator llm = simLlm(0.02, {"--fault", GetParam().name});
    HostProcess host(withEye(llm, {{"timeout_seconds", 2}}));
    host.start();
    const HealthPulse pulse(host, "json_from_image");
    const HttpAnswer answer = analyze(host);
    EXPECT_EQ(answer.status, GetParam().status) << answer.body;
    EXPECT_EQ(codeOf(answer), GetParam().code) << answer.body;
    EXPECT_LE(llm.log().size(), 2U);
}

INSTANTIATE_TEST_SUITE_P(EveryFault, FaultyEye,
                         ::testing::Values(Fault{"not-json", 502, "LM_STUDIO_ERROR"},
                                           Fault{"cut-json", 502, "LM_STUDIO_ERROR"},
                                           Fault{"empty", 502, "LM_STUDIO_ERROR"},
                                           Fault{"reasoning-only", 502, "LM_STUDIO_ERROR"},
                                           Fault{"http-500", 502, "LM_STUDIO_ERROR"},
                                           Fault{"html-502", 502, "LM_STUDIO_ERROR"},
                                           Fault{"string-error", 502, "LM_STUDIO_ERROR"},
                                           Fault{"unknown-model", 502, "LM_STUDIO_ERROR"},
                                           Fault{"unauthorized", 502, "LM_STUDIO_ERROR"},
                                           Fault{"error-mid-stream", 502, "LM_STUDIO_ERROR"},
                                           Fault{"broken-stream", 502, "SERVICE_UNAVAILABLE"},
                                           Fault{"busy-429", 503, "SERVICE_UNAVAILABLE"},
                                           Fault{"hang", 504, "TIMEOUT"},
                                           Fault{"hang-mid", 504, "TIMEOUT"}),
                         [](const auto& param) {
                             std::string name = param.param.name;
                             std::erase(name, '-');
                             return name;
                         });

TEST(VisionService, AnUnusableAnswerIsShownFromItsBeginning) {
    Simulator llm = simLlm(0.02, {"--fault", "not-json", "--words", "200"});
    HostProcess host(withEye(llm));
    host.start();
    const HttpAnswer answer = analyze(host);
    ASSERT_EQ(answer.status, 502);
    const std::string raw = answer.json()["error"]["details"].value("raw", "");
    EXPECT_TRUE(raw.starts_with("A scene of")) << raw;
    EXPECT_EQ(raw.size(), 500U);
}

}  // namespace

}  // namespace test
