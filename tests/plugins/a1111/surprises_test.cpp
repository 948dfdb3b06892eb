// What the recordings of Forge's layer and of sd-server hold that a client does not expect, beyond
// what answers_test and following_test show; tests/data/*/README.md number them all.
#include <atomic>
#include <random>

#include "common/base64.hpp"
#include "common/png.hpp"
#include "plugins/a1111/family.hpp"

namespace test {

namespace {

using host::Json;
using host::plugins::CallStatus;
using ::testing::HasSubstr;

Json recorded(const std::string& name) {
    return Json::parse(readFile(std::string(IPL_TEST_DATA) + "/" + name + ".json"));
}

host::plugins::PictureIn picture(const std::string& bytes,
                                 host::plugins::InputRole role = host::plugins::InputRole::None) {
    return {"image/png", std::make_shared<const std::string>(bytes), 8, 8, role};
}

// A seed that a client's JSON would round is left out by the host: a wrong one draws another
// picture.
TEST(Seeds, Of64BitsAreNotRounded) {
    Family server;
    server.play("POST /sdapi/v1/txt2img", "txt2img_seed_2pow53");
    A1111Plugin plugin = startA1111(server);
    const auto told =
        Json::parse(recorded("forge-http-layer/txt2img_seed_2pow53")["response"]["body"]["info"]
                        .get<std::string>());
    ASSERT_EQ(told["all_seeds"][0], (std::int64_t{1} << 53) + 1);
    const auto pictures = drawWith(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_FALSE(pictures[0].info.seed.has_value());
}

TEST(Masks, GoBesideTheStartPictureAndWhatIsUnderThemIsKeptToStartFrom) {
    Family server;
    A1111Plugin plugin = startA1111(server, {{"extra", {{"mask_blur", 8}}}});
    host::plugins::ImageRequest request = a1111Request();
    request.image = picture("\x89PNG start");
    request.others = {picture("\x89PNG mask", host::plugins::InputRole::Mask)};
    ASSERT_TRUE(drawWith(plugin, request).result.ok());
    const Json body = Json::parse(server.requests("POST /sdapi/v1/img2img").at(0).body);
    EXPECT_EQ(body["mask"], upstream::base64("\x89PNG mask"));
    EXPECT_EQ(body["inpainting_mask_invert"], 0);
    EXPECT_EQ(body["inpainting_fill"], 1);
    EXPECT_EQ(body["inpaint_full_res"], false);
    EXPECT_EQ(body["mask_blur"], 8) << "the settings' own fields go before";
}

TEST(References, AreRefusedAndNotLeftOut) {
    Family server;
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.others = {picture("\x89PNG face", host::plugins::InputRole::Reference)};
    const Outcome outcome = drawWith(plugin, request);
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message, HasSubstr("no references"));
    EXPECT_TRUE(server.requests("POST /sdapi/v1/txt2img").empty());
}

// No client of Draw Things is known to send one, and a picture without it would be another one.
TEST(Masks, AreRefusedForDrawThings) {
    Family server("sd-server");
    server.play("GET /sdapi/v1/samplers", "progress_404");
    server.on("GET /", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json", R"({"model": "z_q8p.ckpt"})");
    });
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.image = picture("\x89PNG start");
    request.others = {picture("\x89PNG mask", host::plugins::InputRole::Mask)};
    EXPECT_EQ(drawWith(plugin, request).result.status, CallStatus::Unsupported);
    EXPECT_TRUE(server.requests("POST /sdapi/v1/img2img").empty());
    const Json about = Json::parse(
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
            .result.text);
    EXPECT_EQ(about["input_roles"], Json::array({"start"}));
}

class StoppedBySomebody : public ::testing::TestWithParam<const char*> {};

// The POST is answered with 200 and a picture that is not finished; only the state tells.
TEST_P(StoppedBySomebody, IsNotTakenForAFinishedPicture) {
    Family server;
    server.play("POST /sdapi/v1/txt2img", GetParam());
    const Json exchange = recorded(std::string("forge-http-layer/") + GetParam());
    Json state = exchange["polled_on_another_connection"].back()["progress"];
    // Its picture was one of two there, and the flag went with the next.
    if (std::string(GetParam()) == "txt2img_skipped") state["state"]["skipped"] = true;
    server.on("GET /sdapi/v1/progress", [state](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json", state.dump());
    });
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    EXPECT_EQ(outcome.result.status, CallStatus::Upstream);
    EXPECT_THAT(outcome.result.message, HasSubstr("somebody interrupted"));
    EXPECT_TRUE(outcome.collected->committed().empty());
}

INSTANTIATE_TEST_SUITE_P(Recorded, StoppedBySomebody,
                         ::testing::Values("txt2img_interrupted", "txt2img_skipped"));

// Until the next drawing begins, the state still shows the flags of the last one.
TEST(Flags, OfTheDrawingBeforeSayNothingOfThisOne) {
    Family server;
    const Json state =
        recorded("forge-http-layer/txt2img_interrupted")["polled_on_another_connection"]
            .back()["progress"];
    server.on("GET /sdapi/v1/progress", [state](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json", state.dump());
    });
    A1111Plugin plugin = startA1111(server);
    EXPECT_TRUE(drawWith(plugin).result.ok());
}

// Back at 0 before the POST is answered, on a server that tells of no single task.
TEST(Bars, OfTheWholeServerNeverRunBackwardsEither) {
    Family server;
    server.play("POST /internal/progress", "not_found");
    const Json polls =
        recorded("forge-http-layer/txt2img_with_progress")["polled_on_another_connection"];
    std::atomic<std::size_t> asked{0};
    std::atomic<bool> drawing{false};
    server.on("GET /sdapi/v1/progress", [&](sim::Connection& connection, const sim::Request&) {
        // The last six: five steps up, then nothing.
        const std::size_t at =
            drawing ? polls.size() - 6 + std::min<std::size_t>(asked++, 5) : polls.size() - 1;
        return connection.reply(200, "application/json", polls[at]["progress"].dump());
    });
    const Recording answer = readRecording(IPL_TEST_DATA, "forge-http-layer/txt2img_ok");
    server.on("POST /sdapi/v1/txt2img", [&](sim::Connection& connection, const sim::Request&) {
        drawing = true;
        for (int i = 0; i < 500 && asked < 6; ++i)
            connection.workFor(sim::Milliseconds(20));
        return connection.reply(answer.status, "application/json", answer.body());
    });
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    double last = -1;
    for (const double fraction : outcome.collected->fractions()) {
        EXPECT_GE(fraction, last);
        EXPECT_LT(fraction, 1);
        last = fraction;
    }
    EXPECT_GT(last, 0.9);
}

// Each preview costs the server the encoding of a picture: it is asked for without, but for some.
TEST(Previews, AreAskedForNowAndThenAndNeverWhenNobodyWantsThem) {
    for (const bool wanted : {true, false}) {
        Family server;
        std::atomic<int> asked{0};
        server.on("POST /internal/progress", [&](sim::Connection& connection, const sim::Request&) {
            ++asked;
            return connection.reply(
                200, "application/json",
                R"({"active": true, "queued": false, "completed": false, "progress": 0.5})");
        });
        const Recording answer = readRecording(IPL_TEST_DATA, "forge-http-layer/txt2img_ok");
        server.on("POST /sdapi/v1/txt2img", [&](sim::Connection& connection, const sim::Request&) {
            for (int i = 0; i < 500 && asked < 6; ++i)
                connection.workFor(sim::Milliseconds(20));
            return connection.reply(answer.status, "application/json", answer.body());
        });
        A1111Plugin plugin = startA1111(server, {{"previews", wanted}});
        host::plugins::ImageRequest request = a1111Request();
        request.wantsPreview = true;
        ASSERT_TRUE(drawWith(plugin, request).result.ok());
        int with = 0;
        int without = 0;
        for (const sim::Request& each : server.requests("POST /internal/progress"))
            ++(Json::parse(each.body).value("live_preview", false) ? with : without);
        EXPECT_EQ(with > 0, wanted);
        EXPECT_GT(without, with);
    }
}

// A PNG of a whole picture is larger than a preview may be.
TEST(Previews, ThatAreTooLargeAreShownSmall) {
    pictures::Pixels noise{1024, 768, std::vector<std::uint8_t>(std::size_t{1024} * 768 * 4)};
    std::minstd_rand random(1);
    for (auto& byte : noise.rgba)
        byte = static_cast<std::uint8_t>(random() >> 8);
    const std::string png = pictures::writePng(noise, "noise");
    ASSERT_GT(png.size(), 2U << 20);
    const auto progress = [](const Json& preview) {
        return Json{{"active", true},  {"queued", false},         {"completed", false},
                    {"progress", 0.5}, {"live_preview", preview}, {"id_live_preview", 1}}
            .dump();
    };
    const std::string none = progress(nullptr);
    const std::string large = progress("data:image/png;base64," + upstream::base64(png));
    Family server;
    std::atomic<bool> sent{false};
    std::atomic<bool> shown{false};  // the next look comes when it was shown
    server.on("POST /internal/progress",
              [&](sim::Connection& connection, const sim::Request& request) {
                  const bool wanted = Json::parse(request.body).value("live_preview", false);
                  shown = shown || sent;
                  sent = sent || wanted;
                  return connection.reply(200, "application/json", wanted ? large : none);
              });
    const Recording answer = readRecording(IPL_TEST_DATA, "forge-http-layer/txt2img_ok");
    server.on("POST /sdapi/v1/txt2img", [&](sim::Connection& connection, const sim::Request&) {
        for (int i = 0; i < 900 && !shown; ++i)
            connection.workFor(sim::Milliseconds(20));
        return connection.reply(answer.status, "application/json", answer.body());
    });
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.wantsPreview = true;
    const Outcome outcome = drawWith(plugin, request);
    const auto previews = outcome.collected->previews();
    ASSERT_FALSE(previews.empty()) << outcome.result.message;
    EXPECT_TRUE(previews[0].second.starts_with("\xFF\xD8")) << "a JPEG";
    EXPECT_LE(previews[0].second.size(), 256U * 1024);
}

// uvicorn closes an idle connection after five seconds and says nothing.
TEST(KeptConnections, ThatTheServerClosedInSilenceCostNothing) {
    Family server;
    const Recording samplers = readRecording(IPL_TEST_DATA, "forge-http-layer/samplers");
    server.on("GET /sdapi/v1/samplers", [&](sim::Connection& connection, const sim::Request&) {
        connection.reply(samplers.status, "application/json", samplers.body());
        return false;
    });
    A1111Plugin plugin = startA1111(server);
    for (int i = 0; i < 3; ++i) {
        const auto probe =
            plugin.run([](auto& backend, const auto& context) { return backend.probe(context); });
        EXPECT_TRUE(probe.result.ok()) << probe.result.message;
    }
}

// What is written there stays, for everybody: a model is asked for with each picture instead. And
// the list of waiting tasks keeps those that failed for ever.
TEST(SettingsOfTheServer, AreNeverWrittenAndItsListOfTasksNotBelieved) {
    Family server;
    server.play("GET /sdapi/v1/options", "options_get");  // whole numbers as 80.0 there
    server.play("POST /sdapi/v1/options", "options_post_ok");
    A1111Plugin plugin = startA1111(server, {{"model", "beta.safetensors"}});
    ASSERT_TRUE(drawWith(plugin).result.ok());
    ASSERT_TRUE(
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
            .result.ok());
    EXPECT_TRUE(server.requests("GET /sdapi/v1/options").empty());
    EXPECT_TRUE(server.requests("POST /sdapi/v1/options").empty());
    EXPECT_TRUE(server.requests("GET /internal/pending-tasks").empty());
}

TEST(SdServer, RoundsSizesUpAndItsInfoIsNotBelieved) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_width_65"));
    A1111Plugin plugin = startA1111(server);
    const auto pictures = drawWith(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_FALSE(pictures[0].info.stats.contains("width"));
    EXPECT_FALSE(pictures[0].info.stats.contains("height"));
}

TEST(SdServer, WouldTakeAnUnknownSamplerInSilenceAndTheOneItUsedIsTold) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_sampler_unknown"));
    A1111Plugin wrong = startA1111(server, {{"sampler", "No Such Sampler"}});
    EXPECT_EQ(drawWith(wrong).result.status, CallStatus::Unsupported);
    EXPECT_TRUE(server.requests("POST /sdapi/v1/txt2img").empty());
    A1111Plugin plugin = startA1111(server, {{"sampler", "Euler"}});
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok());
    const Json told =
        Json::parse(recorded("sd-server/txt2img_sampler_unknown")["response"]["body"]["info"]
                        .get<std::string>());
    EXPECT_EQ(outcome.collected->committed().at(0).info.stats["sampler_name"],
              told["sampler_name"]);
}

