// What servers of the images API answer, and what becomes of it.
#include <condition_variable>
#include <mutex>
#include <random>

#include "imaging/pixels.hpp"
#include "plugins/openai_images/images_server.hpp"

namespace test {

namespace {

using host::Json;
using host::plugins::CallStatus;
using host::plugins::Cancellation;
using host::plugins::CancelReason;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using namespace std::chrono_literals;

constexpr const char* kGenerate = "POST /v1/images/generations";

std::string event(const Json& data) {
    return "event: " + data["type"].get<std::string>() + "\ndata: " + data.dump() + "\n\n";
}

Json picture(const std::string& type, const std::string& bytes) {
    return {{"type", type}, {"b64_json", upstream::base64(bytes)}, {"partial_image_index", 0}};
}

host::plugins::ImageRequest withPreviews() {
    auto request = imageRequest();
    request.wantsPreview = true;
    return request;
}

// sd-server 9
TEST(SdServer, APictureArrivesAsBase64WhateverFormatWasAskedFor) {
    for (const char* const recording : {"gen_ok", "gen_response_format_url", "gen_unknown_model"}) {
        ImagesServer server;
        server.playPicture(kGenerate, recording);
        ImagesPlugin plugin = startImages(server);
        const Outcome outcome = drawWith(plugin);
        ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
        ASSERT_EQ(outcome.collected->committed().size(), 1U);
        EXPECT_EQ(outcome.collected->committed()[0].bytes, wholePicture());
    }
}

// sd-server 9
TEST(SdServer, IgnoresThatAStreamWasAskedFor) {
    ImagesServer server;
    server.playPicture(kGenerate, "gen_stream_true");
    ImagesPlugin plugin = startImages(server);
    const Outcome outcome = drawWith(plugin, withPreviews());
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    EXPECT_EQ(server.lastGeneration()["stream"], true);
    EXPECT_EQ(outcome.collected->committed()[0].bytes, wholePicture());
}

// sd-server 4
TEST(SdServer, MayDrawMoreThanWasAskedForAndAllIsKept) {
    ImagesServer server;
    server.playPicture(kGenerate, "gen_n_100");
    ImagesPlugin plugin = startImages(server);
    EXPECT_EQ(drawWith(plugin).collected->committed().size(), 8U);
}

// sd-server 2
TEST(SdServer, TellsTheReasonOfAFailureInOneOfTwoPlaces) {
    const std::pair<const char*, const char*> cases[] = {{"gen_n_string", "type must be number"},
                                                         {"gen_no_prompt", "prompt required"},
                                                         {"gen_format_unknown", "output_format"},
                                                         {"gen_webp_not_built", "output_format"}};
    for (const auto& [recording, words] : cases) {
        ImagesServer server;
        server.play(kGenerate, recording);
        ImagesPlugin plugin = startImages(server);
        const Outcome outcome = drawWith(plugin);
        EXPECT_FALSE(outcome.result.ok());
        EXPECT_THAT(outcome.result.message, HasSubstr(words)) << recording;
    }
}

// sd-server 10
TEST(SdServer, SaysWhatAnEditLacks) {
    ImagesServer server;
    server.play("POST /v1/images/edits", "edit_no_image");
    ImagesPlugin plugin = startImages(server);
    auto request = imageRequest();
    request.image = host::plugins::PictureIn{
        "image/png", std::make_shared<const std::string>(wholePicture()), 64, 64};
    const Outcome outcome = drawWith(plugin, request);
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message, HasSubstr("at least one image[] required"));
}

TEST(Stream, PartialImagesArePreviewsAndTheLastIsThePicture) {
    ImagesServer server;
    server.on(kGenerate, [](sim::Connection& connection, const sim::Request&) {
        Json done = picture("image_generation.completed", wholePicture());
        done["usage"] = {{"total_tokens", 100}};
        return connection.beginChunked(200, "text/event-stream") &&
               connection.sendChunk(
                   event(picture("image_generation.partial_image", wholePicture()))) &&
               connection.sendChunk(
                   event(picture("image_generation.partial_image", "no picture"))) &&
               connection.sendChunk(event({{"type", "image_generation.news"}})) &&
               connection.sendChunk(event(done)) && connection.endChunked();
    });
    ImagesPlugin plugin = startImages(server, {{"model", "gpt-image-1"}});
    const Outcome outcome = drawWith(plugin, withPreviews());
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    const auto previews = outcome.collected->previews();
    ASSERT_EQ(previews.size(), 1U);
    EXPECT_EQ(previews[0].second, wholePicture());
    const auto pictures = outcome.collected->committed();
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_EQ(pictures[0].bytes, wholePicture());
    EXPECT_EQ(pictures[0].info.stats["usage"]["total_tokens"], 100);
}

// OpenAI's partial images are PNG files of the whole size; a preview holds 256 KiB.
TEST(Stream, PartialImagesThatAreTooLargeForAPreviewAreMadeSmall) {
    host::imaging::Pixels noise;
    noise.width = 700;
    noise.height = 500;
    noise.rgb.resize(std::size_t{700} * 500 * 3);
    std::mt19937 random(1);
    for (auto& byte : noise.rgb)
        byte = static_cast<std::remove_reference_t<decltype(byte)>>(random());
    const auto png = host::imaging::encodePng(noise);
    ASSERT_TRUE(png.ok());
    ASSERT_GT(png->size(), 256U * 1024);
    ImagesServer server;
    server.on(kGenerate, [&](sim::Connection& connection, const sim::Request&) {
        return connection.beginChunked(200, "text/event-stream") &&
               connection.sendChunk(event(picture("image_generation.partial_image", *png))) &&
               connection.sendChunk(event(picture("image_generation.completed", wholePicture()))) &&
               connection.endChunked();
    });
    ImagesPlugin plugin = startImages(server, {{"model", "gpt-image-1"}});
    const Outcome outcome = drawWith(plugin, withPreviews());
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    const auto previews = outcome.collected->previews();
    ASSERT_EQ(previews.size(), 1U);
    EXPECT_EQ(previews[0].first, "image/jpeg");
    const auto shown = host::imaging::decode(previews[0].second, 0);
    ASSERT_TRUE(shown.ok());
    EXPECT_EQ(shown->width, 350U);
    EXPECT_EQ(shown->height, 250U);
}

TEST(Stream, ThatEndsWithoutAPictureIsAFailure) {
    ImagesServer server;
    server.on(kGenerate, [](sim::Connection& connection, const sim::Request&) {
        return connection.beginChunked(200, "text/event-stream") &&
               connection.sendChunk(event(picture("image_generation.partial_image", "x"))) &&
               connection.endChunked();
    });
    ImagesPlugin plugin = startImages(server);
    EXPECT_EQ(drawWith(plugin, withPreviews()).result.status, CallStatus::BadOutput);
}

TEST(Stream, ThatTellsOfAnErrorGivesItsReason) {
    ImagesServer server;
    server.on(kGenerate, [](sim::Connection& connection, const sim::Request&) {
        return connection.beginChunked(200, "text/event-stream") &&
               connection.sendChunk(event({{"type", "error"},
                                           {"error",
                                            {{"type", "image_generation_user_error"},
                                             {"code", "moderation_blocked"},
                                             {"message", "rejected by the safety system"}}}})) &&
               connection.endChunked();
    });
    ImagesPlugin plugin = startImages(server);
    const Outcome outcome = drawWith(plugin, withPreviews());
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message, HasSubstr("safety system"));
}

