// The generator's port as a client of A1111's API sees it.
#include "imaging/pixels.hpp"
#include "integration/foreign/foreign_fixture.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

const char* const kTextToImage = "/sdapi/v1/txt2img";
const char* const kImageToImage = "/sdapi/v1/img2img";

Json infoOf(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return Json::parse(answer.json().value("info", ""), nullptr, false);
}

Json jobOf(const HostProcess& host, const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    return statusOf(host.client(), answer.header("X-Job-ID"));
}

// The names of the faulty fields, as FastAPI tells them.
std::vector<std::string> faultsOf(const HttpAnswer& answer) {
    EXPECT_EQ(answer.status, 422) << answer.body;
    std::vector<std::string> fields;
    const Json body = answer.json();
    for (const Json& fault : body["detail"]) {
        EXPECT_NE(fault.value("msg", ""), "");
        fields.push_back(fault["loc"].back());
    }
    return fields;
}

TEST(SdApi, EveryPictureOfEveryBatchIsARunWithASeedOfItsOwn) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpAnswer answer = host.client().post(kTextToImage, {{"prompt", "a red cat"},
                                                                {"negative_prompt", "blur"},
                                                                {"steps", 7},
                                                                {"cfg_scale", 4.5},
                                                                {"seed", 40},
                                                                {"width", 512},
                                                                {"height", 768},
                                                                {"batch_size", 2},
                                                                {"n_iter", 2},
                                                                {"sampler_name", "Euler a"}});
    const Json job = jobOf(host, answer);
    const auto images = imagesOf(job);
    ASSERT_EQ(images.size(), 4U);
    const Json body = answer.json();
    ASSERT_EQ(body["images"].size(), 4U);
    for (std::size_t i = 0; i < images.size(); ++i) {
        const std::string file = readFile(host.output() / images[i]["filename"].get<std::string>());
        EXPECT_EQ(body["images"][i], base64(file));
    }
    EXPECT_EQ(images[0]["stats"]["negative_prompt"], "blur");
    EXPECT_EQ(images[0]["stats"]["steps"], 7);
    EXPECT_EQ(images[0]["stats"]["guidance_scale"], 4.5);
    EXPECT_EQ(job["request"]["size"], "512x768");
    EXPECT_EQ(images[0]["stats"]["width"], 512);
    EXPECT_EQ(images[0]["stats"]["height"], 768);
    const Json info = infoOf(answer);
    EXPECT_EQ(info["all_seeds"], Json({40, 41, 42, 43}));
    EXPECT_EQ(info["seed"], 40);
    EXPECT_EQ(info["width"], 1) << "what was drawn, by a plugin that draws nothing else";
    EXPECT_EQ(info["steps"], 7);
    EXPECT_THAT(info["infotexts"][1].get<std::string>(),
                HasSubstr("a red cat\nNegative prompt: blur\nSteps: 7, CFG scale: 4.5, Seed: 41, "
                          "Size: 1x1"));
    EXPECT_EQ(body["parameters"]["sampler_name"], "Euler a");
    EXPECT_EQ(body["parameters"]["n_iter"], 2);
}

TEST(SdApi, FieldsAreTakenAsLenientlyAsThere) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpAnswer answer =
        host.client().post(kTextToImage, {{"prompt", 5},
                                          {"steps", "2"},
                                          {"seed", 7.0},
                                          {"n_iter", 1.7},
                                          {"cfg_scale", nullptr},
                                          {"width", nullptr},
                                          {"alwayson_scripts", {{"x", {{"args", {1, 2}}}}}},
                                          {"no_such_field", 1},
                                          {"send_images", false}});
    const auto images = imagesOf(jobOf(host, answer));
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0]["stats"]["steps"], 2);
    EXPECT_EQ(images[0]["stats"]["seed"], 7);
    EXPECT_EQ(images[0]["stats"]["prompt"], "5");
    EXPECT_EQ(answer.json()["images"].size(), 0U);
    EXPECT_EQ(infoOf(answer)["all_seeds"], Json({7}));
}

TEST(SdApi, PicturesAreDrawnOverWithAMaskThatMayBeInverted) {
    HostProcess host(echoEndpoints());
    host.start();
    const auto start = host::imaging::decode(sample("plain.jpg"), 0);
    ASSERT_TRUE(start.ok());
    auto black = *start;
    std::fill(black.rgb.begin(), black.rgb.end(), decltype(black.rgb)::value_type{});
    const std::string mask = *host::imaging::encodePng(black);
    Json request = {{"prompt", "p"},
                    {"init_images", {"data:image/jpeg;base64," + base64(sample("plain.jpg"))}},
                    {"mask", base64(mask)},
                    {"denoising_strength", 0.25}};
    const auto maskOf = [&](const HttpAnswer& answer) {
        const Json job = jobOf(host, answer);
        EXPECT_EQ(imagesOf(job)[0]["stats"]["strength"], 0.25);
        return host::imaging::decode(
            readFile(host.folder() / "jobs-data" / "inputs" /
                     job["request"]["inputs"][0]["file"].get<std::string>()),
            0);
    };
    const auto kept = maskOf(host.client().post(kImageToImage, request));
    ASSERT_TRUE(kept.ok());
    EXPECT_EQ(kept->rgb.front(), 0);
    request["inpainting_mask_invert"] = 1;
    const auto inverted = maskOf(host.client().post(kImageToImage, request));
    ASSERT_TRUE(inverted.ok());
    EXPECT_EQ(inverted->rgb.front(), 255);
}

