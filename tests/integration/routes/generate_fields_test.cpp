// POST /generate: every field, in every form in which a body may come.
#include "integration/routes/routes_fixture.hpp"
#include "support/text.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::ElementsAre;
using ::testing::MatchesRegex;

const Json kEveryField = {{"prompt", "a heron, \"grey\"\nü"},
                          {"prompt2", "a canyon"},
                          {"random", false},
                          {"count", 2},
                          {"prompt_mode", "different"},
                          {"orientation", "portrait"},
                          {"size", "0.5mp"},
                          {"steps", 7},
                          {"seed", 100},
                          {"strength", 0.3},
                          {"guidance_scale", 2.5},
                          {"endpoints", {"Echo B", "Echo A"}},
                          {"priority", 3},
                          {"negative_prompt", "people"}};

// What the endpoints must have been asked for, whatever form the request had.
void expectEveryField(const HostProcess& host, const std::string& jobId, std::size_t pictureSize) {
    const Json status = waitForEnd(host.client(), jobId);
    ASSERT_EQ(status.value("status", ""), "completed") << status.dump(2);
    EXPECT_EQ(status["priority"], 3);
    const std::vector<Json> images = imagesOf(status);
    ASSERT_EQ(images.size(), 4U) << status.dump(2);
    for (const Json& result : status["results"]) {
        const int run = result["run"].get<int>() - 1;
        EXPECT_EQ(result["guidance_scale"], 2.5);
        for (const Json& image : result["images"]) {
            const Json& stats = image["stats"];
            const bool first = image["endpoint"]["name"] == "Echo A";
            EXPECT_EQ(stats["prompt"], first ? "a heron, \"grey\"\nü" : "a canyon");
            EXPECT_EQ(image["prompt_used"], stats["prompt"]);
            EXPECT_EQ(stats["negative_prompt"], "people");
            EXPECT_EQ(stats["orientation"], "portrait");
            EXPECT_EQ(stats["size_class"], "0.5mp");
            EXPECT_EQ(stats["width"], 576);
            EXPECT_EQ(stats["height"], 864);
            EXPECT_EQ(stats["steps"], 7);
            EXPECT_EQ(stats["seed"], 100 + run);
            EXPECT_EQ(stats["run_index"], run);
            EXPECT_NEAR(stats["strength"].get<double>(), 0.3, 1e-6);
            EXPECT_EQ(stats["guidance_scale"], 2.5);
            EXPECT_EQ(stats["image_mime"], "image/png");
            EXPECT_EQ(stats["image_size"], pictureSize);
            EXPECT_EQ(stats["job_id"], jobId);
        }
    }
}

// The fields as a form carries them.
std::vector<std::pair<std::string, std::string>> asText() {
    std::vector<std::pair<std::string, std::string>> fields;
    for (const auto& [name, value] : kEveryField.items()) {
        if (name == "endpoints") continue;
        fields.emplace_back(name, value.is_string() ? value.get<std::string>() : value.dump());
    }
    return fields;
}

std::string urlEncoded(const std::vector<std::pair<std::string, std::string>>& fields) {
    std::string body;
    for (const auto& [name, value] : fields) {
        body += (body.empty() ? "" : "&") + name + "=" + host::percentEncode(value);
    }
    return body;
}

TEST(GenerateFields, ReachTheEndpointsFromJson) {
    HostProcess host(echoEndpoints());
    host.start();
    Json request = kEveryField;
    request["image"] = base64(tinyPng(50));
    const HttpAnswer answer = host.client().post("/api/v1/generate", request);
    expectEveryField(host, jobIdOf(answer), tinyPng(50).size());
}

TEST(GenerateFields, ReachTheEndpointsFromAMultipartForm) {
    HostProcess host(echoEndpoints());
    host.start();
    Form form;
    for (const auto& [name, value] : asText())
        form.field(name, value);
    form.field("endpoints", "Echo A").field("endpoints", "Echo B");
    form.file("image", "x.gif", "image/gif", tinyPng(7));  // it is what its bytes say
    const HttpAnswer answer =
        host.client().send("POST", "/api/v1/generate", form.headers(), form.body());
    expectEveryField(host, jobIdOf(answer), tinyPng(7).size());
}

