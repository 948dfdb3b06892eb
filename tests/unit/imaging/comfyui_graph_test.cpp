// Graphs of ComfyUI, as people wire them up and as nobody would.
#include <gtest/gtest.h>

#include "imaging/comfyui.hpp"

namespace {

using host::Json;
using host::imaging::Generation;
using host::imaging::parseComfyGraph;

Json node(const char* type, const Json& inputs) {
    return {{"class_type", type}, {"inputs", inputs}};
}
Json link(const char* id, int output = 0) {
    return Json::array({id, output});
}

Json sampler(const Json& more = Json::object()) {
    Json inputs = {{"seed", 1},
                   {"steps", 10},
                   {"cfg", 7},
                   {"positive", link("pos")},
                   {"negative", link("neg")},
                   {"latent_image", link("empty")}};
    inputs.update(more);
    return node("KSampler", inputs);
}

Json graphWith(const Json& more) {
    Json graph = {{"k", sampler()},
                  {"pos", node("CLIPTextEncode", {{"text", "fox"}})},
                  {"neg", node("CLIPTextEncode", {{"text", "blur"}})},
                  {"empty", node("EmptyLatentImage", {{"width", 640}, {"height", 480}})}};
    graph.update(more);
    return graph;
}

std::optional<Generation> parse(const Json& graph) {
    return parseComfyGraph(graph.dump());
}

std::string promptOf(const Json& graph) {
    const auto generation = parse(graph);
    return generation ? generation->prompt : "(none)";
}

TEST(ComfyGraph, TextsAreFollowedThroughConditioningNodes) {
    const Json graph = graphWith(
        {{"k", sampler({{"positive", link("net", 0)}, {"negative", link("net", 1)}})},
         {"net", node("ControlNetApplyAdvanced", {{"positive", link("area")},
                                                  {"negative", link("neg")},
                                                  {"control_net", link("x")},
                                                  {"image", link("x")}})},
         {"area", node("ConditioningSetArea", {{"conditioning", link("both")}, {"width", 8}})},
         {"both", node("ConditioningCombine",
                       {{"conditioning_1", link("pos")}, {"conditioning_2", link("neg")}})}});
    EXPECT_EQ(promptOf(graph), "fox");
    EXPECT_EQ(parse(graph)->negativePrompt, "blur");
}

TEST(ComfyGraph, TextsAreFollowedThroughNodesThatMakeText) {
    const Json graph = graphWith({{"pos", node("CLIPTextEncode", {{"text", link("join")}})},
                                  {"join", node("StringConcatenate", {{"string_a", link("a")},
                                                                      {"string_b", "in the snow"},
                                                                      {"delimiter", ", "}})},
                                  {"a", node("PrimitiveString", {{"value", "a fox"}})}});
    EXPECT_EQ(promptOf(graph), "a fox, in the snow");
    const Json styled = graphWith(
        {{"pos", node("CLIPTextEncode", {{"text", link("style", 0)}})},
         {"neg", node("CLIPTextEncode", {{"text", link("style", 1)}})},
         {"style", node("Styler", {{"text_positive", "fox"}, {"text_negative", "smudge"}})}});
    EXPECT_EQ(promptOf(styled), "fox");
    EXPECT_EQ(parse(styled)->negativePrompt, "smudge");
    const Json sdxl =
        graphWith({{"pos", node("CLIPTextEncodeSDXL",
                                {{"text_g", "big"}, {"text_l", "small"}, {"width", 1024}})}});
    EXPECT_EQ(promptOf(sdxl), "big");
}

TEST(ComfyGraph, AnEmptiedConditioningHasNoText) {
    const auto generation =
        parse(graphWith({{"neg", node("ConditioningZeroOut", {{"conditioning", link("pos")}})}}));
    ASSERT_TRUE(generation);
    EXPECT_EQ(generation->negativePrompt, "");
}

TEST(ComfyGraph, APictureMadeOfAnotherTellsItsStrengthAndNoSize) {
    const auto generation =
        parse(graphWith({{"k", sampler({{"denoise", 0.6}, {"latent_image", link("enc")}})},
                         {"enc", node("VAEEncode", {{"pixels", link("load")}})},
                         {"load", node("LoadImage", {{"image", "x.png"}})}}));
    ASSERT_TRUE(generation);
    EXPECT_EQ(generation->strength, 0.6);
    EXPECT_FALSE(generation->width);
}

TEST(ComfyGraph, SeedsMayComeFromElsewhereAndBeTooLarge) {
    EXPECT_EQ(parse(graphWith({{"k", sampler({{"seed", link("s")}})},
                               {"s", node("Seed Everywhere", {{"seed", 99}})}}))
                  ->seed,
              99);
    EXPECT_EQ(parse(graphWith({{"k", sampler({{"seed", 18446744073709551615U}})}}))->seed,
              std::nullopt);
}

TEST(ComfyGraph, LinksInCirclesAndToNowhereEnd) {
    EXPECT_EQ(promptOf(graphWith({{"pos", node("A", {{"text", link("pos")}})}})), "(none)");
    EXPECT_EQ(promptOf(graphWith({{"pos", node("A", {{"conditioning", link("b")}})},
                                  {"b", node("B", {{"conditioning", link("pos")}})}})),
              "(none)");
    EXPECT_EQ(promptOf(graphWith({{"pos", node("A", {{"text", link("nowhere")}})}})), "(none)");
    const auto circles = parse(graphWith(
        {{"k",
          sampler({{"seed", link("k")}, {"latent_image", link("k")}, {"model", link("k")}})}}));
    ASSERT_TRUE(circles);
    EXPECT_FALSE(circles->seed);
    EXPECT_FALSE(circles->width);
}

TEST(ComfyGraph, AWebOfBranchesIsBounded) {
    // Every node joins sixty texts of the next: 60^50 ways.
    Json graph = graphWith({{"pos", node("Concat", {{"text0", link("0")}})}});
    for (int i = 0; i < 50; ++i) {
        Json inputs = Json::object();
        for (int k = 0; k < 60; ++k)
            inputs["text" + std::to_string(k)] = link(std::to_string(i + 1).c_str());
        graph[std::to_string(i)] = node("Concat", inputs);
    }
    EXPECT_EQ(promptOf(graph), "(none)");
}

TEST(ComfyGraph, WhatIsNoGraphOfOursGivesNothing) {
    for (const char* text :
         {"", "7", "[]", "{}", "{\"nodes\": [1, 2], \"links\": []}", "{\"1\": 5}",
          "{\"1\": {\"inputs\": {\"images\": [\"1\", 0]}, \"class_type\": \"SaveImage\"}}",
          "{\"1\": {\"class_type\": \"KSampler\", \"inputs\": []}}", "{\"1\": {\"inputs\""}) {
        EXPECT_FALSE(parseComfyGraph(text)) << text;
    }
}

}  // namespace
