// What the servers of the family really answered, and what becomes of it.
#include "plugins/a1111/family.hpp"

namespace test {

namespace {

using host::Json;
using host::plugins::CallStatus;
using ::testing::HasSubstr;

Json sent(Family& server, const std::string& route) {
    const auto requests = server.requests(route);
    return requests.empty() ? Json() : Json::parse(requests.back().body);
}

TEST(Forge, APictureArrivesWithItsSeedAndHowItWasMade) {
    Family server;
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    const auto pictures = outcome.collected->committed();
    ASSERT_EQ(pictures.size(), 1U);
    EXPECT_TRUE(pictures[0].bytes.starts_with("\x89PNG"));
    EXPECT_EQ(pictures[0].info.seed, 7);
    EXPECT_EQ(pictures[0].info.stats["sampler_name"], "Euler a");
    EXPECT_EQ(pictures[0].info.stats["cfg_scale"], 7.0);
}

// pydantic 2 and stable-diffusion.cpp's server refuse what pydantic 1 takes.
TEST(Requests, HaveExactTypesAndNoNull) {
    Family server;
    A1111Plugin plugin =
        startA1111(server, {{"sampler", "Euler a"},
                            {"scheduler", "Karras"},
                            {"model", "alpha.safetensors [0123456789]"},
                            {"override_settings", {{"CLIP_stop_at_last_layers", 2}}},
                            {"extra", {{"restore_faces", true}}}});
    ASSERT_TRUE(drawWith(plugin).result.ok());
    const Json body = sent(server, "POST /sdapi/v1/txt2img");
    for (const auto& [name, value] : body.items())
        EXPECT_FALSE(value.is_null()) << name;
    EXPECT_EQ(body["prompt"], "a red cat");
    EXPECT_EQ(body["negative_prompt"], "blur");
    EXPECT_TRUE(body["seed"].is_number_integer());
    EXPECT_TRUE(body["steps"].is_number_integer());
    EXPECT_EQ(body["width"], 704);
    EXPECT_EQ(body["sampler_name"], "Euler a");
    EXPECT_EQ(body["scheduler"], "Karras");
    EXPECT_EQ(body["batch_size"], 1);
    EXPECT_EQ(body["n_iter"], 1);
    EXPECT_EQ(body["override_settings"]["sd_model_checkpoint"], "alpha.safetensors [0123456789]");
    EXPECT_EQ(body["override_settings"]["CLIP_stop_at_last_layers"], 2);
    EXPECT_EQ(body["override_settings_restore_afterwards"], false);
    EXPECT_EQ(body["restore_faces"], true);
    EXPECT_FALSE(body.contains("denoising_strength"));
    EXPECT_THAT(body["force_task_id"].get<std::string>(), HasSubstr("task(ipl-"));
}

TEST(Requests, CarryTheInputPictureBareAndTheStrength) {
    Family server;
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.image = host::plugins::PictureIn{
        "image/png", std::make_shared<const std::string>("\x89PNG picture"), 8, 8};
    request.strength = 0.6;
    ASSERT_TRUE(drawWith(plugin, request).result.ok());
    const Json body = sent(server, "POST /sdapi/v1/img2img");
    EXPECT_EQ(body["init_images"], Json::array({"iVBORyBwaWN0dXJl"}));
    EXPECT_EQ(body["denoising_strength"], 0.6);
}

TEST(Requests, WithoutASeedGetOneThatIsReported) {
    Family server;
    server.on("POST /sdapi/v1/txt2img", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json", R"({"images": ["iVBORyBwaWN0dXJl"]})");
    });
    A1111Plugin plugin = startA1111(server);
    host::plugins::ImageRequest request = a1111Request();
    request.seed.reset();
    const Outcome outcome = drawWith(plugin, request);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    const Json body = sent(server, "POST /sdapi/v1/txt2img");
    EXPECT_GE(body["seed"], 0);
    EXPECT_EQ(outcome.collected->committed()[0].info.seed, body["seed"].get<std::int64_t>());
}

TEST(Requests, CarryUserAndPasswordAsBasic) {
    Family server;
    A1111Plugin plugin = startA1111(server, {{"user", "u"}, {"password", "p"}});
    ASSERT_TRUE(drawWith(plugin).result.ok());
    for (const char* const route : {"POST /sdapi/v1/txt2img", "GET /sdapi/v1/progress"})
        EXPECT_EQ(server.requests(route)[0].header("authorization"), "Basic dTpw") << route;
}

TEST(Batches, ThatAServerMakesUnaskedAreAllKeptWithTheirSeeds) {
    Family server;
    server.play("POST /sdapi/v1/txt2img", "txt2img_batch_2_iter_2");
    A1111Plugin plugin = startA1111(server);
    const auto pictures = drawWith(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 4U);
    EXPECT_EQ(pictures[3].info.seed, 10);
}

TEST(Grids, AndControlMapsAreNoPictures) {
    Family server;
    server.on("POST /sdapi/v1/txt2img", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json",
                                R"({"images": ["Z3JpZA==", "b25l", "dHdv", "bWFw"],
                "info": "{\"index_of_first_image\": 1, \"all_seeds\": [3, 4]}"})");
    });
    A1111Plugin plugin = startA1111(server);
    const auto pictures = drawWith(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 2U);
    EXPECT_EQ(pictures[0].bytes, "one");
    EXPECT_EQ(pictures[1].bytes, "two");
    EXPECT_EQ(pictures[1].info.seed, 4);
}