TEST(GenerateFields, ReachTheEndpointsFromAUrlEncodedForm) {
    HostProcess host(echoEndpoints());
    host.start();
    auto fields = asText();
    fields.emplace_back("endpoints", "Echo B, Echo A");
    fields.emplace_back("image", "data:image/jpeg;base64," + base64(tinyPng()));
    const HttpAnswer answer = host.client().send(
        "POST", "/api/v1/generate", {{"Content-Type", "application/x-www-form-urlencoded"}},
        urlEncoded(fields));
    expectEveryField(host, jobIdOf(answer), tinyPng().size());
}

TEST(GenerateFields, HaveTheDefaultsOfTheContract) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpAnswer answer = host.client().post("/api/v1/generate", {{"prompt", "a lamp"}});
    const Json accepted = answer.json();
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(accepted["success"], true);
    EXPECT_THAT(accepted["job_id"].get<std::string>(), MatchesRegex("[0-9a-f]{8}"));
    EXPECT_EQ(accepted["status"], "queued");
    EXPECT_EQ(accepted["queue_position"], 1);
    EXPECT_EQ(accepted["correlation_id"], answer.header("X-Correlation-ID"));

    const Json status = waitForEnd(host.client(), accepted["job_id"]);
    EXPECT_EQ(status["count"], 1);
    const std::vector<Json> images = imagesOf(status);
    ASSERT_EQ(images.size(), 2U);
    for (const Json& image : images) {
        const Json& stats = image["stats"];
        EXPECT_EQ(stats["prompt"], "a lamp");
        EXPECT_EQ(stats["negative_prompt"], "");
        EXPECT_EQ(stats["orientation"], "landscape");
        EXPECT_EQ(stats["size_class"], "1mp");
        EXPECT_EQ(stats["width"], 1216);
        EXPECT_EQ(stats["height"], 832);
        EXPECT_EQ(stats["steps"], 25);
        EXPECT_EQ(stats["guidance_scale"], nullptr);
        EXPECT_EQ(stats["strength"], nullptr);
        EXPECT_EQ(stats["image_mime"], nullptr);
    }
}

TEST(GenerateFields, MayBeNullOrEmptyWhereTheContractSaysSo) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpClient client = host.client();
    for (const Json& seed : {Json(), Json(""), Json(-1)}) {
        EXPECT_EQ(client
                      .post("/api/v1/generate",
                            {{"prompt", "x"}, {"seed", seed}, {"guidance_scale", nullptr}})
                      .status,
                  200)
            << seed.dump();
    }
    EXPECT_EQ(client.post("/api/v1/generate", {{"prompt", ""}, {"random", true}}).status, 200);
    EXPECT_EQ(client.post("/api/v1/generate", {{"random", true}}).status, 200);
    for (const char* word : {"true", "1", "yes"}) {
        const Form form = Form().field("random", word);
        EXPECT_EQ(client.send("POST", "/api/v1/generate", form.headers(), form.body()).status, 200)
            << word;
    }
}

TEST(GenerateFields, ThatNobodyKnowsAreIgnored) {
    HostProcess host(echoEndpoints());
    host.start();
    const Json request = {{"prompt", "x"}, {"colour", "red"}, {"nested", {{"deep", {1, {2}}}}}};
    EXPECT_EQ(host.client().post("/api/v1/generate", request).status, 200);
}

TEST(GenerateFields, RandomGuidanceIsDrawnForEachRunAndReported) {
    HostProcess host(echoEndpoints());
    host.start();
    const Json status =
        run(host.client(), {{"prompt", "x"}, {"guidance_scale", "random"}, {"count", 12}});
    ASSERT_EQ(status["results"].size(), 12U) << status.dump(2);
    std::set<double> drawn;
    for (const Json& result : status["results"]) {
        const double scale = result["guidance_scale"].get<double>();
        EXPECT_THAT((std::vector<double>{1, 2, 3.5, 5, 7, 10}), ::testing::Contains(scale));
        drawn.insert(scale);
        for (const Json& image : result["images"])
            EXPECT_EQ(image["stats"]["guidance_scale"], scale);
    }
    EXPECT_GT(drawn.size(), 1U);
}

