// A host that draws with the servers of A1111's family, with real processes: from the entry in
// config.json to the picture, for each of them as it shows itself.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>

#include "integration/support/cancel_time.hpp"

namespace test {

namespace {

using host::Json;
using ::testing::HasSubstr;

constexpr std::array kFlavours{"a1111", "forge", "sdnext", "sd-server", "draw-things"};

std::vector<std::string> arguments(const std::string& flavour, double seconds,
                                   std::vector<std::string> more) {
    more.insert(more.begin(), {"--flavour", flavour, "--seconds", std::to_string(seconds)});
    return more;
}

Simulator web(const std::string& flavour, double seconds, std::vector<std::string> more = {}) {
    return Simulator("sim-a1111", arguments(flavour, seconds, std::move(more)));
}

Json entry(const std::string& name, const Simulator& server, Json settings = Json::object()) {
    settings["url"] = "http://127.0.0.1:" + std::to_string(server.port());
    return {{"name", name}, {"plugin", "a1111"}, {"settings", std::move(settings)}};
}

// All of the family, each with the same further arguments, and a host that has them all.
struct FamilyHost {
    explicit FamilyHost(double seconds, const std::vector<std::string>& more = {}) {
        Json endpoints = Json::array();
        for (const char* const flavour : kFlavours) {
            servers.try_emplace(flavour, "sim-a1111", arguments(flavour, seconds, more));
            endpoints.push_back(entry(flavour, servers.at(flavour)));
        }
        host = std::make_unique<HostProcess>(Json{{"endpoints", endpoints}});
        host->start();
    }

    std::map<std::string, Simulator> servers;
    std::unique_ptr<HostProcess> host;
};

std::vector<Json> asked(const Simulator& server, const std::string& path) {
    std::vector<Json> out;
    for (Json& line : server.log()) {
        if (line.value("target", "") == path) out.push_back(std::move(line));
    }
    return out;
}

bool waitForRequest(const Simulator& server, const std::string& path) {
    return eventually([&] { return !asked(server, path).empty(); });
}

std::string startPicture() {
    return base64(readFile(std::string(IPL_TEST_DATA) + "/sd-server/txt2img_ok.full.png"));
}

Json resultOf(const Json& job, const std::string& endpoint) {
    for (Json image : imagesOf(job)) {
        if (image["endpoint"]["name"] == endpoint) return image;
    }
    return {};
}

TEST(A1111Host, EveryOneOfTheFamilyDrawsFromTextAndFromAPicture) {
    FamilyHost family(0.05);
    const HttpClient client = family.host->client();
    const std::string first = submit(
        client, {{"prompt", "a lamp"}, {"endpoints", "all"}, {"size", "0.5mp"}, {"seed", 7}});
    const std::string second = submit(client, {{"prompt", "a lamp"},
                                               {"endpoints", "all"},
                                               {"size", "0.5mp"},
                                               {"image", startPicture()},
                                               {"strength", 0.6}});
    for (const std::string& id : {first, second}) {
        const Json job = waitForEnd(client, id);
        EXPECT_EQ(job["status"], "completed") << job.dump(1);
        EXPECT_TRUE(job["error"].is_null()) << job["error"];
        EXPECT_EQ(imagesOf(job).size(), kFlavours.size());
    }
    for (const auto& [flavour, server] : family.servers) {
        EXPECT_EQ(asked(server, "/sdapi/v1/txt2img").size(), 1U) << flavour;
        ASSERT_EQ(asked(server, "/sdapi/v1/img2img").size(), 1U) << flavour;
        const Json body = asked(server, "/sdapi/v1/img2img")[0]["body"];
        EXPECT_GT(body["init_images"], 100) << flavour;
        EXPECT_EQ(body[flavour == "draw-things" ? "strength" : "denoising_strength"], 0.6);
    }
}

TEST(A1111Host, AFailureIsToldInTheServersWordsAndFailsItsOwnPictureOnly) {
    FamilyHost family(0.02, {"--fault", "fail", "--fault-after", "1"});
    const HttpClient client = family.host->client();
    const Json good = run(client, {{"prompt", "a lamp"}, {"size", "0.5mp"}});
    EXPECT_EQ(good["status"], "completed") << good.dump(1);
    const Json bad = run(client, {{"prompt", "a lamp"}, {"size", "0.5mp"}});
    EXPECT_EQ(bad["status"], "failed");
    for (const char* const flavour : kFlavours) {
        const char* const reason =
            std::string(flavour) == "forge" ? "Internal Server Error" : "the sampler broke";
        EXPECT_THAT(resultOf(bad, flavour).value("error", ""), HasSubstr(reason)) << flavour;
    }
}

TEST(A1111Host, ShowsStepsAndPreviewsWhileItDraws) {
    Simulator server = web("a1111", 3);
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}, {"size", "0.5mp"}});
    Json state;
    EXPECT_TRUE(eventually([&] {
        state = statusOf(host.client(), id)["endpoint_status"]["Web"];
        return state.value("phase", Json()) == "sampling" && state["progress"].is_number() &&
               state.contains("preview_url");
    })) << state.dump(1);
    EXPECT_EQ(waitForEnd(host.client(), id)["status"], "completed");
}

