// What endpoints tell of themselves: in the agreed form, whichever plugin serves them, and learned
// anew when one that was away comes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/routes/routes_fixture.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::string urlOf(const Simulator& simulator, const std::string& address = "127.0.0.1") {
    return "http://" + address + ":" + std::to_string(simulator.port());
}

TEST(Describe, OfEveryPluginIsOfTheAgreedForm) {
    const Simulator machine("sim-endpoint", {});
    const Simulator studio("sim-comfyui", {});
    const Simulator web("sim-a1111", {"--flavour", "forge"});
    const Simulator service("sim-openai-images", {"--models", "gpt-image-1"});
    const Simulator model("sim-llm", {});
    Json config = {{"prompt", model.prompt()}, {"vision", model.prompt()}};
    config["endpoints"] = {
        machine.endpoint("Machine"),
        {{"name", "Sketch"}, {"plugin", "sketch"}},
        {{"name", "ComfyUI"},
         {"plugin", "comfyui"},
         {"settings", {{"url", urlOf(studio)}, {"model", "model.safetensors"}}}},
        {{"name", "Web"}, {"plugin", "a1111"}, {"settings", {{"url", urlOf(web)}}}},
        {{"name", "Service"},
         {"plugin", "openai_images"},
         {"settings", {{"url", urlOf(service)}, {"model", "gpt-image-1"}}}}};
    HostProcess host(config);
    host.start();
    const Json endpoints = host.client().get("/api/v1/endpoints").json();
    ASSERT_EQ(endpoints.size(), 5U);
    for (const Json& endpoint : endpoints) {
        const Json& can = endpoint["capabilities"];
        for (const char* flag : {"image_to_image", "negative_prompt", "seed", "progress"})
            EXPECT_TRUE(can.value(flag, Json()).is_boolean()) << flag << ": " << endpoint.dump(1);
        EXPECT_THAT(can.value("cancel", ""), AnyOf("immediate", "step", "none"))
            << endpoint.dump(1);
        if (can.value("image_to_image", false))
            EXPECT_FALSE(can.value("input_roles", Json::array()).empty()) << endpoint.dump(1);
    }
    EXPECT_THAT(host.log(), Not(HasSubstr("its describe gives")));
    EXPECT_THAT(host.log(), Not(HasSubstr("does not describe itself")));
}

TEST(Describe, OfAnEndpointThatWasAwayAtStartIsLearnedWhenItComes) {
    const std::string address = kAddressOfItsOwn;
    int port = 0;
    {
        const Simulator reserved("sim-a1111", {}, address);
        port = reserved.port();
    }
    const std::string url = "http://" + address + ":" + std::to_string(port);
    HostProcess host(
        {{"endpoints", {{{"name", "Late"}, {"plugin", "a1111"}, {"settings", {{"url", url}}}}}}});
    host.start();
    const Json withMask = {{"prompt", "a cat"},
                           {"images",
                            {{{"role", "start"}, {"image", base64(tinyPng())}},
                             {{"role", "mask"}, {"image", base64(tinyPng())}}}}};
    // What is not known is allowed.
    const std::string early = jobIdOf(host.client().post("/api/v1/generate", withMask));
    EXPECT_EQ(host.client().del("/api/v1/queue/" + early).status, 200);

    const Simulator late(
        "sim-a1111",
        {"--flavour", "draw-things", "--port", std::to_string(port), "--seconds", "0.05"}, address);
    const auto roles = [&host] {
        return host.client()
            .get("/api/v1/endpoints")
            .json()[0]["capabilities"]
            .value("input_roles", Json::array());
    };
    EXPECT_TRUE(eventually([&] { return roles() == Json::array({"start"}); })) << roles();
    const HttpAnswer refused = host.client().post("/api/v1/generate", withMask);
    expectError(refused, 400, "VALIDATION_ERROR");
    EXPECT_THAT(faultyFields(refused), ElementsAre("mask"));
    const Json status =
        run(host.client(), {{"prompt", "a cat"}, {"image", base64(tinyPng())}, {"size", "0.5mp"}});
    EXPECT_EQ(status["status"], "completed") << status.dump(1);
}

}  // namespace

}  // namespace test
