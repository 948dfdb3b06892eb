// Calls into well-behaved plugins: what goes in comes out, and how a call ends.
#include <gmock/gmock.h>

#include <future>

#include "unit/plugins/plugin_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::plugins::CallResult;
using host::plugins::CallStatus;
using host::plugins::CancelReason;
using host::plugins::InputRole;
using test::contextFor;
using test::MemoryObserver;
using test::RunningImage;
using test::simpleRequest;
using testing::HasSubstr;
using testing::Not;

TEST(PluginCall, AnImageRequestArrivesWhole) {
    RunningImage echo("echo");
    ASSERT_TRUE(echo.created.ok()) << echo.created.message;
    auto request = simpleRequest();
    request.negativePrompt = "rain";
    request.seed = 42;
    request.guidanceScale = 3.5;
    request.strength = 0.25;
    request.runIndex = 2;
    request.attempt = 3;
    request.extra = {{"style", "oil"}};
    request.image = host::plugins::PictureIn{
        "image/png", std::make_shared<const std::string>("\x01\x02\x03"), 5, 6};
    const auto bytes = [](const char* text) { return std::make_shared<const std::string>(text); };
    request.others = {{"image/png", bytes("1234"), 5, 6, InputRole::Mask},
                      {"image/png", bytes("12345"), 0, 0, InputRole::Reference},
                      {"image/png", nullptr, 0, 0, InputRole::Control}};
    request.wantsPreview = true;
    auto observer = std::make_shared<MemoryObserver>();
    const CallResult result = echo->generate(request, contextFor(observer));
    ASSERT_TRUE(result.ok()) << result.message;
    EXPECT_EQ(result.pictures, 1U);
    EXPECT_EQ(result.misbehaviours, 0U);
    ASSERT_EQ(observer->pictures().size(), 1U);
    const auto picture = observer->pictures()[0];
    EXPECT_EQ(picture.info.remoteName, "echo.png");
    EXPECT_EQ(picture.info.mimeHint, "image/png");
    EXPECT_EQ(picture.info.seed, 42);
    const Json& stats = picture.info.stats;
    EXPECT_EQ(stats.value("prompt", ""), "a red boat");
    EXPECT_EQ(stats.value("negative_prompt", ""), "rain");
    EXPECT_EQ(stats.value("orientation", ""), "square");
    EXPECT_EQ(stats.value("size_class", ""), "0.5mp");
    EXPECT_EQ(stats.value("width", 0), 704);
    EXPECT_EQ(stats.value("steps", 0), 4);
    EXPECT_EQ(stats.value("run_index", 0), 2);
    EXPECT_EQ(stats.value("attempt", 0), 3);
    EXPECT_EQ(stats.value("seed", 0), 42);
    EXPECT_EQ(stats.value("guidance_scale", 0.0), 3.5);
    EXPECT_EQ(stats.value("strength", 0.0), 0.25);
    EXPECT_EQ(stats.value("image_mime", ""), "image/png");
    EXPECT_EQ(stats.value("image_size", 0), 3);
    EXPECT_EQ(stats.value("image_sum", 0), 6);
    EXPECT_EQ(stats.value("inputs", ""), "1:3 2:4 3:5");
    EXPECT_EQ(stats.value("correlation_id", ""), "test-correlation");
    EXPECT_EQ(stats.value("job_id", ""), "0badcafe");
    EXPECT_EQ(stats.value("instance_name", ""), "Unit echo");
    EXPECT_EQ(stats.value("data_dir", ""), echo.folder.path().string());
    EXPECT_THAT(stats.dump(), HasSubstr("oil"));
    EXPECT_EQ(observer->previews(), std::vector<std::string>{"image/png"});
    EXPECT_EQ(observer->lastProgress(), "1/2 half");
}

TEST(PluginCall, WhatIsAbsentIsAbsentForThePluginToo) {
    RunningImage echo("echo");
    auto observer = std::make_shared<MemoryObserver>();
    ASSERT_TRUE(echo->generate(simpleRequest(), contextFor(observer)).ok());
    const Json stats = observer->pictures().at(0).info.stats;
    for (const char* name : {"seed", "guidance_scale", "strength", "image_mime"}) {
        EXPECT_TRUE(stats.contains(name) && stats[name].is_null()) << name;
    }
    EXPECT_TRUE(observer->previews().empty());
}