class Stoppable : public ::testing::TestWithParam<const char*> {};

TEST_P(Stoppable, ACancelReachesTheServerAndStopsTheDrawing) {
    Simulator server = web(GetParam(), 20);
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    const auto isOf = [](const char* path) {
        return [path](const Json& line) { return line.value("target", "") == path; };
    };
    // Where no task is told it takes a moment until a drawing is known to be ours.
    const bool tellsTasks = std::string(GetParam()) != "sdnext";
    expectCancelWithin200Ms(
        host.client(), server,
        [&](const LogLines& lines) {
            const auto drawing = std::ranges::find_if(lines, isOf("/sdapi/v1/txt2img"));
            return drawing != lines.end() &&
                   (tellsTasks || std::any_of(drawing, lines.end(), isOf("/internal/progress")));
        },
        [&](const LogLines& lines) { return timeOf(lines, isOf("/sdapi/v1/interrupt")); });
    EXPECT_TRUE(
        eventually([&] { return server.log().back().value("outcome", "") == "interrupted"; }));
}

INSTANTIATE_TEST_SUITE_P(WhatCanBeStopped, Stoppable,
                         ::testing::Values("a1111", "forge", "sdnext"));

TEST(A1111Host, ACancelEndsTheJobAlsoWhereTheServerCannotBeStopped) {
    Simulator server = web("sd-server", 1);
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}});
    ASSERT_TRUE(waitForRequest(server, "/sdapi/v1/txt2img"));
    EXPECT_EQ(host.client().del("/api/v1/queue/" + id).status, 200);
    EXPECT_EQ(waitForEnd(host.client(), id)["status"], "cancelled");
    // The next one waits there, without a word, until the server has finished in vain.
    EXPECT_EQ(run(host.client(), {{"prompt", "a lamp"}})["status"], "completed");
    EXPECT_TRUE(asked(server, "/sdapi/v1/interrupt").empty());
}

TEST(A1111Host, WaitsForWhatTheServersOwnPageDrawsAndNeverStopsIt) {
    Simulator server = web("forge", 0.05, {"--occupied", "60"});
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    const std::string id = submit(host.client(), {{"prompt", "a lamp"}});
    EXPECT_TRUE(eventually([&] {
        return statusOf(host.client(), id)["endpoint_status"]["Web"].value("phase", Json()) ==
               "waiting at the server";
    }));
    EXPECT_EQ(host.client().del("/api/v1/queue/" + id).status, 200);
    EXPECT_EQ(waitForEnd(host.client(), id)["status"], "cancelled");
    EXPECT_TRUE(asked(server, "/sdapi/v1/interrupt").empty());
}

TEST(A1111Host, DrawsWhenABusyServerIsFreeAgain) {
    Simulator server = web("a1111", 0.05, {"--occupied", "0.7"});
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    EXPECT_EQ(run(host.client(), {{"prompt", "a lamp"}})["status"], "completed");
    EXPECT_EQ(asked(server, "/sdapi/v1/txt2img").size(), 1U);
}

TEST(A1111Host, AHalfPictureThatSomebodyInterruptedIsDrawnAgain) {
    Simulator server = web("a1111", 0.05, {"--fault", "interrupted", "--fault-count", "1"});
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    const Json job = run(host.client(), {{"prompt", "a lamp"}});
    EXPECT_EQ(job["status"], "completed") << job.dump(1);
    EXPECT_EQ(imagesOf(job).size(), 1U);
    EXPECT_EQ(asked(server, "/sdapi/v1/txt2img").size(), 2U);
    EXPECT_THAT(query(host.database(), "SELECT error FROM attempts WHERE outcome <> 'ok'").dump(),
                HasSubstr("somebody interrupted"));
}

TEST(A1111Host, AMaskReachesTheServer) {
    Simulator server = web("forge", 0.05);
    HostProcess host({{"endpoints", {entry("Web", server)}}});
    host.start();
    const Json job =
        run(host.client(), {{"prompt", "a lamp"},
                            {"size", "0.5mp"},
                            {"image", startPicture()},
                            {"images", {{{"role", "mask"}, {"image", startPicture()}}}}});
    EXPECT_EQ(job["status"], "completed") << job.dump(1);
    const Json body = asked(server, "/sdapi/v1/img2img").at(0)["body"];
    EXPECT_GT(body["mask"], 100);
    EXPECT_EQ(body["inpainting_mask_invert"], 0);
}

}  // namespace

}  // namespace test
