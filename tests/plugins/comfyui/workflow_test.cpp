// Where values go in the graphs that are usual today, of which the class of a node alone does not
// tell.
#include "comfyui/workflow.hpp"

#include "plugins/comfyui/studio.hpp"

namespace {

using comfyui::Slot;
using comfyui::Workflow;
using host::plugins::CallStatus;
using test::request;
using test::Studio;
using upstream::Json;

// As Flux, Z-Image and Klein are drawn: no text of its own is behind the negative input.
constexpr const char* kZeroedOut = R"({
    "1": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors"}},
    "3": {"class_type": "KSampler", "inputs": {"seed": 0, "steps": 4, "cfg": 1.0,
          "sampler_name": "euler", "scheduler": "simple", "denoise": 1.0, "model": ["1", 0],
          "positive": ["10", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
    "5": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 1024, "height": 1024}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "template", "clip": ["1", 1]}},
    "7": {"class_type": "ConditioningZeroOut", "inputs": {"conditioning": ["6", 0]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0]}},
    "10": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["6", 0]}}
})";

Json zeroedOut() {
    return *upstream::parseJson(kZeroedOut);
}

Workflow flowOf(const Json& graph, const Json& mapping = nullptr) {
    return Workflow(graph, "/workflow", mapping, "");
}

// What ComfyUI was sent.
Json drawnWith(const Json& graph, const std::string& negative, Json mapping = Json::object()) {
    Studio studio;
    test::ComfyUiRun plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                            {{"url", studio.server.url()},
                             {"workflow", host::Json::parse(graph.dump())},
                             {"mapping", host::Json::parse(mapping.dump())}});
    auto outcome = plugin.run([&](auto& backend, const auto& context) {
        auto asked = request();
        asked.negativePrompt = negative;
        return backend.generate(asked, context);
    });
    EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    return Json::parse(studio.bodyOf("/prompt"))["prompt"];
}

TEST(ComfyUiWorkflow, ANegativeThatIsThePromptZeroedOutDoesNotEmptyThePrompt) {
    for (const char* negative : {"", "blur"})
        EXPECT_EQ(drawnWith(zeroedOut(), negative)["6"]["inputs"]["text"], "a red cat");
    EXPECT_FALSE(flowOf(zeroedOut()).has(Slot::NegativePrompt));
}

TEST(ComfyUiWorkflow, OneTextForBothInputsIsThePrompt) {
    Json graph = zeroedOut();
    graph["3"]["inputs"]["negative"] = {"6", 0};
    for (const char* negative : {"", "blur"})
        EXPECT_EQ(drawnWith(graph, negative)["6"]["inputs"]["text"], "a red cat");
    // Also when the settings, not the classes, say where the prompt goes.
    const Json mapping{{"prompt", {{"node", "6"}, {"input", "text"}}}};
    EXPECT_EQ(drawnWith(graph, "blur", mapping)["6"]["inputs"]["text"], "a red cat");
}

TEST(ComfyUiWorkflow, TheTemplatesNegativePromptStaysWhenTheJobHasNone) {
    Json graph = zeroedOut();
    graph["7"] = {{"class_type", "CLIPTextEncode"}, {"inputs", {{"text", "blurry"}}}};
    EXPECT_EQ(drawnWith(graph, "")["7"]["inputs"]["text"], "blurry");
    EXPECT_EQ(drawnWith(graph, "dark")["7"]["inputs"]["text"], "dark");
}

TEST(ComfyUiWorkflow, GuidanceOfFluxLeavesTheSamplersCfgAlone) {
    const Json graph = flowOf(zeroedOut()).filled({{Slot::Guidance, 2.5}});
    EXPECT_EQ(graph["10"]["inputs"]["guidance"], 2.5);
    EXPECT_EQ(graph["3"]["inputs"]["cfg"], 1.0);
}

