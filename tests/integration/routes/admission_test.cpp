// What no chosen endpoint can draw is refused when it is submitted, with the field, the endpoint
// and the reason.
#include <map>

#include "routes_fixture.hpp"

namespace test {

namespace {

using host::Json;
using testing::ElementsAre;

Json echo(const std::string& name, const Json& description) {
    return {{"name", name}, {"plugin", "echo"}, {"settings", {{"describe", description.dump()}}}};
}

// One that takes everything, one that draws from text alone, 1 to 8 steps.
class Admission : public testing::Test {
  protected:
    static void SetUpTestSuite() {
        host_ = new HostProcess(
            {{"endpoints",
              {echo("Able", {{"input_roles", {"start", "mask", "reference"}}, {"max_inputs", 2}}),
               echo("Plain", {{"image_to_image", false},
                              {"input_roles", Json::array()},
                              {"steps", {{"min", 1}, {"max", 8}}},
                              {"guidance_scale", {{"min", 1}, {"max", 4}}},
                              {"negative_prompt", false},
                              {"sizes", {{{"width", 1024}, {"height", 1024}}}}})}}});
        host_->start();
    }
    static void TearDownTestSuite() {
        delete host_;
        host_ = nullptr;
    }
    static HttpAnswer post(Json request) {
        request["prompt"] = "a cat";
        return host_->client().post("/api/v1/generate", request);
    }
    static Json withPicture(Json request = Json::object()) {
        request["image"] = base64(tinyPng());
        return request;
    }
    static std::string messageOf(const HttpAnswer& answer) {
        return answer.json()["error"]["details"]["errors"][0]["message"];
    }
    // What each endpoint was asked for, of the first run.
    static std::map<std::string, Json> drawn(const HttpAnswer& accepted) {
        std::map<std::string, Json> stats;
        for (const Json& image : imagesOf(waitForEnd(host_->client(), jobIdOf(accepted)))) {
            EXPECT_TRUE(image.value("success", false)) << image;
            stats[image["endpoint"]["name"]] = image.value("stats", Json::object());
        }
        return stats;
    }

