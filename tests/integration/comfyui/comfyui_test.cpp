// A host that draws with ComfyUI, with real processes: from the entry in config.json to the
// picture.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "common/sse_client.hpp"
#include "common/tls/tls_front.hpp"
#include "integration/support/cancel_time.hpp"

namespace test {

namespace {

using host::Json;

Simulator simComfyUi(double seconds, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--seconds", std::to_string(seconds)});
    return Simulator("sim-comfyui", std::move(more));
}

Json configFor(const Simulator& server, Json settings = {{"model", "model.safetensors"}}) {
    settings["url"] = "http://127.0.0.1:" + std::to_string(server.port());
    return {{"endpoints", {{{"name", "Comfy"}, {"plugin", "comfyui"}, {"settings", settings}}}}};
}

int count(const Simulator& server, const std::string& method, const std::string& target) {
    int out = 0;
    for (const Json& line : server.log())
        out += line.value("method", "") == method && line.value("target", "") == target ? 1 : 0;
    return out;
}

TEST(ComfyUiHost, AWorkflowBesideTheConfigurationIsDrawn) {
    Simulator server = simComfyUi(0.05);
    HostProcess host(configFor(
        server, {{"workflow", "flows/mine.json"}, {"mapping", {{"seed", Json::array()}}}}));
    std::filesystem::create_directory(host.folder() / "flows");
    std::ofstream(host.folder() / "flows/mine.json")
        << R"({"6": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
               "4": {"class_type": "CheckpointLoaderSimple",
                     "inputs": {"ckpt_name": "model.safetensors"}},
               "9": {"class_type": "SaveImage", "inputs": {"images": ["6", 0]}}})";
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}, {"count", 2}});
    EXPECT_EQ(job["status"], "completed") << job;
    EXPECT_EQ(imagesOf(job).size(), 2U);
}

TEST(ComfyUiHost, AKilledHostFindsThePictureAgainThatWentOnWithoutIt) {
    Simulator server = simComfyUi(1.5);
    HostProcess host(configFor(server));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}});
    ASSERT_TRUE(eventually([&] { return count(server, "POST", "/prompt") == 1; }));
    host.kill();
    host.start();
    const Json job = waitForEnd(host.client(), id);
    EXPECT_EQ(job["status"], "completed") << job;
    EXPECT_EQ(imagesOf(job).size(), 1U);
    EXPECT_EQ(count(server, "POST", "/prompt"), 1);
}

// What the events of a job tell of its drawing until its picture is there.
struct Told {
    double progress = 0;
    bool preview = false;
};

Told toldUntilThePicture(SseClient& events) {
    Told told;
    while (auto event = events.next()) {
        if (event->type == "endpoint") {
            const Json& progress = event->data.value("progress", Json());
            if (progress.is_number())
                told.progress = std::max(told.progress, progress.get<double>());
            told.preview = told.preview || event->data.contains("preview_url");
        }
        if (event->type == "image") break;
    }
    return told;
}

// Of a job that takes two seconds.
void expectStepsAndPreviews(const HostProcess& host) {
    SseClient events(host.url(), "/api/v1/events");
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}, {"steps", 8}});
    ASSERT_NE(id, "");
    const Told told = toldUntilThePicture(events);
    EXPECT_GE(told.progress, 0.25);
    EXPECT_TRUE(told.preview);
    EXPECT_EQ(waitForEnd(host.client(), id)["status"], "completed");
}

TEST(ComfyUiHost, TheEventsOfAJobTellStepsAndPreviews) {
    Simulator server = simComfyUi(2);
    HostProcess host(configFor(server));
    host.start();
    expectStepsAndPreviews(host);
}

TEST(ComfyUiHost, StepsAndPreviewsComeThroughTlsToo) {
    Simulator server = simComfyUi(2);
    const TlsAuthority authority;
    const TlsFront front(authority.issue(), server.port());
    Json config = configFor(server);
    config["endpoints"][0]["settings"]["url"] = front.url();
    HostProcess host(config);
    std::ofstream(host.folder() / "authority.pem") << authority.certificate();
    host.environment = {"SSL_CERT_FILE=" + (host.folder() / "authority.pem").string()};
    host.start();
    expectStepsAndPreviews(host);
}

TEST(ComfyUiHost, ASocketThatIsLostInMidRunLosesNoPicture) {
    Simulator server = simComfyUi(1, {"--fault", "cut-socket"});
    HostProcess host(configFor(server));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}, {"steps", 8}, {"count", 2}});
    EXPECT_EQ(job["status"], "completed") << job;
    EXPECT_EQ(imagesOf(job).size(), 2U);
    EXPECT_EQ(count(server, "POST", "/prompt"), 2);
}

TEST(ComfyUiHost, ACancelReachesTheServer) {
    Simulator server = simComfyUi(60);
    HostProcess host(configFor(server));
    host.start();
    expectCancelWithin200Ms(
        host.client(), server,
        [](const LogLines& lines) {
            return std::ranges::any_of(lines,
                                       [](const Json& line) { return line.contains("running"); });
        },
        [](const LogLines& lines) {
            return timeOf(lines, [](const Json& line) {
                return line.value("method", "") == "POST" &&
                       line.value("target", "") == "/interrupt";
            });
        });
}

}  // namespace

}  // namespace test
