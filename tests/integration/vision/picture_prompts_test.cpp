// `random` with `image`: the vision model describes and transforms the picture.
#include "integration/vision/vision_fixture.hpp"

namespace test {

namespace {

using host::Json;
using testing::HasSubstr;

Json randomWithPicture(const std::string& concept_ = "as a winter night") {
    return {{"prompt", concept_}, {"random", true}, {"image", base64(samplePicture("lossy.webp"))}};
}

TEST(PromptFromPicture, IsWrittenByTheVisionModel) {
    Simulator eye = simLlm(0.02);
    HostProcess host(withEye(eye));
    host.start();
    const Json job = run(host.client(), randomWithPicture());
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["state"], "done");
    EXPECT_EQ(job["llm_status"]["mode"], "vision");
    EXPECT_EQ(job["llm_status"]["source"], "llm");
    EXPECT_EQ(job["llm_status"]["model"], "sim-model");
    const auto asked = askedOf(eye, 1);
    ASSERT_EQ(asked.size(), 1U);
    EXPECT_EQ(asked[0]["pictures"][0]["mime"], "image/jpeg");
    EXPECT_EQ(asked[0]["has_schema"], false);
    EXPECT_EQ(asked[0]["correlation_id"], job["correlation_id"]);
    EXPECT_THAT(asked[0]["prompt"].get<std::string>(), HasSubstr("as a winter night"));
    const std::string prompt = imagesOf(job).at(0)["prompt_used"];
    EXPECT_TRUE(prompt.starts_with("A scene of")) << prompt;
}

TEST(PromptFromPicture, EachEndpointMayHaveOneOfItsOwn) {
    Simulator eye = simLlm(0.02);
    Json config = withEye(eye);
    config["endpoints"] = {{{"name", "A"}, {"plugin", "echo"}},
                           {{"name", "B"}, {"plugin", "echo"}}};
    HostProcess host(config);
    host.start();
    Json request = randomWithPicture();
    request["prompt_mode"] = "different";
    request["seed"] = 7;
    const Json job = run(host.client(), request);
    ASSERT_EQ(imagesOf(job).size(), 2U) << job.dump(2);
    EXPECT_NE(imagesOf(job)[0]["prompt_used"], imagesOf(job)[1]["prompt_used"]);
    EXPECT_EQ(askedOf(eye, 2).size(), 2U);
}

TEST(PromptFromPicture, IsWrittenByThePromptWriterFromWhatTheEmbeddedEyeSees) {
    HostProcess embedded({{"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    embedded.start();
    const Json job = run(embedded.client(), randomWithPicture());
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["mode"], "vision");
    EXPECT_EQ(job["llm_status"]["source"], "llm");
    EXPECT_EQ(job["llm_status"]["model"], "lens");
    const std::string prompt = imagesOf(job).at(0)["prompt_used"];
    EXPECT_THAT(prompt, HasSubstr("winter night"));
    EXPECT_THAT(prompt, testing::Not(HasSubstr("{")));

    Simulator writer = simLlm(0.02);
    HostProcess host(
        {{"prompt", writer.prompt()}, {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    EXPECT_EQ(run(host.client(), randomWithPicture())["status"], "completed");
    ASSERT_EQ(askedOf(writer, 1).size(), 1U);
    const std::string asked = writer.log()[0]["prompt"];
    EXPECT_THAT(asked, HasSubstr("as a winter night"));
    EXPECT_THAT(asked, HasSubstr("color_palette")) << "the scene that the eye saw";
    EXPECT_EQ(writer.log()[0]["pictures"], Json::array());
}

TEST(PromptFromPicture, FallsBackToTheConceptWhenTheModelFails) {
    Simulator eye = simLlm(0.02, {"--fault", "http-500"});
    HostProcess host(withEye(eye));
    host.start();
    const Json job = run(host.client(), randomWithPicture());
    EXPECT_EQ(job["status"], "completed") << job.dump(2);
    EXPECT_EQ(job["llm_status"]["state"], "fallback");
    EXPECT_EQ(job["llm_status"]["mode"], "vision");
    EXPECT_EQ(imagesOf(job).at(0)["prompt_used"], "as a winter night");
    EXPECT_LE(eye.log().size(), 3U);
}

TEST(PromptFromPicture, FailsTheRunWhenThatIsConfigured) {
    Simulator eye = simLlm(0.02, {"--fault", "unauthorized"});
    Json config = withEye(eye);
    config["prompt_fallback"] = false;
    HostProcess host(config);
    host.start();
    const Json job = run(host.client(), randomWithPicture());
    EXPECT_EQ(job["status"], "failed");
    EXPECT_EQ(job["llm_status"]["state"], "error");
    EXPECT_EQ(askedOf(eye, 1).size(), 1U) << "a wrong key stays wrong";
}

TEST(PromptFromPicture, AVisionModelThatIsAwayDoesNotStopPromptsWithoutPictures) {
    Simulator writer = simLlm(0.02);
    HostProcess host({{"prompt", writer.prompt()},
                      {"vision", chatAt("http://127.0.0.1:1")},
                      {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}});
    host.start();
    Json pictures = randomWithPicture();
    pictures["count"] = 2;
    EXPECT_EQ(run(host.client(), pictures)["llm_status"]["state"], "fallback");
    const Json text = run(host.client(), {{"prompt", "a pier"}, {"random", true}});
    EXPECT_EQ(text["llm_status"]["state"], "done") << text["llm_status"].dump();
    EXPECT_EQ(text["llm_status"]["mode"], "text");
}

TEST(PromptFromPicture, WithoutRandomThePictureIsTheEndpointsAlone) {
    Simulator eye = simLlm(0.02);
    HostProcess host(withEye(eye));
    host.start();
    Json request = randomWithPicture();
    request["random"] = false;
    const Json job = run(host.client(), request);
    EXPECT_EQ(imagesOf(job).at(0)["prompt_used"], "as a winter night");
    EXPECT_EQ(eye.log().size(), 0U);
}

}  // namespace

}  // namespace test
