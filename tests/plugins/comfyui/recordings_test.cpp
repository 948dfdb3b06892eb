// What surprises a client of ComfyUI, each played again from its recording by a real server.
#include "comfyui/history.hpp"
#include "common/backend_run.hpp"
#include "plugins/comfyui/replay.hpp"

namespace {

using namespace std::chrono_literals;
using host::plugins::CallStatus;
using host::plugins::ImageBackend;
using test::Replay;
using testing::HasSubstr;
using testing::Not;
using Plugin = test::BackendRun<ImageBackend>;
using Json = nlohmann::ordered_json;

host::plugins::ImageRequest request() {
    host::plugins::ImageRequest out;
    out.prompt = "a red cat";
    out.negativePrompt = "blur";
    out.orientation = "landscape";
    out.sizeClass = "1mp";
    out.width = 1219;
    out.height = 832;
    out.steps = 4;
    out.seed = 9007199254740991;  // 2^53 - 1
    return out;
}

// How ComfyUI answers a prompt that runs well.
Replay::Script good(const std::string& history = "history_id_ok") {
    return {{"GET /history", {"history_unknown_id", "history_unknown_id", history}},
            {"GET /queue", {"queue_empty"}},
            {"POST /prompt", {"prompt_ok"}},
            {"GET /view", {"view_png.full.png"}}};
}

host::Json settingsFor(const Replay& server) {
    return {{"url", server.url()}, {"model", "random-sd15.ckpt"}};
}

// The recorded runs had their SaveImage under other numbers than the shipped template has.
host::Json recordedGraph(const Replay& server, const char* output) {
    host::Json settings = settingsFor(server);
    settings["output_node"] = output;
    settings["mapping"] = {{"seed", host::Json::array()}};
    settings["workflow"] = host::Json::parse(R"({
        "1": {"class_type": "CLIPTextEncode", "inputs": {"text": "", "clip": ["4", 1]}},
        "2": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        "3": {"class_type": "SaveImage", "inputs": {"images": ["1", 0]}},
        "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x"}}})");
    return settings;
}

struct Played {
    explicit Played(Replay::Script script, const char* output = "2")
        : server(std::move(script)),
          plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                 output != nullptr ? recordedGraph(server, output) : settingsFor(server)),
          outcome(plugin.run([](auto& backend, const auto& context) {
              return backend.generate(request(), context);
          })) {}
    std::string message() const { return outcome.result.message; }
    CallStatus status() const { return outcome.result.status; }

    Replay server;
    Plugin plugin;
    test::Outcome outcome;
};

Replay::Script refused(const std::string& recording) {
    auto script = good();
    script["POST /prompt"] = {recording};
    return script;
}

struct Refusal {
    const char* recording;
    CallStatus status;
    const char* says;
};

void PrintTo(const Refusal& one, std::ostream* out) {
    *out << one.recording;
}

class ComfyUiRefusal : public testing::TestWithParam<Refusal> {};

