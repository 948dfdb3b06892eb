// The generator's port as a client of the OpenAI images API sees it: requests and answers.
#include <future>

#include "integration/foreign/foreign_fixture.hpp"
#include "sim-common/server.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::StartsWith;

const char* const kGenerations = "/v1/images/generations";
const char* const kEdits = "/v1/images/edits";

void expectOpenAiError(const HttpAnswer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    const Json body = answer.json();
    ASSERT_TRUE(body.is_object() && body.contains("error")) << answer.body;
    EXPECT_EQ(body.size(), 1U) << answer.body;
    EXPECT_EQ(body["error"].value("code", ""), code) << answer.body;
    EXPECT_NE(body["error"].value("message", ""), "");
}

// What the backend was asked for, in the job of an answer.
Json statsOf(const HostProcess& host, const HttpAnswer& answer, std::size_t index = 0) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    const auto images = imagesOf(statusOf(host.client(), answer.header("X-Job-ID")));
    return index < images.size() ? images[index]["stats"] : Json();
}

HttpAnswer edit(const HostProcess& host, const Form& form) {
    return host.client().send("POST", kEdits, form.headers(), form.body());
}

TEST(OpenAi, PicturesComeAsBase64WithOneRunForEach) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpAnswer answer = host.client().post(
        kGenerations, {{"prompt", "a harbour"}, {"n", 2}, {"size", "1536x1024"}, {"seed", 5}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json body = answer.json();
    ASSERT_EQ(body["data"].size(), 2U);
    EXPECT_EQ(body["size"], "1x1") << "what was drawn, by a plugin that draws nothing else";
    EXPECT_EQ(body["output_format"], "png");
    const Json job = statusOf(host.client(), answer.header("X-Job-ID"));
    EXPECT_EQ(job["request"]["size"], "1536x1024");
    EXPECT_EQ(job["request"]["orientation"], "landscape");
    const auto images = imagesOf(job);
    ASSERT_EQ(images.size(), 2U) << "one endpoint draws each run";
    for (std::size_t i = 0; i < 2; ++i) {
        const std::string file = readFile(host.output() / images[i]["filename"].get<std::string>());
        EXPECT_EQ(body["data"][i]["b64_json"], base64(file));
        EXPECT_EQ(images[i]["stats"]["seed"], 5 + static_cast<int>(i));
        EXPECT_EQ(images[i]["stats"]["width"], 1536);
        EXPECT_EQ(images[i]["stats"]["height"], 1024);
    }
}

TEST(OpenAi, TheSizeThatIsAskedForIsDrawnAndTold) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const HttpAnswer answer =
        host.client().post(kGenerations, {{"prompt", "p"}, {"size", "512x256"}, {"steps", 2}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.json()["size"], "512x256");
    const auto images = imagesOf(statusOf(host.client(), answer.header("X-Job-ID")));
    ASSERT_EQ(images.size(), 1U);
    EXPECT_EQ(images[0]["width"], 512);
    EXPECT_EQ(images[0]["height"], 256);
}

TEST(OpenAi, ALargePictureComesWhole) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    const HttpAnswer answer =
        host.client().post(kGenerations, {{"prompt", "p"}, {"size", "2048x2048"}, {"steps", 5}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const auto images = imagesOf(statusOf(host.client(), answer.header("X-Job-ID")));
    ASSERT_EQ(images.size(), 1U);
    const std::string file = readFile(host.output() / images[0]["filename"].get<std::string>());
    ASSERT_GT(file.size(), 200'000U) << "several pieces";
    EXPECT_EQ(answer.json()["data"][0]["b64_json"], base64(file));
}

TEST(OpenAi, PicturesComeAsLinksAndFromTheModelThatWasNamed) {
    HostProcess host(echoEndpoints());
    host.start();
    const HttpAnswer answer = host.client().post(
        kGenerations, {{"prompt", "p"}, {"model", "echo b"}, {"response_format", "url"}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    const std::string url = answer.json()["data"][0]["url"];
    ASSERT_THAT(url, StartsWith(host.url() + "/images/"));
    EXPECT_EQ(host.client().get(url.substr(host.url().size())).status, 200);
    EXPECT_EQ(imagesOf(statusOf(host.client(), answer.header("X-Job-ID")))[0]["endpoint"]["name"],
              "Echo B");
}

TEST(OpenAi, EditsStartFromTheFirstPictureAndReferToTheOthers) {
    HostProcess host(echoEndpoints());
    host.start();
    const std::string first = sample("plain.jpg");
    const std::string second = tinyPng();
    Form form;
    form.field("prompt", "p").field("n", "1").field("size", "auto");
    form.file("image[]", "a.jpg", "image/jpeg", first);
    form.file("image[]", "b.png", "image/png", second);
    const HttpAnswer answer = edit(host, form);
    const Json stats = statsOf(host, answer);
    EXPECT_EQ(stats["image_size"], first.size());
    EXPECT_EQ(stats["inputs"],
              "1:" + std::to_string(first.size()) + " 3:" + std::to_string(second.size()));
    EXPECT_EQ(stats["size_class"], "1mp");
    EXPECT_EQ(stats["orientation"], "landscape") << "the shape of the start picture, 48 x 32";
    const HttpAnswer asJson =
        host.client().post(kEdits, {{"prompt", "p"}, {"image", {base64(first), base64(second)}}});
    EXPECT_EQ(statsOf(host, asJson)["inputs"], stats["inputs"]);
}

TEST(OpenAi, WhatAMaskHasTransparentIsRepainted) {
    HostProcess host({{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    host.start();
    Form form;
    form.field("prompt", "p").field("strength", "1").field("steps", "5");
    form.file("image", "a.jpg", "image/jpeg", sample("plain.jpg"));
    form.file("mask", "m.png", "image/png", sample("alpha.png"));
    const HttpAnswer answer = edit(host, form);
    expectMaskOfAlpha(host, answer);
}

TEST(OpenAi, EditsWithoutAUsablePictureAreRefused) {
    HostProcess host(echoEndpoints());
    host.start();
    expectOpenAiError(edit(host, Form().field("prompt", "p")), 400, "validation_error");
    Form text;
    text.field("prompt", "p").file("image", "a.png", "image/png", "no picture");
    expectOpenAiError(edit(host, text), 400, "invalid_image_format");
    Form mask;
    mask.field("prompt", "p").file("image", "a.png", "image/png", tinyPng());
    mask.file("mask", "m.png", "image/png", sample("alpha.png"));
    const HttpAnswer answer = edit(host, mask);
    expectOpenAiError(answer, 400, "validation_error");
    EXPECT_EQ(answer.json()["error"]["param"], "mask");
    Form many;
    many.field("prompt", "p");
    for (int i = 0; i < 9; ++i)
        many.file("image[]", "a.png", "image/png", tinyPng());
    expectOpenAiError(edit(host, many), 400, "validation_error");
    expectOpenAiError(host.client().post(kEdits, {{"prompt", "p"}, {"image", "!!!"}}), 400,
                      "invalid_image_format");
    expectOpenAiError(host.client().post(kEdits, {{"prompt", "p"}, {"image", {1, 2}}}), 400,
                      "validation_error");
}

TEST(OpenAi, ModelsAreTheEndpointsAndAny) {
    HostProcess host(echoEndpoints());
    host.start();
    std::vector<std::string> ids;
    const Json models = host.client().get("/v1/models").json();
    for (const Json& model : models["data"])
        ids.push_back(model["id"]);
    EXPECT_EQ(ids, (std::vector<std::string>{"any", "Echo A", "Echo B"}));
    for (const char* name : {"Echo%20A", "echo%20a"})
        EXPECT_EQ(host.client().get("/v1/models/" + std::string(name)).json()["id"], "Echo A");
    expectOpenAiError(host.client().get("/v1/models/dall-e-3"), 404, "model_not_found");
}

TEST(OpenAi, ErrorsHaveTheProtocolsShape) {
    Json config = echoEndpoints();
    config["api_keys"] = {"a-key-of-the-tests"};
    config["max_body_bytes"] = 100'000;
    HostProcess host(config);
    host.start();
    const HttpClient client = host.client();
    const Headers key = {{"Authorization", "Bearer a-key-of-the-tests"}};
    expectOpenAiError(client.post(kGenerations, {{"prompt", "p"}}), 401, "invalid_api_key");
    expectOpenAiError(client.get("/v1/nothing", key), 404, "not_found");
    expectOpenAiError(client.get(kGenerations, key), 405, "method_not_allowed");
    expectOpenAiError(client.post(kGenerations, {{"prompt", std::string(200'000, 'x')}}, key), 413,
                      "payload_too_large");
    Headers json = key;
    json.emplace_back("Content-Type", "application/json");
    for (const char* bad : {"", "{", "[]", "{\"prompt\": 5}", "{}"})
        expectOpenAiError(client.send("POST", kGenerations, json, bad), 400, "validation_error");
    const auto refused = [&](Json field, const std::string& name) {
        field["prompt"] = "p";
        const HttpAnswer answer = client.post(kGenerations, field, key);
        expectOpenAiError(answer, 400, "validation_error");
        EXPECT_EQ(answer.json()["error"]["param"], name);
    };
    refused({{"n", 0}}, "n");
    refused({{"n", 11}}, "n");
    refused({{"n", 1.5}}, "n");
    for (const Json& size : {Json(64), Json("banana"), Json("0x512"), Json("512"), Json("x")})
        refused({{"size", size}}, "size");
    refused({{"stream", "yes"}}, "stream");
    refused({{"partial_images", 4}}, "partial_images");
    refused({{"response_format", "tiff"}}, "response_format");
    refused({{"steps", 100'000}}, "steps");
    expectOpenAiError(client.post(kGenerations, {{"prompt", "p"}, {"model", "dall-e-3"}}, key), 404,
                      "model_not_found");
    EXPECT_EQ(client.get("/api/v1/jobs", key).json().size(), 0U);
}

TEST(OpenAi, AJobWithoutAPictureIsAServerErrorThatIsNotTriedAgain) {
    HostProcess host({{"endpoints", {{{"name", "Odd"}, {"plugin", "lies"}}}}});
    host.start();
    const HttpAnswer answer = host.client().post(kGenerations, {{"prompt", "p"}});
    EXPECT_EQ(answer.status, 500) << answer.body;
    EXPECT_EQ(answer.json()["error"]["type"], "server_error");
    EXPECT_EQ(answer.header("x-should-retry"), "false");
}

struct Streamed {
    std::string name;
    Json data;
};

std::vector<Streamed> eventsOf(const HttpAnswer& answer) {
    std::vector<Streamed> events;
    std::istringstream lines(answer.body);
    std::string name;
    for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("event: ")) name = line.substr(7);
        if (line.starts_with("data: ")) events.push_back({name, Json::parse(line.substr(6))});
    }
    return events;
}

TEST(OpenAi, StreamsShowPartialPicturesBeforeEachPicture) {
    HostProcess host({{"endpoints",
                       {{{"name", "Sketch"},
                         {"plugin", "sketch"},
                         {"settings", {{"delay_ms_per_step", 60}}}}}}});
    host.start();
    const HttpAnswer answer = host.client().post(kGenerations, {{"prompt", "p"},
                                                                {"size", "704x704"},
                                                                {"steps", 12},
                                                                {"stream", true},
                                                                {"partial_images", 2}});
    ASSERT_EQ(answer.status, 200) << answer.body;
    EXPECT_EQ(answer.header("Content-Type"), "text/event-stream");
    const auto events = eventsOf(answer);
    ASSERT_GE(events.size(), 2U) << answer.body;
    for (std::size_t i = 0; i + 1 < events.size(); ++i) {
        EXPECT_EQ(events[i].name, "image_generation.partial_image");
        EXPECT_EQ(events[i].data["type"], events[i].name);
        EXPECT_EQ(events[i].data["partial_image_index"], i);
        EXPECT_THAT(events[i].data["b64_json"].get<std::string>(), StartsWith("/9j/"));
    }
    EXPECT_LE(events.size(), 3U);
    const Json& last = events.back().data;
    EXPECT_EQ(events.back().name, "image_generation.completed");
    EXPECT_EQ(last["type"], events.back().name);
    EXPECT_EQ(last["size"], "704x704");
    const auto images = imagesOf(statusOf(host.client(), answer.header("X-Job-ID")));
    EXPECT_EQ(last["b64_json"],
              base64(readFile(host.output() / images[0]["filename"].get<std::string>())));
}

TEST(OpenAi, StreamsGiveEveryPictureOnceAndTellFailures) {
    Json config = echoEndpoints();
    config["endpoints"].push_back({{"name", "Odd"}, {"plugin", "lies"}});
    HostProcess host(config);
    host.start();
    const HttpAnswer three = host.client().post(
        kGenerations, {{"prompt", "p"}, {"n", 3}, {"model", "Echo A"}, {"stream", true}});
    const auto events = eventsOf(three);
    ASSERT_EQ(events.size(), 3U) << three.body;
    for (const Streamed& event : events)
        EXPECT_EQ(event.name, "image_generation.completed");
    const HttpAnswer failed =
        host.client().post(kGenerations, {{"prompt", "p"}, {"model", "Odd"}, {"stream", true}});
    const auto told = eventsOf(failed);
    ASSERT_EQ(told.size(), 1U) << failed.body;
    EXPECT_EQ(told[0].name, "error");
    EXPECT_EQ(told[0].data["error"]["type"], "server_error");
}

// Pictures of more bytes than sockets hold; from the second one on they wait for the gate.
class LargePictures {
  public:
    Json endpoint() const {
        return {{"name", "Large"},
                {"plugin", "endpoint"},
                {"settings", {{"ip", "127.0.0.1"}, {"port", server_.port()}}}};
    }
    std::promise<void> gate;

  private:
    bool answer(sim::Connection& connection, const sim::Request& request) {
        if (request.method == "GET") return connection.reply(200, "image/png", tinyPng(12'000'000));
        if (drawn_++ > 0) open_.wait();
        return connection.reply(
            200, "application/json",
            Json{{"success", true}, {"images", {{{"filename", "x.png"}}}}}.dump());
    }

    std::shared_future<void> open_ = gate.get_future().share();
    std::atomic<int> drawn_{0};
    sim::Server server_{
        sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
            return answer(connection, request);
        })};
};

// The client has not left: what else its job owes is drawn.
TEST(OpenAi, AStreamThatBreaksOffOverAPictureThatIsGoneCancelsNothing) {
    LargePictures machine;
    HostProcess host({{"endpoints", {machine.endpoint()}}});
    host.start();
    TcpSocket call = beginCall(host, kGenerations, {{"prompt", "p"}, {"n", 3}, {"stream", true}});
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::string came;
    while (came.find("image_generation.completed") == came.npos)
        ASSERT_TRUE(call.receive(came, until)) << came;
    ASSERT_EQ(outputFiles(host).size(), 1U);
    std::filesystem::remove(host.output() / outputFiles(host).front());
    while (call.receive(came, until)) {
    }
    EXPECT_TRUE(call.ended());
    EXPECT_EQ(came.find("\"usage\""), came.npos) << "the picture is cut rather than made up";
    machine.gate.set_value();
    const Json jobs = host.client().get("/api/v1/jobs").json();
    ASSERT_EQ(jobs.size(), 1U);
    const Json job = waitForEnd(host.client(), jobs[0]["job_id"]);
    EXPECT_EQ(job["status"], "completed");
    EXPECT_EQ(imagesOf(job).size(), 3U);
}

}  // namespace

}  // namespace test
