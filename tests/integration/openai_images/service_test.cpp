// A host that draws with a service of OpenAI's images API, with real processes: what the service
// allows, what it refuses, and what it costs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/cancel_time.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

Simulator service(double seconds, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"--seconds", std::to_string(seconds)});
    return Simulator("sim-openai-images", std::move(more));
}

Json configFor(const Simulator& server, Json settings = {{"model", "gpt-image-1"}}) {
    settings["url"] = "http://127.0.0.1:" + std::to_string(server.port());
    return {{"endpoints",
             {{{"name", "Service"}, {"plugin", "openai_images"}, {"settings", settings}}}}};
}

std::vector<Json> calls(const Simulator& server) {
    std::vector<Json> out;
    for (Json& line : server.log()) {
        if (line.contains("target")) out.push_back(std::move(line));
    }
    return out;
}

std::string picture() {
    return base64(readFile(std::string(IPL_TEST_DATA) + "/sd-server/txt2img_ok.full.png"));
}

// gpt-image-1 refuses every field and every size that it does not know.
TEST(ImagesService, GetsNothingButWhatItsModelTakes) {
    Simulator server = service(0.02, {"--api-key", "sk-1"});
    HostProcess host(configFor(server, {{"model", "gpt-image-1"}, {"api_key", "sk-1"}}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"},
                                         {"negative_prompt", "dark"},
                                         {"seed", 3},
                                         {"steps", 12},
                                         {"orientation", "landscape"}});
    EXPECT_EQ(job["status"], "completed") << job.dump(1);
    ASSERT_EQ(calls(server).size(), 1U);
    EXPECT_EQ(calls(server)[0]["fields"]["size"], "1536x1024");
    const std::string name = outputFiles(host).at(0);
    EXPECT_THAT(readFile((host.output() / name).string()),
                AllOf(HasSubstr("a lamp"), Not(HasSubstr("Steps: "))))
        << "it was never asked for steps";
}

TEST(ImagesService, EditsWithAMaskAndAReference) {
    Simulator server = service(0.02);
    HostProcess host(configFor(server));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"},
                                         {"image", picture()},
                                         {"images",
                                          {{{"role", "mask"}, {"image", picture()}},
                                           {{"role", "reference"}, {"image", picture()}}}}});
    EXPECT_EQ(job["status"], "completed") << job.dump(1);
    ASSERT_EQ(calls(server).size(), 1U);
    EXPECT_EQ(calls(server)[0]["target"], "/v1/images/edits");
    EXPECT_EQ(calls(server)[0]["pictures"], 2);
    EXPECT_EQ(calls(server)[0]["mask"], true);
}

TEST(ImagesService, PicturesAtAnAddressAreFetched) {
    Simulator server = service(0.02, {"--addresses", "--models", "mine"});
    HostProcess host(configFor(server, {{"model", "mine"}, {"previews", false}}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}, {"size", "0.5mp"}});
    EXPECT_EQ(job["status"], "completed") << job.dump(1);
    EXPECT_EQ(outputFiles(host).size(), 1U);
}

TEST(ImagesService, PartialImagesAreShownAsPreviews) {
    Simulator server = service(3);
    HostProcess host(configFor(server));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}});
    EXPECT_TRUE(eventually([&] {
        return statusOf(host.client(), id)["endpoint_status"]["Service"].contains("preview_url");
    }));
    EXPECT_EQ(waitForEnd(host.client(), id)["status"], "completed");
}

TEST(ImagesService, ACancelHangsUp) {
    Simulator server = service(60);
    HostProcess host(configFor(server));
    host.start();
    expectCancelWithin200Ms(
        host.client(), server,
        [](const LogLines& lines) {
            return std::ranges::any_of(lines,
                                       [](const Json& line) { return line.contains("target"); });
        },
        [](const LogLines& lines) {
            return timeOf(
                lines, [](const Json& line) { return line.value("outcome", "") == "client gone"; });
        });
}

TEST(ImagesService, ARateLimitIsWaitedOutAndCostsNoAttempt) {
    Simulator server = service(0.02, {"--fault", "rate-limit", "--fault-count", "2"});
    HostProcess host(configFor(server));
    host.start();
    EXPECT_EQ(run(host.client(), {{"prompt", "a lamp"}})["status"], "completed");
    EXPECT_EQ(calls(server).size(), 3U);
}

struct Refused {
    const char* fault;
    const char* says;
    std::size_t calls;
};

void PrintTo(const Refused& refused, std::ostream* out) {
    *out << refused.fault;
}

class Refusing : public ::testing::TestWithParam<Refused> {};

TEST_P(Refusing, FailsTheJobInTheServicesWords) {
    Simulator server = service(0.02, {"--fault", GetParam().fault});
    HostProcess host(configFor(server));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_THAT(imagesOf(job).at(0).value("error", ""), HasSubstr(GetParam().says));
    EXPECT_EQ(calls(server).size(), GetParam().calls);
    EXPECT_TRUE(outputFiles(host).empty());
}

// What another try would not change is asked once: each one may be billed.
INSTANTIATE_TEST_SUITE_P(Faults, Refusing,
                         ::testing::Values(Refused{"policy", "rejected by the safety system", 1},
                                           Refused{"error-event", "The server broke off", 3},
                                           Refused{"cut", "", 3}),
                         [](const auto& each) {
                             std::string name = each.param.fault;
                             std::erase(name, '-');
                             return name;
                         });

}  // namespace

}  // namespace test
