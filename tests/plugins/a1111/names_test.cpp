// Sampler, scheduler and model of the settings beside what servers list.
#include "a1111/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugins/a1111/family.hpp"

namespace test {

namespace {

using a1111::asListed;
using a1111::Lists;
using a1111::Settings;
using host::Json;
using host::plugins::CallStatus;
using ::testing::AllOf;
using ::testing::HasSubstr;

Lists listsOf(const std::string& folder) {
    const auto body = [&](const char* name) {
        return readRecording(IPL_TEST_DATA, folder + "/" + name).body();
    };
    return {a1111::readSamplers(body("samplers")), a1111::readSchedulers(body("schedulers")),
            a1111::readCheckpoints(body("sd_models"))};
}

host::plugins::CallResult probed(A1111Plugin& plugin) {
    return plugin.run([](auto& backend, const auto& context) { return backend.probe(context); })
        .result;
}

TEST(Names, AreFoundAsTheServersFindThem) {
    const Lists forge = listsOf("forge-http-layer");
    const Lists sd = listsOf("sd-server");
    const auto sampler = [](const Lists& lists, const std::string& sampler,
                            const std::string& scheduler = "") {
        const Settings named = asListed({.sampler = sampler, .scheduler = scheduler}, lists);
        return named.sampler + "|" + named.scheduler;
    };
    EXPECT_EQ(sampler(forge, "Euler a"), "Euler a|");
    EXPECT_EQ(sampler(forge, "euler A"), "Euler a|");
    EXPECT_EQ(sampler(forge, "k_dpm++_2m"), "DPM++ 2M|") << "an alias";
    EXPECT_EQ(sampler(forge, "DPM++ 2M Karras"), "DPM++ 2M|Karras");
    EXPECT_EQ(sampler(forge, "Euler", "karras"), "Euler|Karras");
    EXPECT_EQ(sampler(sd, "Euler a", "Karras"), "euler_a|karras");
    EXPECT_EQ(sampler(sd, "k_dpmpp_2m", "Automatic"), "dpm++2m|") << "its own is automatic";
    EXPECT_EQ(sampler(sd, "DPM++ 2M Karras"), "dpm++2m|karras");

    const auto model = [&](const std::string& model) {
        return asListed({.model = model}, forge).model;
    };
    const std::string alpha = "alpha.safetensors [0123456789]";
    for (const char* const name : {"alpha", "alpha.safetensors", "Alpha.safetensors [99]",
                                   "0123456789", "/models/alpha.safetensors"})
        EXPECT_EQ(model(name), alpha) << name;
    EXPECT_EQ(model("beta.safetensors [aabbcc]"), "beta.safetensors") << "not hashed there yet";
    EXPECT_EQ(model("huggingface/some/model"), "huggingface/some/model");
}

TEST(Names, ThatTheServerLacksAreRefusedByTheProbeWithWhatToDo) {
    for (const auto& [setting, name, listed] :
         {std::array<const char*, 3>{"sampler", "Eular", "Euler a"},
          {"scheduler", "Karas", "Karras"},
          {"model", "gamma.safetensors", "alpha.safetensors"}}) {
        for (const char* const folder : {"forge-http-layer", "sd-server"}) {
            Family server(folder);
            A1111Plugin plugin = startA1111(server, {{setting, name}});
            const auto refused = probed(plugin);
            EXPECT_EQ(refused.status, CallStatus::Unsupported) << folder << name;
            EXPECT_EQ(refused.field, std::string("/") + setting);
            EXPECT_THAT(refused.message, HasSubstr("'" + std::string(name) + "'"));
            if (server.recorded("samplers").body().find("Euler") != std::string::npos) {
                EXPECT_THAT(refused.message, HasSubstr(listed));
            }
            EXPECT_EQ(drawWith(plugin).result.status, CallStatus::Unsupported);
            EXPECT_TRUE(server.requests("POST /sdapi/v1/txt2img").empty()) << folder << name;
        }
    }
}

TEST(Names, ThatAreMendedAtTheServerAreFoundByTheNextProbe) {
    Family server;
    A1111Plugin plugin = startA1111(server, {{"model", "gamma"}});
    EXPECT_EQ(probed(plugin).status, CallStatus::Unsupported);
    server.on("GET /sdapi/v1/sd-models", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json",
                                R"([{"title": "gamma.safetensors", "model_name": "gamma"}])");
    });
    EXPECT_TRUE(probed(plugin).ok());
    ASSERT_TRUE(drawWith(plugin).result.ok());
    EXPECT_EQ(
        Json::parse(server.requests("POST /sdapi/v1/txt2img").at(0).body)["override_settings"]
                                                                         ["sd_model_checkpoint"],
        "gamma.safetensors");
    const auto asked = server.requests("GET /sdapi/v1/sd-models").size();
    ASSERT_TRUE(drawWith(plugin).result.ok());
    EXPECT_EQ(server.requests("GET /sdapi/v1/sd-models").size(), asked) << "compared once";
}

TEST(Names, OfWhatTheServerDoesNotListAreSentAsTheyAre) {
    Family server;
    for (const char* const list : {"schedulers", "sd-models"})
        server.play("GET /sdapi/v1/" + std::string(list), "not_found");
    server.on("GET /sdapi/v1/samplers", [](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "application/json", "[]");
    });
    A1111Plugin plugin =
        startA1111(server, {{"sampler", "Mine"}, {"scheduler", "Own"}, {"model", "gamma"}});
    EXPECT_TRUE(probed(plugin).ok());
    ASSERT_TRUE(drawWith(plugin).result.ok());
    const Json body = Json::parse(server.requests("POST /sdapi/v1/txt2img").at(0).body);
    EXPECT_EQ(body["sampler_name"], "Mine");
    EXPECT_EQ(body["scheduler"], "Own");
    EXPECT_EQ(body["override_settings"]["sd_model_checkpoint"], "gamma");
}

TEST(Names, OfALongListAreToldInPart) {
    Json many = Json::array();
    for (int i = 0; i < 3000; ++i)
        many.push_back({{"title", "model " + std::to_string(i)}});
    try {
        asListed({.model = "absent"}, {{}, {}, a1111::readCheckpoints(many.dump())});
        ADD_FAILURE() << "it was found";
    } catch (const ipl::Error& error) {
        EXPECT_THAT(std::string(error.message()), AllOf(HasSubstr("model 0, "), HasSubstr("...")));
        EXPECT_LT(error.message().size(), 600U);
    }
}

}  // namespace

}  // namespace test