TEST(GenerateFields, SeedsStopGrowingAtTheLargestExactInteger) {
    HostProcess host(echoEndpoints());
    host.start();
    const std::int64_t largest = 9007199254740991;
    const Json status = run(host.client(), {{"prompt", "x"}, {"seed", largest}, {"count", 1}});
    for (const Json& image : imagesOf(status))
        EXPECT_EQ(image["stats"]["seed"], largest);
}

struct Pixels {
    const char* size;
    const char* orientation;
    int width;
    int height;
};

TEST(GenerateFields, SizesAndOrientationsAreTheContractsPixels) {
    HostProcess host({{"endpoints", {{{"name", "Echo"}, {"plugin", "echo"}}}}});
    host.start();
    const std::vector<Pixels> table = {
        {"0.5mp", "landscape", 864, 576}, {"0.5mp", "portrait", 576, 864},
        {"0.5mp", "square", 704, 704},    {"1mp", "landscape", 1216, 832},
        {"1mp", "portrait", 832, 1216},   {"1mp", "square", 1024, 1024},
        {"2mp", "landscape", 1728, 1152}, {"2mp", "portrait", 1152, 1728},
        {"2mp", "square", 1408, 1408},    {"4mp", "landscape", 2432, 1664},
        {"4mp", "portrait", 1664, 2432},  {"4mp", "square", 2048, 2048}};
    for (const Pixels& pixels : table) {
        const Json status =
            run(host.client(),
                {{"prompt", "x"}, {"size", pixels.size}, {"orientation", pixels.orientation}});
        const std::vector<Json> images = imagesOf(status);
        ASSERT_EQ(images.size(), 1U);
        EXPECT_EQ(images[0]["stats"]["width"], pixels.width) << pixels.size << pixels.orientation;
        EXPECT_EQ(images[0]["stats"]["height"], pixels.height) << pixels.size << pixels.orientation;
    }
}

TEST(GenerateFields, ASizeInPixelsIsDrawnAndBackendsThatOnlyKnowClassesGetTheNearest) {
    HostProcess host({{"endpoints", {{{"name", "Echo"}, {"plugin", "echo"}}}}});
    host.start();
    const HttpClient& client = host.client();
    const Json status = run(client, {{"prompt", "x"}, {"size", "512x768"}});
    EXPECT_EQ(status["request"]["size"], "512x768");
    EXPECT_EQ(status["request"]["orientation"], "portrait");
    const std::vector<Json> images = imagesOf(status);
    ASSERT_EQ(images.size(), 1U);
    const Json& stats = images[0]["stats"];
    EXPECT_EQ(stats["width"], 512);
    EXPECT_EQ(stats["height"], 768);
    EXPECT_EQ(stats["size_class"], "0.5mp");
    EXPECT_EQ(stats["orientation"], "portrait");
    for (const char* size : {"513x512", "32x64", "4096x4096", "512x", "0512x512"}) {
        const HttpAnswer refused =
            client.post("/api/v1/generate", {{"prompt", "x"}, {"size", size}});
        expectError(refused, 400, "VALIDATION_ERROR");
        EXPECT_THAT(faultyFields(refused), ElementsAre("size"));
    }
    const HttpAnswer contrary = client.post(
        "/api/v1/generate", {{"prompt", "x"}, {"size", "512x768"}, {"orientation", "square"}});
    EXPECT_THAT(faultyFields(contrary), ElementsAre("orientation")) << contrary.body;
}

TEST(GenerateFields, QueuePositionCountsTheJobsAhead) {
    HostProcess host(
        {{"endpoints", {{{"name", "Slow"}, {"plugin", "slow"}, {"settings", {{"seconds", 60}}}}}}});
    host.start();
    const HttpClient client = host.client();
    const std::string first = submit(client, {{"prompt", "x"}});
    ASSERT_TRUE(
        eventually([&] { return statusOf(client, first).value("status", "") == "running"; }));
    const auto position = [&](int priority) {
        return client.post("/api/v1/generate", {{"prompt", "x"}, {"priority", priority}})
            .json()
            .value("queue_position", 0);
    };
    EXPECT_EQ(position(0), 1);
    EXPECT_EQ(position(0), 2);
    EXPECT_EQ(position(5), 1);
    EXPECT_EQ(position(0), 4);
    EXPECT_EQ(position(-5), 5);
}

}  // namespace

}  // namespace test