TEST(PluginCall, APromptComesInPiecesAndAsAWholeWithoutTheReasoning) {
    test::RunningPrompt echo("echo");
    host::plugins::TextRequest request;
    request.system = "be brief";
    request.user = "grüße, 🚢";
    request.temperature = 0.5;
    request.maxTokens = 99;
    auto observer = std::make_shared<MemoryObserver>();
    const CallResult result = echo->complete(request, contextFor(observer));
    ASSERT_TRUE(result.ok()) << result.message;
    const Json answer = Json::parse(result.text);
    EXPECT_EQ(answer.value("system", ""), "be brief");
    EXPECT_EQ(answer.value("user", ""), request.user);
    EXPECT_EQ(answer.value("max_tokens", 0), 99);
    EXPECT_EQ(answer.value("temperature", 0.0), 0.5);
    EXPECT_EQ(result.reasoning, "thinking");
    EXPECT_EQ(observer->textPieces(), result.text);
    EXPECT_EQ(observer->reasoningPieces(), "thinking");
    EXPECT_EQ(echo->describe(contextFor(nullptr)).text, R"({"echo": true})");
    EXPECT_EQ(echo->listModels(contextFor(nullptr)).text, R"({"data":[{"id":"echo"}]})");
    EXPECT_TRUE(echo->probe(contextFor(nullptr)).ok());
}

TEST(PluginCall, VisionGetsThePictureAndTheSteering) {
    test::RunningVision echo("echo");
    host::plugins::TextRequest request;
    request.steering = "noir";
    EXPECT_EQ(echo->analyze(request, contextFor(nullptr)).status, CallStatus::InvalidArgument);
    request.image =
        host::plugins::PictureIn{"image/gif", std::make_shared<const std::string>("12345"), 0, 0};
    const CallResult result = echo->analyze(request, contextFor(nullptr));
    ASSERT_TRUE(result.ok()) << result.message;
    EXPECT_EQ(Json::parse(result.text).value("steering", ""), "noir");
    EXPECT_EQ(Json::parse(result.text).value("image_size", 0), 5);
}

TEST(PluginCall, APluginInPlainCAndOneOfANewerMinorWork) {
    for (const char* name : {"pure_c", "minor_newer"}) {
        RunningImage plugin(name);
        auto observer = std::make_shared<MemoryObserver>();
        const CallResult result = plugin->generate(simpleRequest(), contextFor(observer));
        EXPECT_TRUE(result.ok()) << name << ": " << result.message;
        EXPECT_EQ(observer->pictures().size(), 1U) << name;
    }
}

TEST(PluginCall, EqualNamesInTwoPluginsDoNotClash) {
    RunningImage a("symbol_clash_a");
    RunningImage b("symbol_clash_b");
    auto seenA = std::make_shared<MemoryObserver>();
    auto seenB = std::make_shared<MemoryObserver>();
    ASSERT_TRUE(a->generate(simpleRequest(), contextFor(seenA)).ok());
    ASSERT_TRUE(b->generate(simpleRequest(), contextFor(seenB)).ok());
    EXPECT_EQ(seenA->pictures().at(0).info.stats.value("letter", ""), "a");
    EXPECT_EQ(seenB->pictures().at(0).info.stats.value("letter", ""), "b");
}

TEST(PluginCall, AFailureTellsStatusFieldMessageAndDetailsAndTheNextCallIsFresh) {
    RunningImage plugin("fails", Json{{"status", 6},
                                      {"message", "busy now"},
                                      {"field", "/url"},
                                      {"details", R"({"retry_after_ms": 250})"}});
    const CallResult result = plugin->generate(simpleRequest(), contextFor(nullptr));
    EXPECT_EQ(result.status, CallStatus::Busy);
    EXPECT_EQ(result.field, "/url");
    EXPECT_EQ(result.message, "busy now");
    EXPECT_EQ(result.details.value("retry_after_ms", 0), 250);
    const CallResult next =
        plugin->generate(simpleRequest(), contextFor(std::make_shared<MemoryObserver>()));
    EXPECT_TRUE(next.ok()) << next.message;
    EXPECT_TRUE(next.message.empty());
}

TEST(PluginCall, PathsOfThisMachineAreTakenOutOfMessages) {
    test::TempDir folder;
    RunningImage plugin("fails",
                        Json{{"status", 12},
                             {"message",
                              "cannot open /home/anna/secret/model.bin or (/etc/x/y.conf), "
                              "see http://host/v1/chat"}});
    const CallResult result = plugin->generate(simpleRequest(), contextFor(nullptr));
    EXPECT_EQ(result.message, "cannot open model.bin or (y.conf), see http://host/v1/chat");
}

