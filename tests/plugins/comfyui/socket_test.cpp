// What ComfyUI's websocket surprises a client with, played again from recordings; and what becomes
// of a run when the socket is refused, silent or lost.
#include <fstream>

#include "comfyui/events.hpp"
#include "common/backend_run.hpp"
#include "plugins/comfyui/replay.hpp"
#include "sim-comfyui/studio.hpp"

namespace {

using namespace std::chrono_literals;
using comfyui::Event;
using host::plugins::CallStatus;
using host::plugins::ImageBackend;
using test::Replay;
using testing::ElementsAre;
using testing::HasSubstr;
using Plugin = test::BackendRun<ImageBackend>;

// Also the steps and previews of a call.
class Watching : public test::Collected {
  public:
    void progress(double fraction, std::uint32_t step, std::uint32_t steps,
                  std::string_view phase) override {
        Collected::progress(fraction, step, steps, phase);
        std::lock_guard lock(mutex_);
        if (step == 0 || phase != "generating") return;
        // Two kinds of messages tell of each step.
        const std::string at = std::to_string(step) + "/" + std::to_string(steps);
        if (steps_.empty() || steps_.back() != at) steps_.push_back(at);
    }
    void preview(std::string_view mime, std::span<const std::byte> bytes) override {
        std::lock_guard lock(mutex_);
        previews_.push_back(std::string(mime) + " " + std::to_string(bytes.size()));
    }
    std::vector<std::string> steps() {
        std::lock_guard lock(mutex_);
        return steps_;
    }
    std::vector<std::string> previews() {
        std::lock_guard lock(mutex_);
        return previews_;
    }

  private:
    std::mutex mutex_;
    std::vector<std::string> steps_;
    std::vector<std::string> previews_;
};

struct Drawn {
    explicit Drawn(const std::string& url) {
        Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                      {{"url", url}, {"model", "model.safetensors"}});
        host::plugins::ImageRequest request;
        request.prompt = "a red cat";
        request.width = 64;
        request.height = 64;
        request.steps = 4;
        request.wantsPreview = true;
        auto context = plugin.context(20s, {}, seen);
        context.jobId = "job1";
        result = plugin.backend().generate(request, context);
    }
    std::shared_ptr<Watching> seen = std::make_shared<Watching>();
    host::plugins::CallResult result;
};

// In order and up to the last one. Those that come at once are told as one: the host thins
// progress.
void expectSteps(const std::vector<std::string>& steps, int count) {
    int last = 0;
    for (const std::string& step : steps) {
        const int number = std::stoi(step);
        EXPECT_EQ(step, std::to_string(number) + "/" + std::to_string(count));
        EXPECT_GT(number, last);
        last = number;
    }
    EXPECT_EQ(last, count);
}

// A run of which looking alone would see nothing but its end.
Replay::Script scriptWith(const std::string& socket, const std::string& history) {
    return {{"GET /ws", {socket}},
            {"GET /history",
             {"history_unknown_id", "history_unknown_id", "history_id_while_running", history}},
            {"GET /queue", {"queue_empty", "queue_running_and_pending"}},
            {"POST /prompt", {"prompt_ok"}},
            {"GET /view", {"view_png.full.png"}}};
}

nlohmann::json framesOf(const std::string& name) {
    std::ifstream file(IPL_TEST_DATA "/comfyui/" + name + ".json");
    return nlohmann::json::parse(file)["frames"];
}

std::vector<Event> eventsOf(const std::string& name) {
    std::vector<Event> out;
    for (const auto& frame : framesOf(name))
        if (frame.contains("json")) out.push_back(comfyui::eventOf(frame["json"].dump()));
    return out;
}

TEST(ComfyUiSocket, S06StepsAndPreviewsOfARunAreToldInOrder) {
    Replay server(scriptWith("ws_txt2img", "history_id_txt2img"));
    Drawn run(server.url());
    EXPECT_EQ(run.result.status, CallStatus::Ok) << run.result.message;
    expectSteps(run.seen->steps(), 4);
    EXPECT_THAT(run.seen->previews(), ElementsAre("image/jpeg 37214", "image/jpeg 37875",
                                                  "image/jpeg 38044", "image/jpeg 38055"));
    EXPECT_EQ(run.seen->committed().size(), 1U);
    EXPECT_EQ(server.count("GET", "/ws?clientId="), 1);
}

TEST(ComfyUiSocket, S07ARunThatFailedEndsLikeOneThatWentWellAndTheHistoryTellsWhich) {
    Replay server(scriptWith("ws_run_execution_error", "history_id_execution_error"));
    Drawn run(server.url());
    EXPECT_EQ(run.result.status, CallStatus::Upstream);
    EXPECT_THAT(run.result.message, HasSubstr("failed at node 2 (SaveImage)"));
    EXPECT_TRUE(run.seen->committed().empty());
}

TEST(ComfyUiSocket, S07AnInterruptedRunEndsTheSameWay) {
    Replay server(scriptWith("ws_txt2img_interrupted", "history_id_txt2img_interrupted"));
    Drawn run(server.url());
    EXPECT_EQ(run.result.status, CallStatus::Upstream);
    EXPECT_THAT(run.result.message, HasSubstr("interrupted on the server at node 3 (KSampler)"));
}

TEST(ComfyUiSocket, S07ExecutingNothingIsAnEndButStatusIsNone) {
    int ends = 0;
    for (const Event& event : eventsOf("ws_run_execution_error"))
        ends += event.kind == Event::Kind::Ended ? 1 : 0;
    EXPECT_EQ(ends, 2);  // execution_error, and executing with a null node
    for (const Event& event : eventsOf("ws_no_client_id"))
        EXPECT_EQ(event.kind, Event::Kind::Other);
}