TEST(Failures, AreToldApart) {
    struct Case {
        int status;
        const char* body;
        const char* headers;
        CallStatus expected;
        const char* words;
    };
    const Case cases[] = {
        {401, R"({"error":{"message":"Incorrect API key","code":"invalid_api_key"}})", "",
         CallStatus::Upstream, "refused the api_key"},
        {429, R"({"error":{"message":"Rate limit reached","code":"rate_limit_exceeded"}})",
         "Retry-After: 3\r\n", CallStatus::Busy, "Rate limit"},
        {429, R"({"error":{"message":"You exceeded your quota","code":"insufficient_quota"}})", "",
         CallStatus::Upstream, "quota"},
        {400, R"({"error":{"message":"rejected","code":"content_policy_violation"}})", "",
         CallStatus::Unsupported, "rejected"},
        {404, R"({"error":{"message":"The model `x` does not exist","code":"model_not_found"}})",
         "", CallStatus::Unsupported, "does not exist"},
        {404, "404 page not found", "", CallStatus::Upstream, "no images API"},
        {500, "CUDA out of memory", "", CallStatus::OutOfMemory, "out of memory"},
        {502, "<html>bad gateway</html>", "", CallStatus::Upstream, "502"},
        {200, R"({"created":1,"data":[]})", "", CallStatus::BadOutput, "no pictures"},
        {200, R"({"data":[{"b64_json":"!!"}]})", "", CallStatus::BadOutput, "not base64"},
        {200, R"({"data":[{}]})", "", CallStatus::BadOutput, "neither"},
        {200, "<html>hello</html>", "", CallStatus::BadOutput, "not a JSON object"},
        {200, "", "", CallStatus::BadOutput, "not a JSON object"},
    };
    for (const Case& each : cases) {
        ImagesServer server;
        server.on(kGenerate, answering(each.status, each.body, each.headers));
        ImagesPlugin plugin = startImages(server, {{"api_key", "sk-1"}});
        const Outcome outcome = drawWith(plugin);
        EXPECT_EQ(outcome.result.status, each.expected) << each.status << each.body;
        EXPECT_THAT(outcome.result.message, HasSubstr(each.words));
        EXPECT_THAT(outcome.result.message, Not(HasSubstr("sk-1")));
    }
}