TEST(PluginCall, ACancelReachesAWaitingPluginAtOnceAndCarriesItsReason) {
    for (const CancelReason reason : {CancelReason::User, CancelReason::Shutdown}) {
        RunningImage slow("slow", Json{{"seconds", 30.0}});
        const auto context = contextFor(std::make_shared<MemoryObserver>());
        auto running = std::async(std::launch::async,
                                  [&] { return slow->generate(simpleRequest(), context); });
        EXPECT_EQ(running.wait_for(50ms), std::future_status::timeout);
        const auto start = test::Clock::now();
        context.cancellation->cancel(reason);
        const CallResult result = running.get();
        EXPECT_LT(test::Clock::now() - start, 200ms);
        EXPECT_EQ(result.status, CallStatus::Cancelled);
        EXPECT_EQ(result.cancelReason, reason);
        EXPECT_EQ(result.misbehaviours, 0U);
    }
}

TEST(PluginCall, TheDeadlineIsATimeout) {
    RunningImage slow("slow", Json{{"seconds", 30.0}});
    const auto start = test::Clock::now();
    const CallResult result =
        slow->generate(simpleRequest(), contextFor(std::make_shared<MemoryObserver>(), 100ms));
    EXPECT_LT(test::Clock::now() - start, 1s);
    EXPECT_EQ(result.status, CallStatus::Timeout);
    EXPECT_EQ(result.cancelReason, CancelReason::Deadline);
    EXPECT_FALSE(slow->quarantined());
}

TEST(PluginCall, InstancesAndCallsRunSideBySideAndAProbeBesideThem) {
    RunningImage plugin("concurrency_probe", Json{{"seconds", 0.2}});
    auto observer = std::make_shared<MemoryObserver>();
    std::vector<std::future<CallResult>> calls;
    for (int i = 0; i < 4; ++i) {
        calls.push_back(std::async(std::launch::async, [&] {
            return plugin->generate(simpleRequest(), contextFor(observer));
        }));
    }
    EXPECT_TRUE(plugin->probe(contextFor(nullptr, 150ms)).ok());
    for (auto& call : calls)
        EXPECT_TRUE(call.get().ok());
    int most = 0;
    for (const auto& picture : observer->pictures()) {
        most = std::max(most, picture.info.stats.value("most_at_once", 0));
    }
    EXPECT_GE(most, 2);
}

TEST(PluginCall, AfterDestroyABackendFailsInsteadOfCrashing) {
    RunningImage plugin("echo");
    EXPECT_TRUE(plugin.made.instance->destroy(1s));
    EXPECT_EQ(plugin->generate(simpleRequest(), contextFor(nullptr)).status,
              CallStatus::Unavailable);
}

// Whoever keeps the pictures runs out of memory in the middle of one.
class ForgetfulObserver : public MemoryObserver {
  public:
    std::unique_ptr<host::plugins::PictureWriter> beginPicture(
        const host::plugins::PictureInfo& /*info*/, CallStatus& /*why*/) override {
        struct Writer : host::plugins::PictureWriter {
            CallStatus write(std::span<const std::byte> /*bytes*/) override {
                throw std::bad_alloc();
            }
            CallStatus commit() override { return CallStatus::Ok; }
        };
        return std::make_unique<Writer>();
    }
};

TEST(PluginCall, APictureWithoutMemoryForItDoesNotHangThePluginThatDropsIt) {
    RunningImage echo("echo");
    const CallResult result =
        echo->generate(simpleRequest(), contextFor(std::make_shared<ForgetfulObserver>(), 2s));
    EXPECT_EQ(result.status, CallStatus::OutOfMemory) << result.message;
    EXPECT_FALSE(echo->quarantined());
}

TEST(PluginCall, ManyCallsLeaveNoDescriptorBehind) {
    const auto countOpen = [] {
        std::filesystem::directory_iterator all("/proc/self/fd");
        return std::distance(begin(all), end(all));
    };
    RunningImage plugin("echo");
    const auto before = countOpen();
    for (int i = 0; i < 200; ++i)
        EXPECT_TRUE(plugin->probe(contextFor(nullptr)).ok());
    EXPECT_LE(countOpen(), before + 5);
}

TEST(Cancellation, TheFirstReasonStaysAndNoneIsNoReason) {
    host::plugins::Cancellation cancellation;
    cancellation.cancel(CancelReason::None);
    EXPECT_EQ(cancellation.reason(), CancelReason::None);
    cancellation.cancel(CancelReason::Deadline);
    cancellation.cancel(CancelReason::User);
    EXPECT_EQ(cancellation.reason(), CancelReason::Deadline);
}

}  // namespace