// Surprises 1, 13, 14, 15, 18: four shapes of errors, own names and ranges.
TEST_P(ComfyUiRefusal, IsToldWithNodeAndInput) {
    Played run(refused(GetParam().recording));
    EXPECT_EQ(run.status(), GetParam().status) << run.message();
    EXPECT_THAT(run.message(), HasSubstr(GetParam().says));
    EXPECT_TRUE(run.outcome.collected->committed().empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, ComfyUiRefusal,
    testing::Values(
        Refusal{"prompt_bad_sampler", CallStatus::Unsupported,
                "node 3 (KSampler), input sampler_name: Value not in list (sampler_name: 'Euler a' "
                "not in (list of length 42))"},
        Refusal{"prompt_err_ckpt_not_in_list", CallStatus::Unsupported,
                "input ckpt_name: Value not in list (ckpt_name: 'nosuch.safetensors' not in [])"},
        Refusal{"prompt_err_image_missing", CallStatus::Unsupported,
                "node 1 (LoadImage), input image: Custom validation failed"},
        Refusal{"prompt_err_missing_input", CallStatus::Unsupported, "input height"},
        Refusal{"prompt_err_dangling_link", CallStatus::Unsupported, "node 2"},
        Refusal{"prompt_err_unknown_node", CallStatus::Unsupported, "node NoSuchNode"},
        Refusal{"prompt_err_empty", CallStatus::Unsupported, "Prompt has no outputs"},
        Refusal{"prompt_ui_format_rejected", CallStatus::Unsupported, "#nodes"},
        Refusal{"prompt_seed_minus_1", CallStatus::Unsupported, "Value -1 smaller than min"},
        Refusal{"prompt_seed_2pow64", CallStatus::Unsupported, "bigger than max"},
        Refusal{"prompt_err_bad_json", CallStatus::Upstream, "Server got itself in trouble"},
        Refusal{"prompt_foreign_origin", CallStatus::Upstream, "403 without a word"},
        Refusal{"models_unknown_folder", CallStatus::Upstream, "404 without a word"},
        Refusal{"not_found", CallStatus::Upstream, "404: Not Found"},
        Refusal{"method_not_allowed", CallStatus::Upstream, "405: Method Not Allowed"},
        Refusal{"prompt_partial_ok_node_errors_200", CallStatus::Unsupported,
                "refuses a part of the workflow: node 5 (SaveImage)"}),
    [](const auto& test) { return std::string(test.param.recording); });

TEST(ComfyUiRecording, S01TheFirstFaultIsInTheDetailsForPrograms) {
    Played run(refused("prompt_bad_sampler"));
    EXPECT_EQ(run.outcome.result.details["node"], "3");
    EXPECT_EQ(run.outcome.result.details["class_type"], "KSampler");
    EXPECT_EQ(run.outcome.result.details["input"], "sampler_name");
}

TEST(ComfyUiRecording, S03HistoryThatSaysNothingWhileItRunsIsNoEnd) {
    auto script = good();
    script["GET /history"] = {"history_unknown_id", "history_unknown_id",
                              "history_id_while_running", "history_id_while_running",
                              "history_id_ok"};
    Played run(script);
    EXPECT_EQ(run.status(), CallStatus::Ok) << run.message();
    EXPECT_EQ(run.server.count("POST", "/prompt"), 1);
}

TEST(ComfyUiRecording, S03APromptInNeitherQueueNorHistoryIsGone) {
    auto script = good();
    script["GET /history"] = {"history_id_deleted_pending"};
    Played run(script);
    EXPECT_EQ(run.status(), CallStatus::Upstream);
    EXPECT_THAT(run.message(), HasSubstr("neither in ComfyUI's queue nor in its history"));
}

TEST(ComfyUiRecording, S04AnInterruptedRunIsToldFromAFailedOne) {
    Played run(good("history_id_txt2img_interrupted"));
    EXPECT_EQ(run.status(), CallStatus::Upstream);
    EXPECT_THAT(run.message(), HasSubstr("interrupted on the server at node 3 (KSampler)"));
}

TEST(ComfyUiRecording, S05ACachedRunGivesTheOldPicture) {
    Played run(good("history_id_all_cached"));
    EXPECT_EQ(run.status(), CallStatus::Ok) << run.message();
    ASSERT_EQ(run.outcome.collected->committed().size(), 1u);
    EXPECT_EQ(run.outcome.collected->committed()[0].info.remoteName, "rec_00001_.png");
}

TEST(ComfyUiRecording, S06OnlyThePicturesOfTheChosenNodeCount) {
    Played run(good("history_id_two_outputs"), "3");
    EXPECT_EQ(run.status(), CallStatus::Ok) << run.message();
    EXPECT_EQ(run.outcome.collected->committed().size(), 1u);
    EXPECT_EQ(run.server.count("GET", "/view?filename=rec_00001_.png&subfolder=&type=output"), 1);
}

TEST(ComfyUiRecording, S08EveryPromptHasAClientOfItsOwn) {
    Played run(good());
    auto body = Json::parse(run.server.body("POST", "/prompt"));
    EXPECT_EQ(body["client_id"], body["prompt_id"]);
}

TEST(ComfyUiRecording, S12TheIdIsOursAndKnownBeforeTheAnswer) {
    auto script = good("history_own_prompt_id");
    script["POST /prompt"] = {"prompt_own_prompt_id"};
    Played run(script);
    EXPECT_EQ(run.status(), CallStatus::Ok) << run.message();
    const std::string id = Json::parse(run.server.body("POST", "/prompt"))["prompt_id"];
    EXPECT_EQ(id.size(), 36u);
    EXPECT_EQ(run.server.requests().at(0).target, "/ws?clientId=" + id);
    EXPECT_EQ(run.server.requests().at(1).target, "/history/" + id);
}

// "front": true gives a prompt a negative number.
TEST(ComfyUiRecording, S12APromptThatWasPutInFrontIsBeforeOurs) {
    const auto at = comfyui::findInQueue(
        R"({"queue_running": [], "queue_pending": [[7, "ours"], [-3, "front"], [9, "later"]]})",
        "ours");
    EXPECT_EQ(at.place, comfyui::Place::Pending);
    EXPECT_EQ(at.before, 1U);
}

// A text or a fraction where an integer belongs is converted without a word.
TEST(ComfyUiRecording, S13NumbersGoOutAsNumbersOfTheirKind) {
    auto script = good("history_id_txt2img");
    script["POST /prompt"] = {"prompt_seed_float_string"};
    Played run(script, nullptr);
    auto sampler = Json::parse(run.server.body("POST", "/prompt"))["prompt"]["3"]["inputs"];
    EXPECT_TRUE(sampler["seed"].is_number_integer());
    EXPECT_TRUE(sampler["steps"].is_number_integer());
    EXPECT_TRUE(sampler["cfg"].is_number_float());
}

TEST(ComfyUiRecording, S13TheWholeSeedGoesOutAsAnInteger) {
    Played run(good("history_id_txt2img"), nullptr);
    EXPECT_EQ(run.status(), CallStatus::Ok) << run.message();
    EXPECT_THAT(run.server.body("POST", "/prompt"), HasSubstr(R"("seed":9007199254740991,)"));
    EXPECT_EQ(run.outcome.collected->committed().at(0).info.seed, 9007199254740991);
}

TEST(ComfyUiRecording, S15AModelThatIsNotThereIsSeenByTheProbe) {
    Replay server(
        {{"GET /prompt", {"prompt_get_exec_info"}},
         {"GET /object_info/CheckpointLoaderSimple", {"object_info_CheckpointLoaderSimple"}}});
    host::Json settings = settingsFor(server);
    settings["workflow"] = host::Json::parse(
        R"({"4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x"}},
            "6": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "x", "text": ""}},
            "9": {"class_type": "CheckpointLoaderSimple", "inputs": {"text": ""}}})");
    settings["mapping"] = {{"prompt", {{"node", "9"}, {"input", "text"}}},
                           {"seed", host::Json::array()}};
    settings["output_node"] = "9";
    settings["model"] = "absent.ckpt";
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, settings);
    auto outcome =
        plugin.run([](auto& backend, const auto& context) { return backend.probe(context); });
    EXPECT_EQ(outcome.result.status, CallStatus::Unsupported);
    EXPECT_THAT(
        outcome.result.message,
        HasSubstr("node 4 (CheckpointLoaderSimple), input ckpt_name: 'absent.ckpt' is not"));
}