TEST(Addresses, AreFetchedAndTheKeyStaysWithItsServer) {
    ImagesServer other;
    other.on("GET /files/a.png", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "image/png", wholePicture());
    });
    ImagesServer server;
    server.on("GET /files/a.png", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "image/png", wholePicture());
    });
    for (const std::string& url : {std::string("/files/a.png"), other.url() + "/files/a.png"}) {
        server.on(kGenerate, answering(200, Json{{"data", {{{"url", url}}}}}.dump()));
        ImagesPlugin plugin = startImages(server, {{"api_key", "sk-1"}});
        const Outcome outcome = drawWith(plugin);
        ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
        EXPECT_EQ(outcome.collected->committed().at(0).bytes, wholePicture());
    }
    EXPECT_EQ(server.requests(kGenerate)[0].header("authorization"), "Bearer sk-1");
    EXPECT_EQ(server.requests("GET /files/a.png").at(0).header("authorization"), "Bearer sk-1");
    EXPECT_EQ(other.requests("GET /files/a.png").at(0).header("authorization"), "");
}

TEST(Addresses, OfFilesAndOtherSchemesAreNotFollowed) {
    for (const char* const url :
         {"file:///etc/passwd", "//elsewhere/a.png", "ftp://h/a", "a.png"}) {
        ImagesServer server;
        server.on(kGenerate, answering(200, Json{{"data", {{{"url", url}}}}}.dump()));
        ImagesPlugin plugin = startImages(server);
        EXPECT_EQ(drawWith(plugin).result.status, CallStatus::BadOutput) << url;
    }
}

TEST(Cancel, EndsTheRequestAtTheServer) {
    ImagesServer server;
    std::mutex mutex;
    std::condition_variable changed;
    bool left = false;
    server.on(kGenerate, [&](sim::Connection& connection, const sim::Request&) {
        const bool gone = connection.waitFor(20s) == sim::Connection::Wait::PeerClosed;
        const std::lock_guard lock(mutex);
        left = gone;
        changed.notify_all();
        return false;
    });
    ImagesPlugin plugin = startImages(server);
    const auto cancellation = std::make_shared<Cancellation>();
    std::thread user([&] {
        if (server.waitFor(kGenerate)) cancellation->cancel(CancelReason::User);
    });
    EXPECT_EQ(drawWith(plugin, imageRequest(), 20s, cancellation).result.status,
              CallStatus::Cancelled);
    user.join();
    std::unique_lock lock(mutex);
    EXPECT_TRUE(changed.wait_for(lock, 20s, [&] { return left; }));
}

TEST(Describe, NamesTheModelsAndWhatCanBeAskedFor) {
    ImagesServer server;
    ImagesPlugin plugin = startImages(server, {{"model", "sd-cpp-local"}, {"fields", {"seed"}}});
    const Outcome told =
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    ASSERT_TRUE(told.result.ok()) << told.result.message;
    const Json about = Json::parse(told.collected->text());
    EXPECT_THAT(about["models"], ElementsAre("sd-cpp-local"));
    EXPECT_EQ(about["seed"], true);
    EXPECT_EQ(about["negative_prompt"], false);
    EXPECT_THAT(about["input_roles"], ElementsAre("start", "mask", "reference"));
}

TEST(Settings, ThatAreWrongAreNamed) {
    const std::pair<Json, const char*> cases[] = {
        {{{"url", "ftp://h"}}, "/url"},
        {{{"url", "http://h"}, {"sizes", {"big"}}}, "/sizes"},
        {{{"url", "http://h"}, {"api_key", "a b"}}, "/api_key"},
        {{{"url", "http://h"}, {"mask", "black"}}, "/mask"}};
    for (const auto& [settings, field] : cases) {
        try {
            const ImagesPlugin plugin(IPL_PLUGIN_DIR "/openai_images.so", IPL_ROLE_IMAGE, settings);
            ADD_FAILURE() << settings;
        } catch (const std::runtime_error& error) {
            EXPECT_THAT(error.what(), HasSubstr(field));
        }
    }
}

}  // namespace

}  // namespace test
