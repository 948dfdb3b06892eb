// GET /api/v1/limits tells what POST /api/v1/generate really accepts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/generator.hpp"

namespace test {

namespace {

using host::Json;

Json narrow() {
    return {{"validation_limits",
             {{"count", {{"min", 1}, {"max", 3}}}, {"steps", {{"min", 5}, {"max", 30}}}}},
            {"max_body_bytes", 2'000'000},
            {"max_queued_jobs", 17},
            {"endpoints",
             {{{"name", "First"}, {"plugin", "echo"}}, {{"name", "Second"}, {"plugin", "echo"}}}}};
}

TEST(Limits, AreThoseOfTheConfiguration) {
    HostProcess host(narrow());
    host.start();
    const HttpAnswer answer = host.client().get("/api/v1/limits");
    ASSERT_EQ(answer.status, 200) << answer.body;
    const Json limits = answer.json();
    EXPECT_EQ(limits["count"], (Json{{"min", 1}, {"max", 3}, {"default", 1}}));
    EXPECT_EQ(limits["steps"], (Json{{"min", 5}, {"max", 30}, {"default", 25}}));
    EXPECT_EQ(limits["endpoints"], (Json{"First", "Second"}));
    EXPECT_EQ(limits["max_body_bytes"], 2'000'000);
    EXPECT_EQ(limits["max_queued_jobs"], 17);
    EXPECT_EQ(limits["prompt_writer"],
              (Json{{"plugin", "wordsmith"}, {"model", nullptr}, {"is_model", false}}));
    EXPECT_EQ(limits["sizes"][0]["portrait"], (Json{{"width", 576}, {"height", 864}}));
    for (const char* service : {"json_from_image", "create_json"})
        EXPECT_EQ(HttpClient(host.url(service)).get("/api/v1/limits").json(), limits);
}

TEST(Limits, EverythingBeyondThemIsRefusedAndTheBoundsThemselvesAreNot) {
    HostProcess host(narrow());
    host.start();
    const HttpClient client = host.client();
    const Json limits = client.get("/api/v1/limits").json();
    const std::vector<std::string> numbers{"count",    "steps",          "seed",
                                           "strength", "guidance_scale", "priority"};
    for (const char* end : {"min", "max"}) {
        Json within = {{"prompt", "x"}};
        Json beyond = {{"prompt", std::string(limits["prompt"]["max_length"].get<int>() + 1, 'x')}};
        for (const std::string& name : numbers) {
            const double bound = limits[name][end].get<double>();
            // Below the least seed lies -1, which means none.
            const double step = name == "seed" ? 2 : 1;
            within[name] = limits[name][end];
            beyond[name] = std::string_view(end) == "min" ? bound - step : bound + step;
        }
        EXPECT_EQ(client.post("/api/v1/generate", within).status, 200) << within;
        const HttpAnswer refused = client.post("/api/v1/generate", beyond);
        EXPECT_EQ(refused.status, 400);
        std::vector<std::string> fields;
        const Json body = refused.json();
        for (const Json& fault : body["error"]["details"]["errors"])
            fields.push_back(fault["field"].get<std::string>());
        std::vector<std::string> expected = numbers;
        expected.push_back("prompt");
        EXPECT_THAT(fields, testing::UnorderedElementsAreArray(expected)) << refused.body;
    }
    const Json words = {{"prompt_mode", limits["prompt_modes"]},
                        {"orientation", limits["orientations"]},
                        {"endpoints", limits["endpoint_choices"]}};
    for (const auto& [name, allowed] : words.items()) {
        for (const Json& word : allowed) {
            const HttpAnswer answer =
                client.post("/api/v1/generate", {{"prompt", "x"}, {name, word}});
            EXPECT_EQ(answer.status, 200) << answer.body;
        }
    }
    for (const Json& size : limits["sizes"]) {
        const HttpAnswer answer =
            client.post("/api/v1/generate", {{"prompt", "x"}, {"size", size["name"]}});
        EXPECT_EQ(answer.status, 200) << answer.body;
    }
}

}  // namespace

}  // namespace test
