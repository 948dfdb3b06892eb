// The plugin against a simulated ComfyUI: what takes time, ends badly, or goes on without us.
#include "plugins/comfyui/studio.hpp"

namespace {

using namespace std::chrono_literals;
using host::plugins::CallStatus;
using test::generate;
using test::request;
using test::startPlugin;
using test::Studio;
using testing::HasSubstr;
using testing::Not;
using Plugin = test::ComfyUiRun;

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
    ASSERT_TRUE(studio.studio.awaitRunning(15s));
    cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
    auto id = nlohmann::json::parse(studio.bodyOf("/prompt"))["prompt_id"];
    EXPECT_EQ(nlohmann::json::parse(studio.bodyOf("/queue"))["delete"][0], id);
    EXPECT_EQ(nlohmann::json::parse(studio.bodyOf("/interrupt"))["prompt_id"], id);
}

// A ComfyUI of before September 2025 would interrupt whatever runs.
TEST(ComfyUi, ACancelOfAPromptThatWaitsInterruptsNobody) {
    Studio studio({.seconds = 30, .fault = "interrupt-any"});
    Plugin other = startPlugin(studio);
    auto theirs = std::make_shared<host::plugins::Cancellation>();
    auto running =
        std::async(std::launch::async, [&] { return generate(other, "job1", 20s, theirs); });
    ASSERT_TRUE(studio.studio.awaitRunning(15s));
    Plugin plugin = startPlugin(studio);
    auto ours = std::make_shared<host::plugins::Cancellation>();
    auto waiting =
        std::async(std::launch::async, [&] { return generate(plugin, "job2", 20s, ours); });
    ASSERT_TRUE(studio.awaitCount("POST", "/prompt", 2));
    ours->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(waiting.get().result.status, CallStatus::Cancelled);
    EXPECT_EQ(studio.count("POST", "/interrupt"), 0);
    theirs->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(running.get().result.status, CallStatus::Cancelled);
    EXPECT_EQ(studio.count("POST", "/interrupt"), 1);
}

TEST(ComfyUi, ADeleteThatFailsDoesNotKeepBackTheInterrupt) {
    Studio studio({.seconds = 30});
    studio.faulty = [](const sim::Request& request) {
        return request.method == "POST" && request.target == "/queue";
    };
    Plugin plugin = startPlugin(studio);
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    auto call =
        std::async(std::launch::async, [&] { return generate(plugin, "job1", 20s, cancellation); });
    ASSERT_TRUE(studio.studio.awaitRunning(15s));
    cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
    EXPECT_EQ(studio.count("POST", "/interrupt"), 1);
}

TEST(ComfyUi, ADeadlineAlsoStopsTheMachine) {
    Studio studio({.seconds = 30});
    Plugin plugin = startPlugin(studio);
    EXPECT_EQ(generate(plugin, "job1", 1000ms).result.status, CallStatus::Timeout);
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
    EXPECT_EQ(about["input_roles"], nlohmann::json::array({"start", "mask"}));
    EXPECT_EQ(about["max_inputs"], 2);
    EXPECT_EQ(about["previews"], true);
    EXPECT_EQ(about["cancel"], "step");
}

TEST(ComfyUi, ThousandsOfCheckpointsDoNotCrowdOutTheCapabilities) {
    Studio studio;
    studio.other = [](sim::Connection& connection, const sim::Request& request) {
        if (request.target != "/object_info/CheckpointLoaderSimple") return false;
        nlohmann::json names = nlohmann::json::array();
        for (int i = 0; i < 5000; ++i)
            names.push_back("folder/checkpoint-" + std::to_string(i) + ".safetensors");
        const nlohmann::json about{
            {"CheckpointLoaderSimple",
             {{"input",
               {{"required",
                 {{"ckpt_name", nlohmann::json::array({names, {{"tooltip", ""}}})}}}}}}}};
        connection.reply(200, "application/json", about.dump());
        return true;
    };
    Plugin plugin = startPlugin(studio);
    auto outcome =
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    auto about = nlohmann::json::parse(outcome.result.text);
    EXPECT_EQ(about["models"].size(), 200u);
    EXPECT_LT(outcome.result.text.size(), 64u * 1024);
}