TEST(ComfyUiRecording, S15ANodeThatTheServerLacksIsSeenByTheProbe) {
    Replay server({{"GET /prompt", {"prompt_get_exec_info"}},
                   {"GET /object_info/KSampler", {"object_info_unknown"}}});
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, settingsFor(server));
    auto outcome =
        plugin.run([](auto& backend, const auto& context) { return backend.probe(context); });
    EXPECT_THAT(outcome.result.message, HasSubstr("(KSampler): this server has no such node"));
}

struct Uploaded {
    const char* recording;
    const char* name;
};

class ComfyUiUpload : public testing::TestWithParam<Uploaded> {};

TEST_P(ComfyUiUpload, S16TheNameThatCameBackIsUsed) {
    auto script = good("history_id_txt2img");
    script["POST /upload/image"] = {GetParam().recording};
    Replay server(script);
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, settingsFor(server));
    auto outcome = plugin.run([](auto& backend, const auto& context) {
        auto asked = request();
        asked.image = host::plugins::PictureIn{.mime = "image/jpeg",
                                               .bytes = std::make_shared<std::string>("\xFF\xD8x")};
        asked.strength = 0.25;
        return backend.generate(asked, context);
    });
    EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    auto graph = Json::parse(server.body("POST", "/prompt"))["prompt"];
    EXPECT_EQ(graph["10"]["inputs"]["image"], GetParam().name);
    EXPECT_EQ(graph["3"]["inputs"]["denoise"], 0.25);
    EXPECT_THAT(server.body("POST", "/upload/image"), HasSubstr("\xFF\xD8x"));
}