    static inline HostProcess* host_ = nullptr;
};

TEST_F(Admission, ANamedEndpointThatCannotIsARefusal) {
    const HttpAnswer answer = post(withPicture({{"endpoints", {"Able", "Plain"}}}));
    expectError(answer, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(answer), ElementsAre("image"));
    EXPECT_NE(messageOf(answer).find("\"Plain\""), std::string::npos) << answer.body;
    EXPECT_NE(messageOf(answer).find("does not draw from a start picture"), std::string::npos);
}

TEST_F(Admission, EverythingThatStandsAgainstItIsToldAtOnce) {
    const HttpAnswer answer = post({{"endpoints", {"Plain"}},
                                    {"steps", 20},
                                    {"guidance_scale", 7},
                                    {"images",
                                     {{{"role", "reference"}, {"image", base64(tinyPng())}},
                                      {{"role", "control"}, {"image", base64(tinyPng())}}}}});
    expectError(answer, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(answer),
                ElementsAre("reference", "control", "steps", "guidance_scale"));
}

TEST_F(Admission, AComparingJobLeavesOutWhoCannotAndSaysSo) {
    const HttpAnswer answer = post(withPicture({{"count", 2}}));
    const Json left = answer.json().value("left_out", Json::array());
    ASSERT_EQ(left.size(), 1U) << answer.body;
    EXPECT_EQ(left[0]["endpoint"], "Plain");
    EXPECT_EQ(left[0]["field"], "image");
    const Json status = waitForEnd(host_->client(), jobIdOf(answer));
    EXPECT_EQ(status["status"], "completed") << status.dump(1);
    EXPECT_EQ(status["error"], nullptr);
    EXPECT_EQ(status["left_out"], left);
    EXPECT_EQ(imagesOf(status).size(), 2U);
    EXPECT_FALSE(status["endpoint_status"].contains("Plain")) << status.dump(1);
}

TEST_F(Admission, ARunForAnyGoesToWhoCan) {
    const HttpAnswer answer = post(withPicture({{"endpoints", "any"}, {"count", 6}}));
    const Json status = waitForEnd(host_->client(), jobIdOf(answer));
    EXPECT_EQ(status["status"], "completed") << status.dump(1);
    const auto images = imagesOf(status);
    EXPECT_EQ(images.size(), 6U);
    for (const Json& image : images)
        EXPECT_EQ(image["endpoint"]["name"], "Able") << image;
    const Json attempts =
        query(host_->database(), "select count(*) as n from attempts where job_id = '" +
                                     jobIdOf(answer) + "' and kind = 'image'");
    EXPECT_EQ(attempts[0]["n"], 6) << "nobody was asked who cannot";
}

TEST_F(Admission, WhatNobodyCanIsRefusedForAllAndForAny) {
    for (const char* target : {"all", "any"}) {
        const HttpAnswer answer =
            post({{"endpoints", target},
                  {"images", {{{"role", "control"}, {"image", base64(tinyPng())}}}}});
        expectError(answer, 400, "VALIDATION_ERROR");
        EXPECT_THAT(faultyFields(answer), ElementsAre("control", "control")) << answer.body;
    }
    Json three = withPicture();
    for (int i = 0; i < 2; ++i)
        three["images"].push_back({{"role", "reference"}, {"image", base64(tinyPng())}});
    EXPECT_EQ(faultyFields(post(three)).front(), "images");
}

TEST_F(Admission, TheDefaultStepsAndADrawnGuidanceMoveIntoTheRange) {
    auto stats = drawn(post({{"guidance_scale", "random"}, {"negative_prompt", "blur"}}));
    EXPECT_EQ(stats["Able"]["steps"], 25);
    EXPECT_EQ(stats["Plain"]["steps"], 8);
    EXPECT_LE(stats["Plain"]["guidance_scale"], 4);
    EXPECT_EQ(stats["Able"]["negative_prompt"], "blur");
    EXPECT_EQ(stats["Plain"]["negative_prompt"], "");
    EXPECT_EQ(stats["Able"]["width"], 1216);
    EXPECT_EQ(stats["Plain"]["width"], 1024);
    EXPECT_EQ(stats["Plain"]["height"], 1024);
    const HttpAnswer chosen = post({{"steps", 25}});
    EXPECT_EQ(chosen.json()["left_out"][0]["field"], "steps") << chosen.body;
}

TEST(AdmissionOfSteps, WhatAnEndpointTakesByDefaultCountsWhenNobodyChooses) {
    const auto steps = [](const Json& range) { return Json{{"steps", range}}; };
    HostProcess host({{"endpoints",
                       {echo("Turbo", steps({{"min", 1}, {"max", 50}, {"default", 8}})),
                        echo("Plain", steps({{"min", 1}, {"max", 50}}))}}});
    host.start();
    using Steps = std::map<std::string, int>;
    const auto taken = [&](const Json& request) {
        Steps stats;
        for (const Json& image :
             imagesOf(waitForEnd(host.client(), submit(host.client(), request))))
            stats[image["endpoint"]["name"].get<std::string>()] = image["stats"]["steps"];
        return stats;
    };
    EXPECT_EQ(taken({{"prompt", "a cat"}}), (Steps{{"Turbo", 8}, {"Plain", 25}}));
    EXPECT_EQ(taken({{"prompt", "a cat"}, {"steps", 25}}), (Steps{{"Turbo", 25}, {"Plain", 25}}));
}

TEST_F(Admission, EndpointsAndLimitsTellWhatEachCan) {
    const Json endpoints = host_->client().get("/api/v1/endpoints").json();
    EXPECT_EQ(endpoints[1]["capabilities"]["steps"]["max"], 8) << endpoints.dump(1);
    EXPECT_EQ(endpoints[0]["capabilities"]["input_roles"],
              Json::array({"start", "mask", "reference"}));
    const Json limits = host_->client().get("/api/v1/limits").json();
    ASSERT_EQ(limits["endpoint_capabilities"].size(), 2U);
    EXPECT_EQ(limits["endpoint_capabilities"][1]["name"], "Plain");
    EXPECT_EQ(limits["endpoint_capabilities"][1]["capabilities"]["image_to_image"], false);
}

TEST(AdmissionAfterARestart, AnEndpointThatCannotAnyMoreFailsItsItemOnceAndSaysWhy) {
    HostProcess host(
        {{"endpoints",
          {{{"name", "Studio"}, {"plugin", "slow"}, {"settings", {{"seconds", 30}}}}}}});
    host.start();
    const std::string id =
        submit(host.client(), {{"prompt", "a cat"}, {"image", base64(tinyPng())}});
    ASSERT_FALSE(id.empty());
    host.kill();
    host.configure({{"endpoints", {echo("Studio", {{"image_to_image", false}})}}});
    host.start();
    const Json status = waitForEnd(host.client(), id);
    EXPECT_EQ(status["status"], "failed") << status.dump(1);
    EXPECT_NE(status.value("error", "").find("does not draw from a start picture"),
              std::string::npos)
        << status.dump(1);
}

TEST(AdmissionOfRepeats, GiveTheFirstReceiptThoughTheEndpointCannotAnyMore) {
    HostProcess host(
        {{"endpoints", {echo("Studio", Json::object()), echo("Gone", Json::object())}}});
    host.start();
    const Headers key{{"Idempotency-Key", "order-18"}};
    const Json request = {{"prompt", "a cat"}, {"image", base64(tinyPng())}};
    const Json foreign = {{"prompt", "a cat"}, {"steps", 30}};
    const std::string id = jobIdOf(host.client().post("/api/v1/generate", request, key));
    waitForEnd(host.client(), id);
    const Headers otherKey{{"Idempotency-Key", "order-19"}};
    const Headers thirdKey{{"Idempotency-Key", "order-21"}};
    const Json named = {{"prompt", "a cat"}, {"endpoints", {"Studio", "Gone"}}};
    const std::string byName = jobIdOf(host.client().post("/api/v1/generate", named, thirdKey));
    const HttpAnswer drawn = host.client().post("/sdapi/v1/txt2img", foreign, otherKey);
    EXPECT_EQ(drawn.status, 200) << drawn.body;
    host.kill();
    host.configure(
        {{"endpoints",
          {echo("Studio", {{"image_to_image", false}, {"steps", {{"min", 1}, {"max", 8}}}}),
           echo("Another", {{"image_to_image", false}, {"steps", {{"min", 1}, {"max", 8}}}})}}});
    host.start();
    EXPECT_EQ(jobIdOf(host.client().post("/api/v1/generate", request, key)), id);
    expectError(host.client().post("/api/v1/generate", request), 400, "VALIDATION_ERROR");
    Json other = request;
    other["prompt"] = "a dog";
    EXPECT_THAT(faultyFields(host.client().post("/api/v1/generate", other, key)),
                ElementsAre("Idempotency-Key"));
    EXPECT_EQ(jobIdOf(host.client().post("/api/v1/generate", named, thirdKey)), byName);
    EXPECT_THAT(faultyFields(host.client().post("/api/v1/generate", named)),
                ElementsAre("endpoints"));
    const HttpAnswer again = host.client().post("/sdapi/v1/txt2img", foreign, otherKey);
    EXPECT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(again.json()["images"], drawn.json()["images"]);
    EXPECT_NE(host.client().post("/sdapi/v1/txt2img", foreign).status, 200);
    EXPECT_EQ(host.client().get("/api/v1/jobs").json().size(), 3U);
}

TEST(AdmissionOfRepeats, GiveTheFirstReceiptThoughTheQueueIsFull) {
    HostProcess host(
        {{"max_queued_jobs", 1},
         {"endpoints",
          {{{"name", "Studio"}, {"plugin", "slow"}, {"settings", {{"seconds", 60}}}}}}});
    host.start();
    const Headers key{{"Idempotency-Key", "order-20"}};
    const std::string id =
        jobIdOf(host.client().post("/api/v1/generate", {{"prompt", "a cat"}}, key));
    // One waits at most, beside the one that may have begun.
    HttpAnswer refused;
    for (int i = 0; i < 3 && refused.status != 503; ++i)
        refused = host.client().post("/api/v1/generate", {{"prompt", "a dog"}});
    expectError(refused, 503, "SERVICE_UNAVAILABLE");
    EXPECT_EQ(jobIdOf(host.client().post("/api/v1/generate", {{"prompt", "a cat"}}, key)), id);
}

}  // namespace

}  // namespace test
