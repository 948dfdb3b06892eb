// Scenes as prompts, for endpoints whose models speak different dialects.
#include "integration/routes/routes_fixture.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

const char* const kScene =
    R"({"scene": "a harbour", "mood": "calm", "camera": {"lens": "35mm", "iso": 400}})";

Json withDialect(Json endpoint, const char* dialect) {
    endpoint["prompt_dialect"] = dialect;
    return endpoint;
}

std::string promptOf(const Simulator& machine) {
    for (const Json& line : machine.log()) {
        if (line.contains("prompt")) return line["prompt"];
    }
    return "";
}

TEST(PromptDialects, EachEndpointGetsItsOwnAndTheResultTellsWhatWasSentAndLost) {
    Simulator plain = simEndpoint(0.02);
    Simulator fibo = simEndpoint(0.02);
    HostProcess host({{"endpoints",
                       {plain.endpoint("Plain"),
                        withDialect(fibo.endpoint("Bria"), "fibo"),
                        {{"name", "Odd"}, {"plugin", "lies"}, {"prompt_dialect", "prose"}}}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", kScene}});
    std::map<std::string, Json> images;
    for (const Json& image : imagesOf(job))
        images[image["endpoint"]["name"]] = image;
    ASSERT_EQ(images.size(), 3U);

    EXPECT_EQ(images["Plain"]["prompt_used"], kScene);
    EXPECT_FALSE(images["Plain"].contains("prompt_loss"));
    EXPECT_EQ(promptOf(plain), kScene);

    const Json& bria = images["Bria"];
    EXPECT_EQ(Json::parse(bria["prompt_used"].get<std::string>()),
              (Json{{"short_description", "a harbour"},
                    {"aesthetics", {{"mood_atmosphere", "calm"}}},
                    {"photographic_characteristics", {{"lens_focal_length", "35mm"}}}}));
    EXPECT_EQ(bria["prompt_used"], promptOf(fibo));
    EXPECT_EQ(bria["prompt_dialect"], "fibo");
    EXPECT_EQ(bria["prompt_loss"],
              (Json{{{"field", "camera.iso"}, {"reason", "FIBO has no field for it"}}}));

    EXPECT_EQ(images["Odd"]["success"], false);
    EXPECT_EQ(images["Odd"]["prompt_used"], "A harbour. Calm mood. 35mm lens, ISO 400.");
    EXPECT_EQ(images["Odd"]["prompt_loss"], Json::array());
    EXPECT_EQ(job["endpoint_prompts"]["Bria"], kScene) << "the job's prompt is what was submitted";
}

TEST(PromptDialects, APictureMadeAgainIsCompiledFromTheSceneThatWasSubmitted) {
    HostProcess host(
        {{"endpoints", {{{"name", "Echo A"}, {"plugin", "echo"}, {"prompt_dialect", "prose"}}}}});
    host.start();
    const Json first = run(host.client(), {{"prompt", kScene}});
    const std::string filename = imagesOf(first)[0]["filename"];
    const Json again = run(host.client(), {{"from_image", filename}});
    EXPECT_EQ(again["request"]["prompt"], kScene);
    EXPECT_EQ(imagesOf(again)[0]["prompt_used"], imagesOf(first)[0]["prompt_used"]);
    EXPECT_EQ(host.client().get("/api/v1/gallery").json()[0]["prompt"], kScene);
}

TEST(PromptDialects, TheListOfEndpointsTellsThem) {
    HostProcess host({{"endpoints",
                       {{{"name", "A"}, {"plugin", "echo"}, {"prompt_dialect", "ideogram4"}},
                        {{"name", "B"}, {"plugin", "echo"}}}}});
    host.start();
    const Json list = host.client().get("/api/v1/endpoints").json();
    EXPECT_EQ(list[0]["prompt_dialect"], "ideogram4");
    EXPECT_EQ(list[1]["prompt_dialect"], "as_is");
}

}  // namespace

}  // namespace test