// SamplerCustom as Flux 2 is drawn with: its steps stand in the scheduler.
Json custom() {
    Json graph = zeroedOut();
    graph["3"] = {{"class_type", "SamplerCustom"},
                  {"inputs",
                   {{"noise_seed", 0},
                    {"cfg", 1.0},
                    {"positive", {"6", 0}},
                    {"negative", {"7", 0}},
                    {"sigmas", {"11", 0}},
                    {"latent_image", {"5", 0}}}}};
    graph["11"] = {{"class_type", "Flux2Scheduler"},
                   {"inputs", {{"steps", 20}, {"width", 1024}, {"height", 1024}}}};
    return graph;
}

TEST(ComfyUiWorkflow, TheSeedOfACustomSamplerIsAnotherOneForEveryPicture) {
    EXPECT_EQ(flowOf(custom()).filled({{Slot::Seed, 42}})["3"]["inputs"]["noise_seed"], 42);
}

TEST(ComfyUiWorkflow, StepsAndSizeOfACustomSamplerReachItsScheduler) {
    const Json graph =
        flowOf(custom()).filled({{Slot::Steps, 8}, {Slot::Width, 640}, {Slot::Height, 480}});
    EXPECT_EQ(graph["11"]["inputs"]["steps"], 8);
    EXPECT_EQ(graph["11"]["inputs"]["width"], 640);
    EXPECT_EQ(graph["11"]["inputs"]["height"], 480);
    EXPECT_EQ(graph["5"]["inputs"]["width"], 640);
}

TEST(ComfyUiWorkflow, ASeedThatIsLinkedToAPrimitiveIsSetThere) {
    Json graph = zeroedOut();
    graph["3"]["inputs"]["seed"] = {"12", 0};
    graph["12"] = {{"class_type", "PrimitiveInt"}, {"inputs", {{"value", 1}}}};
    const Json filled = flowOf(graph).filled({{Slot::Seed, 42}});
    EXPECT_EQ(filled["12"]["inputs"]["value"], 42);
    EXPECT_EQ(filled["3"]["inputs"]["seed"], Json::array({"12", 0}));
}

TEST(ComfyUiWorkflow, SizeStepsAndGuidanceThatAreLinkedToPrimitivesAreSetThere) {
    Json graph = zeroedOut();
    graph["3"]["inputs"]["steps"] = {"12", 0};
    graph["12"] = {{"class_type", "PrimitiveInt"}, {"inputs", {{"value", 4}}}};
    graph["5"]["inputs"]["width"] = {"13", 0};
    graph["13"] = {{"class_type", "INTConstant"}, {"inputs", {{"value", 512}}}};
    graph["5"]["inputs"]["height"] = {"14", 1};
    graph["14"] = {{"class_type", "SizeOfMine"}, {"inputs", {{"width", 512}, {"height", 768}}}};
    graph["10"]["inputs"]["guidance"] = {"15", 0};
    graph["15"] = {{"class_type", "PrimitiveFloat"}, {"inputs", {{"value", 3.5}}}};
    const Json filled = flowOf(graph).filled(
        {{Slot::Steps, 8}, {Slot::Width, 640}, {Slot::Height, 480}, {Slot::Guidance, 2.0}});
    EXPECT_EQ(filled["12"]["inputs"]["value"], 8);
    EXPECT_EQ(filled["13"]["inputs"]["value"], 640);
    EXPECT_EQ(filled["14"]["inputs"], Json({{"width", 512}, {"height", 480}}));
    EXPECT_EQ(filled["15"]["inputs"]["value"], 2.0);
    EXPECT_EQ(filled["3"]["inputs"]["steps"], Json::array({"12", 0})) << "the link stays";
}

// A value that is computed is none to be set.
TEST(ComfyUiWorkflow, StepsThatANodeComputesAreNotSaidToBeSettable) {
    Json graph = zeroedOut();
    graph["3"]["inputs"]["steps"] = {"12", 0};
    graph["12"] = {{"class_type", "StepsOf"}, {"inputs", {{"seed", 3}, {"formula", "a*2"}}}};
    EXPECT_FALSE(flowOf(graph).has(Slot::Steps));
}