// It had three seconds for up to 64 questions, and began anew each time.
TEST(ComfyUi, AProbeThatBrokeOffGoesOnWhereItStopped) {
    Studio studio;
    std::atomic<bool> broken{true};
    studio.faulty = [&](const sim::Request& request) {
        return request.target == "/object_info/SaveImage" && broken.load();
    };
    Plugin plugin = startPlugin(studio);
    const auto probe = [&] {
        return plugin.run([](auto& backend, const auto& context) { return backend.probe(context); })
            .result;
    };
    EXPECT_EQ(probe().status, CallStatus::Unavailable);
    EXPECT_EQ(studio.count("GET", "/object_info/KSampler"), 1);
    broken = false;
    EXPECT_EQ(probe().status, CallStatus::Ok);
    EXPECT_EQ(studio.count("GET", "/object_info/KSampler"), 1);
    EXPECT_EQ(studio.count("GET", "/object_info/VAEDecode"), 1);
}

TEST(ComfyUi, AQueueThatIsTooLargeToReadIsNoFaultOfTheJob) {
    Studio studio;
    studio.other = [](sim::Connection& connection, const sim::Request& request) {
        if (request.method != "GET" || request.target != "/queue") return false;
        connection.reply(200, "application/json", std::string((16 << 20) + 1, ' '));
        return true;
    };
    Plugin plugin = startPlugin(studio);
    auto outcome = generate(plugin);
    EXPECT_EQ(outcome.result.status, CallStatus::BadOutput);
    EXPECT_THAT(outcome.result.message, HasSubstr("GET /queue: ComfyUI's answer is over 16 MiB"));
}

TEST(ComfyUi, TheQueueIsNotAskedForWhileTheSocketTellsOfTheRun) {
    Studio studio({.seconds = 4});
    Plugin plugin = startPlugin(studio);
    auto outcome = generate(plugin);
    EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    EXPECT_GE(studio.count("GET", "/history/"), 4);  // one of them beside the run
    EXPECT_EQ(studio.count("GET", "/queue"), 2);     // before the prompt, and after it
}

host::plugins::PictureIn picture(const std::string& bytes, host::plugins::InputRole role) {
    return {.mime = "image/png", .bytes = std::make_shared<std::string>(bytes), .role = role};
}

nlohmann::json graphOf(Studio& studio) {
    return nlohmann::json::parse(studio.bodyOf("/prompt"))["prompt"];
}

TEST(ComfyUi, AMaskGoesToTheWorkflowForMasks) {
    Studio studio;
    Plugin plugin = startPlugin(studio);
    auto outcome = plugin.run([](auto& backend, const auto& context) {
        auto asked = request();
        asked.image = picture("start", host::plugins::InputRole::Start);
        asked.others = {picture("mask", host::plugins::InputRole::Mask)};
        return backend.generate(asked, context);
    });
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    const auto graph = graphOf(studio);
    EXPECT_EQ(graph["16"]["class_type"], "SetLatentNoiseMask");
    EXPECT_EQ(graph["12"]["class_type"], "LoadImageMask");
    EXPECT_NE(graph["10"]["inputs"]["image"], graph["12"]["inputs"]["image"]);
    EXPECT_NE(graph["12"]["inputs"]["image"], "example.png");
    for (const char* scaled : {"11", "14"}) {
        EXPECT_EQ(graph[scaled]["inputs"]["width"], 64);
        EXPECT_EQ(graph[scaled]["inputs"]["height"], 64);
    }
}

TEST(ComfyUi, StepsThatNobodyChoseStayThoseOfTheTemplate) {
    Studio studio;
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, host::Json::parse(R"({
        "workflow": {
            "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
            "2": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 8, "positive": ["1", 0]}},
            "3": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 4, "positive": ["1", 0]}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}}
        }, "url": ")" + studio.server.url() + R"("})"));
    auto told =
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    EXPECT_EQ(nlohmann::json::parse(told.result.text)["steps"]["default"], 8);
    const auto stepsSent = [&](std::uint32_t steps) {
        auto outcome = plugin.run([steps](auto& backend, const auto& context) {
            auto asked = request();
            asked.steps = steps;
            return backend.generate(asked, context);
        });
        EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
        const auto graph = graphOf(studio);
        return std::pair{graph["2"]["inputs"]["steps"], graph["3"]["inputs"]["steps"]};
    };
    EXPECT_EQ(stepsSent(8), std::pair(nlohmann::json(8), nlohmann::json(4)));
    EXPECT_EQ(stepsSent(25), std::pair(nlohmann::json(25), nlohmann::json(25)));
}

