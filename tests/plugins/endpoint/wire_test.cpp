// The plugin against a simulated machine over real sockets, with everything that can go wrong
// there.
#include <future>

#include "common/backend_run.hpp"
#include "sim-endpoint/machine.hpp"

namespace {

using namespace std::chrono_literals;
using host::plugins::CallStatus;
using host::plugins::ImageBackend;
using testing::HasSubstr;
using Plugin = test::BackendRun<ImageBackend>;

struct Machine {
    explicit Machine(sim::MachineOptions options = {.seconds = 0.01})
        : machine(options),
          server(sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
              {
                  std::lock_guard lock(mutex);
                  requests.push_back(request);
              }
              return machine.answer(connection, request);
          })) {}
    sim::Request request(std::size_t index) {
        std::lock_guard lock(mutex);
        return requests.at(index);
    }

    sim::Machine machine;
    std::mutex mutex;
    std::vector<sim::Request> requests;
    sim::Server server;
};

Plugin startPlugin(int port) {
    return Plugin(IPL_PLUGIN_DIR "/endpoint.so", IPL_ROLE_IMAGE,
                  {{"ip", "127.0.0.1"}, {"port", port}});
}

host::plugins::ImageRequest request() {
    host::plugins::ImageRequest out;
    out.prompt = "a red cat";
    out.orientation = "landscape";
    out.sizeClass = "1mp";
    out.width = 1216;
    out.height = 832;
    out.steps = 4;
    out.seed = 7;
    return out;
}

test::Outcome generate(Plugin& plugin, std::chrono::milliseconds time = 20s) {
    return plugin.run(
        [](auto& backend, const auto& context) { return backend.generate(request(), context); },
        time);
}

TEST(EndpointWire, APictureArrivesWithItsNameSeedAndStats) {
    Machine machine;
    Plugin plugin = startPlugin(machine.server.port());
    auto outcome = generate(plugin);
    ASSERT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    auto pictures = outcome.collected->committed();
    ASSERT_EQ(pictures.size(), 1u);
    EXPECT_TRUE(pictures[0].bytes.starts_with("\x89PNG"));
    EXPECT_EQ(pictures[0].info.remoteName, "sim_1.png");
    EXPECT_EQ(pictures[0].info.seed, 7);
    EXPECT_EQ(pictures[0].info.sizeHint, pictures[0].bytes.size());
    EXPECT_EQ(pictures[0].info.stats["model"], "simulated");

    auto post = machine.request(0);
    EXPECT_EQ(post.method, "POST");
    EXPECT_EQ(post.target, "/generate");
    EXPECT_EQ(post.header("content-length"), std::to_string(post.body.size()));
    EXPECT_EQ(post.header("transfer-encoding"), "");
    EXPECT_EQ(post.header("x-correlation-id"), "test-correlation");
    EXPECT_EQ(machine.request(1).header("x-correlation-id"), "test-correlation");
}

TEST(EndpointWire, TellsWhatTheProtocolHasFieldsForAlsoWhileTheMachineIsDown) {
    Plugin plugin = startPlugin(1);
    const auto outcome =
        plugin.run([](auto& backend, const auto& context) { return backend.describe(context); });
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.message;
    const auto told = host::plugins::readCapabilities(outcome.result.text, "endpoint");
    EXPECT_TRUE(told.mayTake(host::plugins::InputRole::Start));
    EXPECT_FALSE(told.mayTake(host::plugins::InputRole::Mask));
    EXPECT_EQ(told.negativePrompt, false);
    EXPECT_EQ(told.cancel, host::plugins::CancelWay::None);
}

TEST(EndpointWire, TheInputPictureGoesOutWhole) {
    Machine machine;
    Plugin plugin = startPlugin(machine.server.port());
    auto bytes = std::make_shared<std::string>(3'000'001, 'x');
    auto outcome = plugin.run([&](auto& backend, const auto& context) {
        auto asked = request();
        asked.image = host::plugins::PictureIn{.mime = "image/webp", .bytes = bytes};
        asked.strength = 0.5;
        return backend.generate(asked, context);
    });
    EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    auto body = nlohmann::json::parse(machine.request(0).body);
    std::string url = body["input_image"];
    EXPECT_TRUE(url.starts_with("data:image/webp;base64,eHh4eHh4"));
    EXPECT_EQ(url.size(), std::string("data:image/webp;base64,").size() + 4'000'004);
    EXPECT_EQ(body["strength"], 0.5);
}