struct Bad {
    const char* folder;
    const char* recording;
    CallStatus status;
    const char* says;
};

void PrintTo(const Bad& bad, std::ostream* out) {
    *out << bad.folder << "/" << bad.recording;
}

class BadAnswer : public ::testing::TestWithParam<Bad> {};

TEST_P(BadAnswer, EndsWithItsStatusAndTheServersReason) {
    Family server(GetParam().folder);
    server.play("POST /sdapi/v1/txt2img", GetParam().recording);
    A1111Plugin plugin = startA1111(server);
    const Outcome outcome = drawWith(plugin);
    EXPECT_EQ(outcome.result.status, GetParam().status) << outcome.result.message;
    EXPECT_THAT(outcome.result.message, HasSubstr(GetParam().says));
    EXPECT_TRUE(outcome.collected->committed().empty());
}

constexpr const char* kForge = "forge-http-layer";
constexpr const char* kSd = "sd-server";
INSTANTIATE_TEST_SUITE_P(
    OfTheFamily, BadAnswer,
    ::testing::Values(
        Bad{kForge, "txt2img_sampler_unknown", CallStatus::Unsupported, "Sampler not found"},
        Bad{kForge, "txt2img_sampler_unknown_no_middleware", CallStatus::Unsupported,
            "Sampler not found"},
        Bad{kForge, "txt2img_steps_string_word", CallStatus::Unsupported,
            "steps: value is not a valid integer"},
        Bad{kForge, "txt2img_bad_json", CallStatus::Unsupported, "Expecting property name"},
        Bad{kForge, "txt2img_script_unknown", CallStatus::Unsupported, "Script 'nope' not found"},
        Bad{kForge, "txt2img_steps_negative_raises", CallStatus::Upstream,
            "steps must be positive"},
        Bad{kForge, "txt2img_steps_negative_raises_no_middleware", CallStatus::Upstream,
            "Internal Server Error"},
        Bad{kForge, "img2img_null_init", CallStatus::Upstream, "Init image not found"},
        Bad{kForge, "img2img_null_init_no_middleware", CallStatus::Upstream,
            "Init image not found"},
        Bad{kForge, "img2img_bad_base64", CallStatus::ImageFormat, "Invalid encoded image"},
        Bad{kForge, "img2img_http_url", CallStatus::Upstream, "Requests not allowed"},
        Bad{kForge, "options_post_unknown_model", CallStatus::Unsupported,
            "model 'nope' not found"},
        Bad{kForge, "auth_missing", CallStatus::Upstream, "user and password"},
        Bad{kForge, "auth_wrong", CallStatus::Upstream, "user and password"},
        Bad{kForge, "not_found", CallStatus::Upstream, "--api"},
        Bad{kForge, "txt2img_send_images_false", CallStatus::BadOutput, "sent no picture"},
        Bad{kSd, "txt2img_seed_string", CallStatus::Upstream, "type must be number"},
        Bad{kSd, "txt2img_bad_json", CallStatus::Upstream, "parse error"},
        Bad{kSd, "txt2img_empty_body", CallStatus::Unsupported, "empty body"},
        Bad{kSd, "progress_404", CallStatus::Upstream, "--api"}));