// The recording begins with a prompt of somebody else, whose preview names nobody.
TEST(ComfyUiSocket, S08WhatBelongsToAnotherPromptIsNotShown) {
    Replay server(scriptWith("ws_features_previews_with_metadata", "history_id_txt2img"));
    Drawn run(server.url());
    EXPECT_EQ(run.result.status, CallStatus::Ok) << run.result.message;
    expectSteps(run.seen->steps(), 2);
    EXPECT_EQ(run.seen->previews().size(), 2U);
}

TEST(ComfyUiSocket, S09BothKindsOfPreviewFramesAreRead) {
    const std::string plain("\0\0\0\1\0\0\0\2PNG", 11);
    auto preview = comfyui::previewOf(plain);
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->mime, "image/png");
    EXPECT_EQ(preview->bytes, "PNG");
    EXPECT_EQ(preview->promptId, "");
    const std::string about = R"({"node_id":"3","prompt_id":"p1","image_type":"image/jpeg"})";
    std::string named("\0\0\0\4\0\0\0", 7);
    named += static_cast<char>(about.size());
    named += about + "JPEG";
    preview = comfyui::previewOf(named);
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->mime, "image/jpeg");
    EXPECT_EQ(preview->bytes, "JPEG");
    EXPECT_EQ(preview->promptId, "p1");
}

TEST(ComfyUiSocket, S09WhatIsNoPreviewIsNotTakenForOne) {
    for (const std::string& frame :
         {std::string(), std::string("\0\0\0\1", 4), std::string("\0\0\0\1\0\0\0\1", 8),
          std::string("\0\0\0\1\0\0\0\3x", 9), std::string("\0\0\0\2\0\0\0\1x", 9),
          std::string("\0\0\0\4\xff\xff\xff\xff{}", 10), std::string("\0\0\0\4\0\0\0\2{}", 10),
          std::string("\0\0\0\4\0\0\0\2[]x", 11)})
        EXPECT_FALSE(comfyui::previewOf(frame)) << testing::PrintToString(frame);
}

TEST(ComfyUiSocket, S10AProgressStateRepeatsAllNodesAndTheRunningSamplerCounts) {
    std::vector<std::string> steps;
    for (const auto& frame : framesOf("ws_txt2img")) {
        if (!frame.contains("json") || frame["json"]["type"] != "progress_state") continue;
        const Event event = comfyui::eventOf(frame["json"].dump());
        if (event.kind != Event::Kind::Step) continue;
        EXPECT_EQ(event.node, "3");
        steps.push_back(std::to_string(event.step) + "/" + std::to_string(event.steps));
    }
    EXPECT_THAT(steps, ElementsAre("1/4", "2/4", "3/4", "4/4"));
}

TEST(ComfyUiSocket, S10NumbersThatMakeNoSenseAreNoSteps) {
    for (const char* text :
         {R"({"type":"progress","data":{"value":5,"max":4,"node":"3"}})",
          R"({"type":"progress","data":{"value":1,"max":1e300,"node":"3"}})",
          R"({"type":"progress","data":{"value":"1","max":"4"}})",
          R"({"type":"progress_state","data":{"nodes":[1,2]}})", R"({"type":"progress"})", "[", ""})
        EXPECT_NE(comfyui::eventOf(text).kind, Event::Kind::Step) << text;
}

// Three requests a second over connections of their own would fill a machine's port table.
TEST(ComfyUiSocket, S19ARunNeedsOneConnectionAndOneSocket) {
    Replay server(scriptWith("ws_run_ok", "history_id_txt2img"));
    Drawn run(server.url());
    EXPECT_EQ(run.result.status, CallStatus::Ok) << run.result.message;
    EXPECT_EQ(server.connections(), 2);
    for (const auto& request : server.requests())
        EXPECT_EQ(request.header("accept-encoding"), "") << request.target;
}

struct Trouble {
    const char* fault;
    std::optional<bool> steps;  // whether they are told; nothing: it may have been too late
};

void PrintTo(const Trouble& one, std::ostream* out) {
    *out << one.fault;
}

class ComfyUiSocketTrouble : public testing::TestWithParam<Trouble> {};

TEST_P(ComfyUiSocketTrouble, LosesNoPicture) {
    sim::Studio studio({.seconds = 0.6, .fault = GetParam().fault});
    sim::Server server(
        sim::keepAlive([&](sim::Connection& connection, const sim::Request& request) {
            return studio.answer(connection, request);
        }));
    Drawn run(server.url());
    EXPECT_EQ(run.result.status, CallStatus::Ok) << run.result.message;
    EXPECT_EQ(run.seen->committed().size(), 1U);
    if (!GetParam().steps) return;
    EXPECT_EQ(!run.seen->steps().empty(), *GetParam().steps);
    EXPECT_EQ(!run.seen->previews().empty(), *GetParam().steps);
}

INSTANTIATE_TEST_SUITE_P(All, ComfyUiSocketTrouble,
                         testing::Values(Trouble{"", true}, Trouble{"no-socket", false},
                                         Trouble{"cut-socket", std::nullopt},
                                         Trouble{"mute-socket", false}),
                         [](const auto& test) {
                             std::string name = test.param.fault;
                             std::ranges::replace(name, '-', '_');
                             return name.empty() ? std::string("none") : name;
                         });

}  // namespace