struct Case {
    const char* fault;
    CallStatus status;
    const char* says = "";
};

void PrintTo(const Case& one, std::ostream* out) {
    *out << one.fault;
}

class EndpointFault : public testing::TestWithParam<Case> {};

TEST_P(EndpointFault, EndsInTimeWithItsStatusAndNoPicture) {
    const Case& expected = GetParam();
    bool hangs = std::string_view(expected.fault).starts_with("hang");
    Machine machine({.seconds = 0.01, .fault = expected.fault});
    Plugin plugin = startPlugin(machine.server.port());
    auto outcome = generate(plugin, hangs ? 300ms : 20s);
    EXPECT_EQ(outcome.result.status, expected.status) << outcome.result.message;
    EXPECT_THAT(outcome.result.message, HasSubstr(expected.says));
    EXPECT_TRUE(outcome.collected->committed().empty());
    EXPECT_FALSE(plugin.backend().quarantined());
    EXPECT_LT(outcome.result.duration, 5s);
}

INSTANTIATE_TEST_SUITE_P(
    All, EndpointFault,
    testing::Values(
        Case{"refuse", CallStatus::Unavailable}, Case{"close", CallStatus::Unavailable},
        Case{"hang", CallStatus::Timeout}, Case{"hang-mid", CallStatus::Timeout},
        Case{"hang-picture", CallStatus::Timeout}, Case{"cut", CallStatus::Unavailable},
        Case{"cut-picture", CallStatus::Unavailable}, Case{"wrong-length", CallStatus::Unavailable},
        Case{"endless-headers", CallStatus::BadOutput},
        Case{"endless-body", CallStatus::BadOutput, "no end"},
        Case{"endless-picture", CallStatus::TooLarge},
        Case{"success-false", CallStatus::Upstream, "CUDA out of memory"},
        Case{"http-500", CallStatus::Upstream, "500: the sampler broke"},
        Case{"html-500", CallStatus::Upstream, "The machine is on fire."},
        Case{"text-500", CallStatus::Upstream, "Internal Server Error"},
        Case{"bad-request", CallStatus::Upstream, "steps is too large"},
        Case{"busy-503", CallStatus::Busy, "busy"}, Case{"garbage-json", CallStatus::BadOutput},
        Case{"no-images", CallStatus::BadOutput}, Case{"no-filename", CallStatus::BadOutput},
        Case{"picture-404", CallStatus::BadOutput, "404"},
        Case{"picture-empty", CallStatus::BadOutput, "empty"},
        Case{"html-as-png", CallStatus::BadOutput}),
    [](const auto& test) {
        std::string name = test.param.fault;
        std::ranges::replace(name, '-', '_');
        return name;
    });

TEST(EndpointWire, ABusyMachineSaysWhenToComeBack) {
    Machine machine({.seconds = 0, .fault = "busy-503"});
    Plugin plugin = startPlugin(machine.server.port());
    EXPECT_EQ(generate(plugin).result.details["retry_after_ms"], 1000);
}

TEST(EndpointWire, HostileNamesAreAskedForAsOneSegmentAndHandedOn) {
    const std::pair<const char*, std::string> cases[] = {
        {"hostile-name", "../../../../tmp/evil.png"},
        {"absolute-name", "/etc/evil.png"},
        {"empty-name", ""},
        {"repeated-name", "image.png"},
        {"long-name", std::string(296, 'n') + ".png"},
    };
    for (const auto& [fault, name] : cases) {
        Machine machine({.seconds = 0, .fault = fault});
        Plugin plugin = startPlugin(machine.server.port());
        for (int i = 0; i < 2; ++i) {
            auto outcome = generate(plugin);
            ASSERT_EQ(outcome.result.status, CallStatus::Ok) << fault << outcome.result.message;
            EXPECT_EQ(outcome.collected->committed().at(0).info.remoteName, name);
        }
        EXPECT_EQ(machine.request(1).target.find('/', 8), std::string::npos)
            << machine.request(1).target;
    }
}

