// The plugin against a simulated ComfyUI: what takes time, ends badly, or goes on without us.
#include <future>

#include "common/backend_run.hpp"
#include "sim-comfyui/studio.hpp"

namespace {

using namespace std::chrono_literals;
using host::plugins::CallStatus;
using host::plugins::ImageBackend;
using testing::HasSubstr;
using testing::Not;
using Plugin = test::BackendRun<ImageBackend>;

struct Studio {
    explicit Studio(sim::StudioOptions options = {.seconds = 0.01})
        : studio(options),
          server(sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
              {
                  std::lock_guard lock(mutex);
                  requests.push_back(request);
              }
              bool more = studio.answer(connection, request);
              if (request.method == "POST" && request.target == "/prompt" && !queuedTold) {
                  queuedTold = true;
                  queued.set_value();
              }
              return more;
          })) {}
    int count(std::string_view method, std::string_view path) {
        std::lock_guard lock(mutex);
        return static_cast<int>(std::ranges::count_if(requests, [&](const auto& request) {
            return request.method == method && request.target.starts_with(path);
        }));
    }
    std::string bodyOf(std::string_view path) {
        std::lock_guard lock(mutex);
        for (const auto& request : requests)
            if (request.method == "POST" && request.target == path) return request.body;
        return {};
    }

    sim::Studio studio;
    std::mutex mutex;
    std::vector<sim::Request> requests;
    std::atomic<bool> queuedTold{false};
    std::promise<void> queued;
    sim::Server server;
};

Plugin startPlugin(const Studio& studio) {
    return Plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                  {{"url", studio.server.url()}, {"model", "model.safetensors"}});
}

host::plugins::ImageRequest request() {
    host::plugins::ImageRequest out;
    out.prompt = "a red cat";
    out.width = 64;
    out.height = 64;
    out.steps = 4;
    return out;
}

test::Outcome generate(Plugin& plugin, const std::string& job = "job1",
                       std::chrono::milliseconds time = 20s,
                       std::shared_ptr<host::plugins::Cancellation> cancellation = {}) {
    return plugin.run(
        [&](auto& backend, auto context) {
            context.jobId = job;
            return backend.generate(request(), context);
        },
        time, std::move(cancellation));
}

TEST(ComfyUi, APictureArrivesWithItsSeed) {
    Studio studio;
    Plugin plugin = startPlugin(studio);
    auto outcome = generate(plugin);
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    auto pictures = outcome.collected->committed();
    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_TRUE(pictures[0].bytes.starts_with("\x89PNG"));
    EXPECT_TRUE(pictures[0].info.seed.has_value());
}

TEST(ComfyUi, TheSameRunFindsItsPictureAgainAndIsNotQueuedTwice) {
    Studio studio;
    Plugin first = startPlugin(studio);
    auto one = generate(first);
    Plugin restarted = startPlugin(studio);
    auto two = generate(restarted);
    ASSERT_EQ(two.result.status, CallStatus::Ok) << two.result.message;
    EXPECT_EQ(studio.count("POST", "/prompt"), 1);
    EXPECT_EQ(one.collected->committed().at(0).bytes, two.collected->committed().at(0).bytes);
}

TEST(ComfyUi, ARunThatGoesOnWithoutUsIsFollowedAfterARestart) {
    Studio studio({.seconds = 0.5});
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    Plugin first = startPlugin(studio);
    auto call =
        std::async(std::launch::async, [&] { return generate(first, "job1", 20s, cancellation); });
    studio.queued.get_future().wait();
    cancellation->cancel(host::plugins::CancelReason::Shutdown);
    call.get();
    EXPECT_EQ(studio.count("POST", "/interrupt"), 0);
    Plugin restarted = startPlugin(studio);
    auto outcome = generate(restarted);
    EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    EXPECT_EQ(studio.count("POST", "/prompt"), 1);
}

TEST(ComfyUi, AnotherJobDrawsAnotherPicture) {
    Studio studio;
    Plugin plugin = startPlugin(studio);
    auto one = generate(plugin, "job1");
    auto two = generate(plugin, "job2");
    EXPECT_EQ(studio.count("POST", "/prompt"), 2);
    EXPECT_NE(one.collected->committed().at(0).info.seed,
              two.collected->committed().at(0).info.seed);
}

TEST(ComfyUi, AFailedRunIsQueuedAgainByARetry) {
    Studio studio({.seconds = 0.01, .fault = "fail", .faultCount = 1});
    Plugin plugin = startPlugin(studio);
    auto failed = generate(plugin);
    EXPECT_EQ(failed.result.status, CallStatus::Upstream);
    EXPECT_THAT(failed.result.message, HasSubstr("vae.pt"));
    EXPECT_THAT(failed.result.message, Not(HasSubstr("/home")));
    auto again = generate(plugin);
    EXPECT_EQ(again.result.status, CallStatus::Ok) << again.result.message;
}