TEST(ComfyUiWorkflow, TheModelOfAFluxWorkflowIsDrawnWithAndItsFolderIsListed) {
    Studio studio({.seconds = 0.01, .checkpoint = "flux-dev.safetensors"});
    test::ComfyUiRun plugin(IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
                            {{"url", studio.server.url()},
                             {"model", "flux-dev.safetensors"},
                             {"workflow", host::Json::parse(kZeroedOut)}});
    auto about =
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    const Json told = Json::parse(about.result.text);
    EXPECT_EQ(told["model"], "flux-dev.safetensors");
    EXPECT_EQ(told["models"], Json::array({"flux-dev.safetensors"}));
    EXPECT_EQ(studio.count("GET", "/models/checkpoints"), 0);
    EXPECT_EQ(studio.count("GET", "/object_info/CheckpointLoaderSimple"), 0);
    ASSERT_EQ(test::generate(plugin).result.status, CallStatus::Ok);
    EXPECT_EQ(Json::parse(studio.bodyOf("/prompt"))["prompt"]["1"]["inputs"]["unet_name"],
              "flux-dev.safetensors");
}

// As ComfyUI of 2025 and later tells the lists of nodes that were written anew.
TEST(ComfyUiWorkflow, AListThatIsToldAsOptionsIsReadToo) {
    const Workflow flow = flowOf(zeroedOut());
    const std::string info =
        R"({"UNETLoader": {"input": {"required": {"unet_name": ["COMBO", {"options": ["a"]}]}}}})";
    EXPECT_EQ(flow.choicesAt(Slot::Model, info), Json::array({"a"}));
    EXPECT_NE(flow.faultsAgainst("UNETLoader", {{Slot::Model, "b"}}, info), "");
    EXPECT_EQ(flow.faultsAgainst("UNETLoader", {{Slot::Model, "a"}}, info), "");
    for (const char* none : {"", "[]", R"({"UNETLoader": 3})",
                             R"({"UNETLoader": {"input": {"required": {"unet_name": []}}}})"})
        EXPECT_TRUE(flow.choicesAt(Slot::Model, none).is_null()) << none;
}

// Hires fix: the second sampler began again at nothing.
TEST(ComfyUiWorkflow, TheProgressOfTwoSamplersIsOneThatNeverRunsBackwards) {
    Studio studio({.seconds = 1});
    Json graph = zeroedOut();
    graph["20"] = graph["3"];
    graph["20"]["inputs"]["latent_image"] = {"3", 0};
    test::ComfyUiRun plugin(
        IPL_PLUGIN_DIR "/comfyui.so", IPL_ROLE_IMAGE,
        {{"url", studio.server.url()}, {"workflow", host::Json::parse(graph.dump())}});
    const auto drawn = test::generate(plugin);
    EXPECT_EQ(drawn.result.status, CallStatus::Ok) << drawn.result.message;
    auto told = drawn.collected->fractions();
    std::erase_if(told, [](double fraction) { return fraction < 0; });
    ASSERT_GE(told.size(), 3U);
    EXPECT_LT(told.front(), 1.0);
    EXPECT_TRUE(std::ranges::is_sorted(told)) << testing::PrintToString(told);
}

TEST(ComfyUiWorkflow, AGraphWithoutASeedIsTakenOnlyWhenTheSettingsSayThatThisIsMeant) {
    Json graph = zeroedOut();
    graph["3"]["inputs"].erase("seed");
    EXPECT_THROW(flowOf(graph), ipl::Error);
    EXPECT_FALSE(flowOf(graph, {{"seed", Json::array()}}).has(Slot::Seed));
}

// A picture that comes with the request is not on the server when the probe looks.
TEST(ComfyUiWorkflow, PlacesOfInputPicturesAreNotComparedWithWhatTheServerHas) {
    Json graph = zeroedOut();
    graph["13"] = {{"class_type", "PictureFromFolder"}, {"inputs", {{"file", "example.png"}}}};
    const std::string info =
        R"({"PictureFromFolder": {"input": {"required": {"file": [["other.png"]]}}}})";
    const auto faults = [&](const Json& mapping) {
        return flowOf(graph, mapping).faultsAgainst("PictureFromFolder", {}, info);
    };
    EXPECT_NE(faults(nullptr), "");
    for (const char* slot : {"image", "mask", "reference", "control"})
        EXPECT_EQ(faults({{slot, {{"node", "13"}, {"input", "file"}}}}), "") << slot;
}

}  // namespace