TEST(EndpointWire, SeveralPicturesOfOneAnswerAllArrive) {
    sim::Server server(sim::keepAlive([](sim::Connection& connection, const sim::Request& request) {
        if (request.method == "POST")
            return connection.reply(
                200, "application/json",
                R"({"success":true,"images":[{"filename":"a"},{"filename":"b"}]})");
        return connection.reply(200, "image/png", "\x89PNG picture " + request.target);
    }));
    Plugin plugin = startPlugin(server.port());
    auto pictures = generate(plugin).collected->committed();
    ASSERT_EQ(pictures.size(), 2u);
    EXPECT_THAT(pictures[1].bytes, HasSubstr("/images/b"));
}

TEST(EndpointWire, AConnectionClosedWhileIdleIsReplaced) {
    // Closes after every answer without saying so.
    sim::MachineOptions options{.seconds = 0};
    sim::Machine machine(options);
    sim::Server server([&](sim::Connection& connection) {
        if (auto request = connection.readRequest()) machine.answer(connection, *request);
    });
    Plugin plugin = startPlugin(server.port());
    for (int i = 0; i < 5; ++i) {
        auto outcome = generate(plugin);
        EXPECT_EQ(outcome.result.status, CallStatus::Ok) << outcome.result.message;
    }
}

TEST(EndpointWire, AMachineThatIsDownIsUnavailable) {
    int port;
    {
        sim::Server gone([](sim::Connection&) {});
        port = gone.port();
    }
    Plugin plugin = startPlugin(port);
    EXPECT_EQ(generate(plugin).result.status, CallStatus::Unavailable);
    EXPECT_EQ(plugin.backend().probe(plugin.context(3s)).status, CallStatus::Unavailable);
}

TEST(EndpointWire, AnyAnswerOfTwoHundredIsOnline) {
    Machine machine;
    Plugin plugin = startPlugin(machine.server.port());
    EXPECT_EQ(plugin.backend().probe(plugin.context(3s)).status, CallStatus::Ok);

    sim::Server empty(sim::keepAlive([](sim::Connection& connection, const sim::Request&) {
        return connection.send("HTTP/1.1 204 No Content\r\n\r\n");
    }));
    Plugin second = startPlugin(empty.port());
    EXPECT_EQ(second.backend().probe(second.context(3s)).status, CallStatus::Ok);

    sim::Server large(sim::keepAlive([](sim::Connection& connection, const sim::Request&) {
        return connection.reply(200, "text/html", std::string(5 << 20, 'x'));
    }));
    Plugin third = startPlugin(large.port());
    EXPECT_EQ(third.backend().probe(third.context(3s)).status, CallStatus::Ok);

    sim::Server broken(sim::keepAlive([](sim::Connection& connection, const sim::Request&) {
        return connection.reply(500, "text/plain", "no");
    }));
    Plugin fourth = startPlugin(broken.port());
    auto result = fourth.backend().probe(fourth.context(3s));
    EXPECT_EQ(result.status, CallStatus::Upstream);
    EXPECT_THAT(result.message, HasSubstr("500"));
}

TEST(EndpointWire, ACancelEndsTheCallAtOnce) {
    std::promise<void> asked;
    std::promise<std::chrono::steady_clock::time_point> closed;
    sim::Server server([&](sim::Connection& connection) {
        if (!connection.readRequest()) return;
        asked.set_value();
        connection.waitFor(10s);
        closed.set_value(std::chrono::steady_clock::now());
    });
    Plugin plugin = startPlugin(server.port());
    auto cancellation = std::make_shared<host::plugins::Cancellation>();
    auto call = std::async(std::launch::async, [&] {
        return plugin.run(
            [](auto& backend, const auto& context) { return backend.generate(request(), context); },
            20s, cancellation);
    });
    asked.get_future().wait();
    auto begun = std::chrono::steady_clock::now();
    cancellation->cancel(host::plugins::CancelReason::User);
    EXPECT_EQ(call.get().result.status, CallStatus::Cancelled);
    EXPECT_LT(closed.get_future().get() - begun, 200ms);
}

TEST(EndpointWire, SettingsWithoutAnAddressAreRefused) {
    EXPECT_THROW(Plugin(IPL_PLUGIN_DIR "/endpoint.so", IPL_ROLE_IMAGE, {{"port", 1}}),
                 std::runtime_error);
}

}  // namespace