// Surprise 11: an interrupt takes effect late, and every answer to it is 200.
TEST(ComfyUi, ACancelInterruptsExactlyOurPromptAtOnce) {
    Studio studio({.seconds = 30});
    Plugin plugin = startPlugin(studio);
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    auto call =
        std::async(std::launch::async, [&] { return generate(plugin, "job1", 20s, cancellation); });
    studio.queued.get_future().wait();
    cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
    auto id = nlohmann::json::parse(studio.bodyOf("/prompt"))["prompt_id"];
    EXPECT_EQ(nlohmann::json::parse(studio.bodyOf("/interrupt"))["prompt_id"], id);
    EXPECT_EQ(nlohmann::json::parse(studio.bodyOf("/queue"))["delete"][0], id);
}

TEST(ComfyUi, ADeadlineAlsoStopsTheMachine) {
    Studio studio({.seconds = 30});
    Plugin plugin = startPlugin(studio);
    EXPECT_EQ(generate(plugin, "job1", 500ms).result.status, CallStatus::Timeout);
    EXPECT_EQ(studio.count("POST", "/interrupt"), 1);
}

struct Case {
    const char* fault;
    CallStatus status;
    const char* says;
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.fault;
}

class ComfyUiFault : public testing::TestWithParam<Case> {};

TEST_P(ComfyUiFault, EndsWithItsStatusAndNoPicture) {
    Studio studio({.seconds = 0.01, .fault = GetParam().fault});
    Plugin plugin = startPlugin(studio);
    auto outcome = generate(plugin);
    EXPECT_EQ(outcome.result.status, GetParam().status) << outcome.result.message;
    EXPECT_THAT(outcome.result.message, HasSubstr(GetParam().says));
    EXPECT_TRUE(outcome.collected->committed().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, ComfyUiFault,
    testing::Values(Case{"no-model", CallStatus::Unsupported, "gone.safetensors"},
                    Case{"partial", CallStatus::Unsupported, "part of the workflow"},
                    Case{"fail", CallStatus::Upstream, "node 3 (KSampler)"},
                    Case{"out-of-memory", CallStatus::OutOfMemory, "Allocation on device"},
                    Case{"forget", CallStatus::Upstream, "neither in"},
                    Case{"lost-file", CallStatus::BadOutput, "404"}),
    [](const auto& test) {
        std::string name = test.param.fault;
        std::ranges::replace(name, '-', '_');
        return name;
    });

TEST(ComfyUi, DescribeTellsWhatItCanDo) {
    Studio studio;
    Plugin plugin = startPlugin(studio);
    auto outcome =
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    auto about = nlohmann::json::parse(outcome.result.text);
    EXPECT_EQ(about["image_to_image"], true);
    EXPECT_EQ(about["models"], nlohmann::json::array({"model.safetensors"}));
    EXPECT_EQ(about["model"], "model.safetensors");
    EXPECT_EQ(about["size"]["multiple_of"], 8);
}

struct Wrong {
    const char* name;
    const char* settings;
    const char* says;
};

class ComfyUiSettings : public testing::TestWithParam<Wrong> {};

TEST_P(ComfyUiSettings, AreRefusedWithTheirReason) {
    try {
        Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                      host::Json::parse(GetParam().settings));
        FAIL() << "taken";
    } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr(GetParam().says));
    }
}

INSTANTIATE_TEST_SUITE_P(
    All, ComfyUiSettings,
    testing::Values(
        Wrong{"no_model", "{}", "/model"},
        Wrong{"url", R"({"url": "192.168.0.1", "model": "m"})", "/url"},
        Wrong{"editor_format", R"({"workflow": {"nodes": [], "links": []}})", "Export (API)"},
        Wrong{"no_class", R"({"workflow": {"1": {"inputs": {}}}})", "node 1"},
        Wrong{"dangling", R"({"workflow": {"1": {"class_type": "A", "inputs": {"x": ["7", 0]}}}})",
              "node 1 (A), input x: linked to node 7"},
        Wrong{"no_prompt", R"({"workflow": {"1": {"class_type": "SaveImage", "inputs": {}}}})",
              "no node takes the prompt"},
        Wrong{"no_output",
              R"({"workflow": {"1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}}}})",
              "output_node"},
        Wrong{"mapping_node",
              R"({"model": "m", "mapping": {"seed": {"node": "99", "input": "seed"}}})",
              "/mapping/seed: the workflow has no node 99"},
        Wrong{"mapping_input",
              R"({"model": "m", "mapping": {"seed": {"node": "3", "input": "sed"}}})",
              "node 3 (KSampler) has no input sed"},
        Wrong{"mapping_name",
              R"({"model": "m", "mapping": {"sed": {"node": "3", "input": "seed"}}})",
              "/mapping/sed"},
        Wrong{"file", R"({"workflow": "/nowhere/flow.json"})", "cannot be read"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