TEST(SdServer, MakesOnePictureWhereTwoWereAskedFor) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/txt2img", withWholePicture("sd-server/txt2img_n_iter_2"));
    A1111Plugin plugin = startA1111(server, {{"extra", {{"n_iter", 2}}}});
    EXPECT_EQ(drawWith(plugin).collected->committed().size(), 1U);
}

// Without a picture it draws from the text and says 200: what is sent must be there and whole.
TEST(SdServer, GetsTheBytesOfTheInputPictureAsTheyAre) {
    Family server("sd-server");
    server.on("POST /sdapi/v1/img2img", withWholePicture("sd-server/img2img_ok"));
    const std::string png = readFile(std::string(IPL_TEST_DATA) + "/sd-server/txt2img_ok.full.png");
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.image = picture(png);
    ASSERT_TRUE(drawWith(plugin, request).result.ok());
    const Json body = Json::parse(server.requests("POST /sdapi/v1/img2img").at(0).body);
    EXPECT_EQ(upstream::fromBase64(body["init_images"][0].get<std::string>()), png);
}

TEST(SdServer, ListsItsOneModelWithFillersForHashes) {
    Family server("sd-server");
    A1111Plugin plugin = startA1111(server);
    const Json about = Json::parse(
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
            .result.text);
    EXPECT_EQ(about["models"].size(), 1U);
}

}  // namespace

}  // namespace test