TEST(SdApi, AMaskOfAnotherSizeIsMadeToFit) {
    HostProcess host(echoEndpoints());
    host.start();
    const auto start = host::imaging::decode(sample("plain.jpg"), 0);
    ASSERT_TRUE(start.ok());
    const std::string white = *host::imaging::encodePng({2, 3, decltype(start->rgb)(18, 255)});
    for (const bool inverted : {false, true}) {
        const Json job = jobOf(
            host, host.client().post(kImageToImage, {{"prompt", "p"},
                                                     {"init_images", {base64(sample("plain.jpg"))}},
                                                     {"mask", base64(white)},
                                                     {"inpainting_mask_invert", inverted}}));
        const auto mask =
            host::imaging::decode(readFile(host.folder() / "jobs-data" / "inputs" /
                                           job["request"]["inputs"][0]["file"].get<std::string>()),
                                  0);
        ASSERT_TRUE(mask.ok());
        EXPECT_EQ(mask->width, start->width);
        EXPECT_EQ(mask->height, start->height);
        EXPECT_EQ(mask->rgb.back(), inverted ? 0 : 255);
    }
}

TEST(SdApi, AMaskForAPictureThatDoesNotTellItsSizeIsRefusedAndTheHostLives) {
    HostProcess host(echoEndpoints());
    host.start();
    const std::string white = *host::imaging::encodePng({1, 1, {255, 255, 255}});
    const std::string jpegWithoutSize = base64("\xFF\xD8\xFF");
    for (const int inverted : {1, 0}) {
        const HttpAnswer answer =
            host.client().post(kImageToImage, {{"prompt", "p"},
                                               {"init_images", {jpegWithoutSize}},
                                               {"mask", base64(white)},
                                               {"inpainting_mask_invert", inverted}});
        EXPECT_EQ(answer.status, 422) << answer.body;
        EXPECT_THAT(answer.json().value("detail", ""), HasSubstr("size")) << answer.body;
    }
    EXPECT_EQ(host.client().get("/health").status, 200);
}