INSTANTIATE_TEST_SUITE_P(
    All, ComfyUiUpload,
    testing::Values(Uploaded{"upload_image_first", "dup.png"},
                    Uploaded{"upload_image_same_name_other_bytes", "dup (1).png"},
                    Uploaded{"upload_image_subfolder_temp", "host-sub/in-sub.png"}),
    [](const auto& test) { return std::string(test.param.recording); });

TEST(ComfyUiRecording, S16ARefusedUploadEndsTheRun) {
    auto script = good();
    script["POST /upload/image"] = {"upload_image_no_image"};
    Replay server(script);
    Plugin plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE, settingsFor(server));
    auto outcome = plugin.run([](auto& backend, const auto& context) {
        auto asked = request();
        asked.image = host::plugins::PictureIn{.mime = "image/png",
                                               .bytes = std::make_shared<std::string>("x")};
        return backend.generate(asked, context);
    });
    EXPECT_EQ(outcome.result.status, CallStatus::Upstream);
    EXPECT_THAT(outcome.result.message, HasSubstr("400 without a word"));
    EXPECT_EQ(server.count("POST", "/prompt"), 0);
}

TEST(ComfyUiRecording, S17APictureThatIsNotThereAnyMoreIsBadOutput) {
    auto script = good();
    script["GET /view"] = {"view_missing_file"};
    Played run(script);
    EXPECT_EQ(run.status(), CallStatus::BadOutput);
    EXPECT_THAT(run.message(), HasSubstr("404 without a word"));
}

TEST(ComfyUiRecording, S17ThePictureComesWhole) {
    Played run(good());
    ASSERT_EQ(run.outcome.collected->committed().size(), 1u);
    EXPECT_EQ(run.outcome.collected->committed()[0].bytes,
              test::readFile(IPL_TEST_DATA "/comfyui/view_png.full.png"));
    EXPECT_EQ(run.server.count("GET", "/view?filename=rec_00001_.png&subfolder=host&type=output"),
              1);
}

TEST(ComfyUiRecording, S18NoRequestHasAnOrigin) {
    Played run(good());
    ASSERT_GE(run.server.requests().size(), 4u);
    for (const auto& request : run.server.requests())
        EXPECT_EQ(request.header("origin"), "") << request.target;
}

// Nulls among its numbers, and the machine's folders: what is not asked for cannot surprise.
TEST(ComfyUiRecording, S20NothingDependsOnSystemStats) {
    auto script = good();
    script["GET /system_stats"] = {"system_stats"};
    Played run(script);
    EXPECT_EQ(run.status(), CallStatus::Ok) << run.message();
    EXPECT_EQ(run.server.count("GET", "/system_stats"), 0);
}

TEST(ComfyUiRecording, S21FoldersOfTheServerAreNotTold) {
    Played run(good("history_id_execution_error"));
    EXPECT_EQ(run.status(), CallStatus::Upstream);
    EXPECT_THAT(run.message(), HasSubstr("failed at node 2 (SaveImage)"));
    EXPECT_THAT(run.message(), HasSubstr("outside the output folder"));
    EXPECT_THAT(run.message(), Not(HasSubstr("/srv")));
}

TEST(ComfyUiRecording, TheValuesOfTheRequestAreInTheGraph) {
    Played run(good("history_id_txt2img"), nullptr);
    auto graph = Json::parse(run.server.body("POST", "/prompt"))["prompt"];
    EXPECT_EQ(graph["6"]["inputs"]["text"], "a red cat");
    EXPECT_EQ(graph["7"]["inputs"]["text"], "blur");
    EXPECT_EQ(graph["3"]["inputs"]["steps"], 4);
    EXPECT_EQ(graph["4"]["inputs"]["ckpt_name"], "random-sd15.ckpt");
    EXPECT_EQ(graph["5"]["inputs"]["width"], 1216);  // a multiple of 8
}

}  // namespace