TEST(ComfyUi, StepsThatNobodyChoseAreNotPutIntoTheWorkflowWithPictures) {
    Studio studio;
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, host::Json::parse(R"({
        "workflow": {
            "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
            "2": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 8, "positive": ["1", 0]}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}
        }, "image_workflow": {
            "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
            "2": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 30, "positive": ["1", 0]}},
            "3": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}
        }, "url": ")" + studio.server.url() + R"("})"));
    const auto stepsSent = [&](std::uint32_t steps) {
        auto outcome = plugin.run([steps](auto& backend, const auto& context) {
            auto asked = request();
            asked.steps = steps;
            asked.image = picture("start", host::plugins::InputRole::Start);
            return backend.generate(asked, context);
        });
        EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
        return graphOf(studio)["2"]["inputs"]["steps"];
    };
    EXPECT_EQ(stepsSent(8), 30) << "8 is the other workflow's own";
    EXPECT_EQ(stepsSent(12), 12);
}

TEST(ComfyUi, ReferencesGoToTheirPlacesOneAfterTheOther) {
    Studio studio;
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, host::Json::parse(R"({
        "workflow": {
            "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
            "2": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
            "3": {"class_type": "LoadImage", "inputs": {"image": "b.png"}},
            "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x"}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}},
        "mapping": {"seed": [], "reference": [{"node": "2", "input": "image"}, {"node": "3", "input": "image"}]},
        "url": ")" + studio.server.url() + R"("})"));
    const auto with = [&](int references) {
        return plugin.run([&](auto& backend, const auto& context) {
            auto asked = request();
            for (int i = 0; i < references; ++i)
                asked.others.push_back(
                    picture(std::to_string(i), host::plugins::InputRole::Reference));
            return backend.generate(asked, context);
        });
    };
    ASSERT_EQ(with(2).result.status, CallStatus::Ok);
    const auto graph = graphOf(studio);
    EXPECT_NE(graph["2"]["inputs"]["image"], "a.png");
    EXPECT_NE(graph["3"]["inputs"]["image"], "b.png");
    EXPECT_NE(graph["2"]["inputs"]["image"], graph["3"]["inputs"]["image"]);
    const auto tooMany = with(3);
    EXPECT_EQ(tooMany.result.status, CallStatus::Unsupported);
    EXPECT_THAT(tooMany.result.message, HasSubstr("has 2 places for a reference picture"));
}

TEST(ComfyUi, ARoleThatTheWorkflowHasNoPlaceForIsRefusedBeforeAnythingIsSent) {
    Studio studio;
    Plugin plugin = startPlugin(studio);
    auto outcome = plugin.run([](auto& backend, const auto& context) {
        auto asked = request();
        asked.others = {picture("edges", host::plugins::InputRole::Control)};
        return backend.generate(asked, context);
    });
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(outcome.result.message, HasSubstr("has 0 places for a control picture"));
    EXPECT_EQ(studio.count("POST", "/"), 0);
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
        Wrong{"url_with_query", R"({"url": "http://h/?token=x", "model": "m"})", "without query"},
        Wrong{"url_without_host", R"({"url": "http://", "model": "m"})", "/url"},
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
        Wrong{"mask_place",
              R"({"model": "m", "mask_mapping": {"seed": []}, "mask_workflow": {
                  "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
                  "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}})",
              "/mask_workflow: no LoadImageMask node takes the mask"},
        Wrong{"no_seed",
              R"({"workflow": {
                  "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
                  "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}})",
              "/workflow: no node takes the seed"},
        Wrong{"model_without_a_place",
              R"({"model": "flux.safetensors", "workflow": {
                  "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
                  "2": {"class_type": "SomebodysLoader", "inputs": {"file": "other.safetensors"}},
                  "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}},
                  "mapping": {"seed": []}})",
              "/model: no node of workflow takes the model: name its place in mapping"},
        Wrong{
            "sampler_without_a_place",
            R"({"model": "m", "sampler": "euler", "image_mapping": {"seed": []}, "image_workflow": {
                  "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": ""}},
                  "2": {"class_type": "LoadImage", "inputs": {"image": "a.png"}},
                  "3": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
                  "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}}})",
            "/sampler: no node of image_workflow takes the sampler: name its place in image_map"},
        Wrong{"scheduler_without_a_place",
              R"({"scheduler": "karras", "mapping": {"seed": []}, "workflow": {
                  "1": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
                  "9": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}}}})",
              "/scheduler: no node of workflow takes the scheduler"},
        Wrong{"model_of_a_refiner_too",
              R"({"model": "base.safetensors", "mapping": {"seed": []}, "workflow": {
                  "1": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "base"}},
                  "2": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "refiner"}},
                  "3": {"class_type": "CLIPTextEncode", "inputs": {"text": ""}},
                  "9": {"class_type": "SaveImage", "inputs": {"images": ["2", 0]}}}})",
              "/model: the loaders of workflow have different models"},
        Wrong{"file", R"({"workflow": "/nowhere/flow.json"})", "cannot be read"}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