TEST(SdApi, ErrorsHaveTheProtocolsShape) {
    Json config = echoEndpoints();
    config["max_body_bytes"] = 100'000;
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    const auto faults = [&](const Json& body) { return faultsOf(client.post(kTextToImage, body)); };
    using Names = std::vector<std::string>;
    EXPECT_EQ(faults({{"prompt", "p"}, {"steps", "two"}}), Names{"steps"});
    EXPECT_EQ(faults({{"prompt", "p"}, {"steps", -1}}), Names{"steps"});
    EXPECT_EQ(faults({{"prompt", "p"}, {"n_iter", 1000}, {"batch_size", 1000}}), Names{"n_iter"});
    EXPECT_EQ(faults({{"prompt", "p"}, {"width", 0}}), Names{"width"});
    EXPECT_EQ(faults({{"prompt", ""}}), Names{"prompt"});
    for (const char* bad : {"", "{not json", "[]", "null"})
        EXPECT_EQ(faultsOf(client.send("POST", kTextToImage, {}, bad)), Names{"body"}) << bad;
    EXPECT_EQ(faultsOf(client.send("POST", kTextToImage, {}, std::string(50'000, '['))),
              Names{"body"});
    EXPECT_EQ(client.post(kImageToImage, {{"prompt", "p"}}).json()["detail"],
              "Init image not found");
    const HttpAnswer broken =
        client.post(kImageToImage, {{"prompt", "p"}, {"init_images", {"!!!"}}});
    EXPECT_EQ(broken.status, 422);
    EXPECT_THAT(broken.json()["detail"].get<std::string>(), HasSubstr("base64"));
    const HttpAnswer large = client.post(kTextToImage, {{"prompt", std::string(200'000, 'x')}});
    EXPECT_EQ(large.status, 413);
    EXPECT_NE(large.json().value("detail", ""), "");
    EXPECT_EQ(client.get("/sdapi/v1/nothing").json().size(), 1U);
    EXPECT_EQ(client.get("/sdapi/v1/nothing").status, 404);
    EXPECT_EQ(client.get(kTextToImage).status, 405);
    EXPECT_EQ(client.get("/api/v1/jobs").json().size(), 0U);
}

TEST(SdApi, AJobWithoutAPictureIsAServerErrorWithItsReason) {
    HostProcess host({{"endpoints", {{{"name", "Odd"}, {"plugin", "lies"}}}}});
    host.start();
    const HttpAnswer answer = host.client().post(kTextToImage, {{"prompt", "p"}});
    EXPECT_EQ(answer.status, 500) << answer.body;
    EXPECT_EQ(answer.json()["error"], "RuntimeError");
    EXPECT_NE(answer.json().value("errors", ""), "");
}

TEST(SdApi, TheKeyIsThePasswordOfBasicOrABearer) {
    Json config = echoEndpoints();
    config["api_keys"] = {"a-key-of-the-tests"};
    HostProcess host(config);
    host.start();
    const auto status = [&](const Headers& headers) {
        return host.client().get("/sdapi/v1/sd-models", headers).status;
    };
    const HttpAnswer refused = host.client().get("/sdapi/v1/sd-models");
    EXPECT_EQ(refused.status, 401);
    EXPECT_EQ(refused.json()["error"], "HTTPException");
    EXPECT_EQ(refused.header("WWW-Authenticate"), "Basic");
    EXPECT_EQ(status({{"Authorization", "Basic " + base64("me:a-key-of-the-tests")}}), 200);
    EXPECT_EQ(status({{"Authorization", "Basic " + base64("me:another")}}), 401);
    EXPECT_EQ(status({{"Authorization", "Basic !!!"}}), 401);
    EXPECT_EQ(status({{"Authorization", "Bearer a-key-of-the-tests"}}), 200);
    EXPECT_EQ(host.client().get("/internal/ping").status, 200);
}

TEST(SdApi, AModelIsChosenByOptionsOrForOneDrawing) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    EXPECT_EQ(client.get("/sdapi/v1/sd-models").json().size(), 3U);
    EXPECT_EQ(client.get("/sdapi/v1/options").json()["sd_model_checkpoint"], "any");
    const auto choose = [&](const char* title) {
        return client.post("/sdapi/v1/options", {{"sd_model_checkpoint", title}, {"x", 1}});
    };
    EXPECT_EQ(choose("Echo B [01234567]").body, "null");
    EXPECT_EQ(choose("nope").status, 422);
    EXPECT_EQ(client.get("/sdapi/v1/options").json()["sd_model_checkpoint"], "Echo B");
    const auto drawnBy = [&](Json more) {
        more["prompt"] = "p";
        return imagesOf(jobOf(host, client.post(kTextToImage, more)))[0]["endpoint"]["name"];
    };
    EXPECT_EQ(drawnBy(Json::object()), "Echo B");
    EXPECT_EQ(drawnBy({{"override_settings", {{"sd_model_checkpoint", "Echo A"}}}}), "Echo A");
    EXPECT_EQ(host.client("127.0.0.2").get("/sdapi/v1/options").json()["sd_model_checkpoint"],
              "any");
}

TEST(SdApi, ProgressAndInterruptAreOfTheCallersOwnDrawing) {
    HostProcess host({{"endpoints",
                       {{{"name", "Sketch"},
                         {"plugin", "sketch"},
                         {"settings", {{"delay_ms_per_step", 100}}}}}}});
    host.start();
    const HttpClient client = host.client();
    const auto progress = [&](const char* query) {
        return client.get(std::string("/sdapi/v1/progress") + query).json();
    };
    EXPECT_EQ(progress("")["progress"], 0.0);
    EXPECT_EQ(progress("")["state"]["job_count"], 0);
    HttpAnswer answer;
    std::thread drawing([&] {
        answer = client.post(kTextToImage, {{"prompt", "p"}, {"steps", 100}, {"n_iter", 2}});
    });
    EXPECT_TRUE(eventually([&] {
        const Json shown = progress("");
        return shown["current_image"].is_string() && shown["state"]["sampling_step"] > 0;
    }));
    const Json shown = progress("?skip_current_image=true");
    EXPECT_TRUE(shown["current_image"].is_null());
    EXPECT_GT(shown["progress"], 0.0);
    EXPECT_LT(shown["progress"], 1.0);
    EXPECT_EQ(shown["state"]["job_count"], 2);
    EXPECT_EQ(client.post("/sdapi/v1/interrupt", Json::object()).body, "{}");
    drawing.join();
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_LT(answer.json()["images"].size(), 2U);
    EXPECT_EQ(statusOfOnlyJob(host), "cancelled");
    EXPECT_EQ(progress("")["state"]["job_count"], 0);
}

TEST(SdApi, ProgressTellsWhatTheQueueExpectsOnceItKnowsTheMachine) {
    Simulator machine = simEndpoint(1);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    EXPECT_EQ(run(host.client(), {{"prompt", "p"}}).value("status", ""), "completed");
    TcpSocket call = beginCall(host, kTextToImage, {{"prompt", "p"}, {"n_iter", 20}});
    double left = 0;
    EXPECT_TRUE(eventually([&] {
        left = host.client().get("/sdapi/v1/progress").json()["eta_relative"];
        return left > 10;
    })) << "nothing of it is drawn yet; it is "
        << left;
    EXPECT_LT(left, 120);
}

TEST(SdApi, ATaskIsFollowedByTheNameThatItsClientGaveIt) {
    HostProcess host({{"endpoints",
                       {{{"name", "Sketch"},
                         {"plugin", "sketch"},
                         {"settings", {{"delay_ms_per_step", 100}}}}}}});
    host.start();
    const auto told = [&](const std::string& task, Json more = Json::object()) {
        more["id_task"] = task;
        const HttpAnswer answer = host.client().post("/internal/progress", more);
        EXPECT_EQ(answer.status, 200) << answer.body;
        return answer.json();
    };
    const Json unknown = told("task(nope)");
    EXPECT_EQ(unknown["active"], false);
    EXPECT_EQ(unknown["queued"], false);
    EXPECT_EQ(unknown["completed"], false);
    TcpSocket first = beginCall(host, kTextToImage,
                                {{"prompt", "p"}, {"steps", 100}, {"force_task_id", "task(1)"}});
    EXPECT_TRUE(eventually([&] { return told("task(1)")["live_preview"].is_string(); }));
    TcpSocket second =
        beginCall(host, kTextToImage, {{"prompt", "p"}, {"force_task_id", "task(2)"}});
    EXPECT_TRUE(eventually([&] { return told("task(2)")["queued"] == true; }));
    const Json shown = told("task(1)", {{"live_preview", false}});
    EXPECT_EQ(shown["active"], true);
    EXPECT_GT(shown["progress"], 0.0);
    EXPECT_TRUE(shown["live_preview"].is_null());
    EXPECT_THAT(told("task(1)")["live_preview"].get<std::string>(),
                testing::StartsWith("data:image/"));
    first.close();
    EXPECT_TRUE(eventually([&] { return told("task(1)")["completed"] == true; }));
    EXPECT_EQ(faultsOf(host.client().post("/internal/progress", Json::object())),
              std::vector<std::string>{"id_task"});
}

TEST(SdApi, InterruptLeavesJobsOfTheOwnApiAlone) {
    Simulator machine = simEndpoint(300);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    submit(host.client(), {{"prompt", "p"}});
    ASSERT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "running"; }));
    EXPECT_EQ(host.client().post("/sdapi/v1/interrupt", Json::object()).status, 200);
    EXPECT_EQ(statusOfOnlyJob(host), "running");
}

TEST(SdApi, AClientThatHangsUpCancelsItsJob) {
    Simulator machine = simEndpoint(300);
    HostProcess host({{"endpoints", {machine.endpoint("Slow")}}});
    host.start();
    TcpSocket call = beginCall(host, kTextToImage, {{"prompt", "p"}});
    ASSERT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "running"; }));
    call.close();
    EXPECT_TRUE(eventually([&] { return statusOfOnlyJob(host) == "cancelled"; }));
}

// The plugin was made for the servers of the family; one host is the other's.
TEST(SdApi, AnotherHostsA1111EndpointDrawsHere) {
    HostProcess host({{"endpoints",
                       {{{"name", "Sketch"},
                         {"plugin", "sketch"},
                         {"settings", {{"delay_ms_per_step", 20}}}}}}});
    host.start();
    HostProcess front(
        {{"endpoints",
          {{{"name", "Far"}, {"plugin", "a1111"}, {"settings", {{"url", host.url()}}}}}}});
    front.start();
    const Json job = run(front.client(),
                         {{"prompt", "a harbour"}, {"size", "0.5mp"}, {"steps", 10}, {"seed", 3}});
    EXPECT_EQ(job.value("status", ""), "completed") << job.dump(1);
    EXPECT_EQ(imagesOf(job)[0]["stats"]["seed"], 3);
    EXPECT_EQ(statusOfOnlyJob(host), "completed");
    const std::string id = submit(front.client(), {{"prompt", "p"}, {"steps", 150}});
    ASSERT_TRUE(
        eventually([&] { return host.client().get("/health").json()["current_job"].is_string(); }));
    EXPECT_EQ(front.client().del("/api/v1/queue/" + id).status, 200);
    EXPECT_TRUE(eventually([&] {
        return host.client().get("/api/v1/jobs").json()[0].value("status", "") == "cancelled";
    }));
}

}  // namespace

}  // namespace test
