// A host that draws with another host: the plugin against the API that this host offers itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

Json configFor(const HostProcess& other, Json settings = Json::object()) {
    settings["url"] = other.url();
    return {{"endpoints",
             {{{"name", "Other host"}, {"plugin", "openai_images"}, {"settings", settings}}}}};
}

TEST(TwoHosts, APictureIsDrawnByTheOtherAndKeptByBoth) {
    HostProcess other(Json{{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    other.start();
    HostProcess host(configFor(other, {{"model", "Sketch"}, {"fields", {"seed", "steps"}}}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp on a table"},
                                         {"size", "0.5mp"},
                                         {"orientation", "portrait"},
                                         {"seed", 11},
                                         {"steps", 2}});
    ASSERT_EQ(job["status"], "completed") << job;
    ASSERT_EQ(imagesOf(job).size(), 1U);
    EXPECT_EQ(imagesOf(job)[0]["stats"]["seed"], 11);
    ASSERT_EQ(outputFiles(host).size(), 1U);
    ASSERT_EQ(outputFiles(other).size(), 1U);
    const auto theirs = other.client().get("/api/v1/jobs").json();
    EXPECT_EQ(theirs[0]["request"]["prompt"], "a lamp on a table");
    EXPECT_EQ(theirs[0]["request"]["orientation"], "portrait");
    EXPECT_EQ(theirs[0]["request"]["seed"], 11);
}

TEST(TwoHosts, ACancelHereCancelsTheJobThere) {
    Simulator machine = simEndpoint(60);
    HostProcess other(Json{{"endpoints", {machine.endpoint("Slow")}}});
    other.start();
    HostProcess host(configFor(other));
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}});
    const auto theirs = [&] { return other.client().get("/api/v1/jobs").json(); };
    ASSERT_TRUE(
        eventually([&] { return !theirs().empty() && theirs()[0]["status"] == "running"; }));
    EXPECT_EQ(host.client().del("/api/v1/queue/" + id).status, 200);
    EXPECT_TRUE(eventually([&] { return theirs()[0]["status"] == "cancelled"; }));
    EXPECT_EQ(waitForEnd(host.client(), id)["status"], "cancelled");
}

TEST(TwoHosts, AnEndpointThatTheOtherDoesNotHaveIsToldAndNotTriedAgain) {
    HostProcess other(Json{{"endpoints", {{{"name", "Sketch"}, {"plugin", "sketch"}}}}});
    other.start();
    HostProcess host(configFor(other, {{"model", "Nobody"}}));
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}});
    EXPECT_EQ(job["status"], "failed");
    EXPECT_THAT(imagesOf(job).at(0)["error"].get<std::string>(), HasSubstr("Nobody"));
    EXPECT_EQ(query(host.database(), "SELECT number FROM attempts").size(), 1U);
}

}  // namespace

}  // namespace test