TEST(OutOfMemory, OfTheServersCardIsToldAsSuch) {
    Family server;
    server.on("POST /sdapi/v1/txt2img", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(500, "application/json",
                                R"({"error": "OutOfMemoryError", "detail": "", "body": "",
                                    "errors": "CUDA out of memory. Tried to allocate 2.00 GiB"})");
    });
    A1111Plugin plugin = startA1111(server);
    EXPECT_EQ(drawWith(plugin).result.status, CallStatus::OutOfMemory);
}

TEST(Probe, BelievesNoPingAndAsksTheApiItself) {
    Family server;
    A1111Plugin plugin = startA1111(server);
    const auto probe = [&] {
        return plugin.run([](auto& backend, const auto& context) { return backend.probe(context); })
            .result;
    };
    EXPECT_TRUE(probe().ok());
    server.play("GET /internal/ping", "ping");
    server.play("GET /sdapi/v1/samplers", "auth_missing");
    EXPECT_FALSE(probe().ok());
    server.play("GET /sdapi/v1/samplers", "not_found");
    EXPECT_THAT(probe().message, HasSubstr("--api"));
    EXPECT_TRUE(server.requests("GET /internal/ping").empty());
}

TEST(Describe, TellsWhatTheServerShows) {
    Family forge;
    Family sd("sd-server");
    const auto about = [](Family& server) {
        A1111Plugin plugin = startA1111(server);
        return Json::parse(
            plugin.run([](auto& backend, const auto& context) { return backend.describe(context); })
                .result.text);
    };
    const Json one = about(forge);
    EXPECT_EQ(one["cancel"], "step");
    for (const char* const unbounded : {"steps", "guidance_scale"})
        EXPECT_FALSE(one.contains(unbounded)) << "the API takes more than the page's own form";
    EXPECT_EQ(one["input_roles"], Json::array({"start", "mask"}));
    EXPECT_EQ(one["models"], Json::array({"alpha.safetensors [0123456789]", "beta.safetensors"}));
    const Json other = about(sd);
    EXPECT_EQ(other["cancel"], "none");
    EXPECT_EQ(other["progress"], false);
}

TEST(Settings, ThatAreWrongAreNamed) {
    for (const auto& [settings, field] :
         {std::pair<Json, std::string>{{{"url", "server:7860"}}, "/url"},
          {{{"url", "http://x"}, {"password", "p"}}, "/user"},
          {{{"url", "http://x"}, {"user", "a:b"}}, "/user"},
          {{{"url", "http://x/?a=b"}}, "/url"}}) {
        try {
            const A1111Plugin plugin(IPL_PLUGIN_DIR "/a1111.so", IPL_ROLE_IMAGE, settings);
            ADD_FAILURE() << settings.dump() << " was taken";
        } catch (const std::runtime_error& error) {
            EXPECT_THAT(error.what(), HasSubstr(field)) << settings.dump();
        }
    }
}

}  // namespace

}  // namespace test
