// Calls into faulty plugins, one fault each: the right status, bounded memory, the host lives on.
#include <gmock/gmock.h>

#include "support/text.hpp"
#include "unit/plugins/plugin_fixture.hpp"

namespace {

using namespace std::chrono_literals;
using host::Json;
using host::plugins::CallResult;
using host::plugins::CallStatus;
using host::plugins::CancelReason;
using test::contextFor;
using test::MemoryObserver;
using test::RunningImage;
using test::simpleRequest;
using testing::HasSubstr;

struct Fault {
    const char* fixture;
    CallStatus status;
    const char* kind;  // of the misbehaviour; "" = none
    std::size_t pictures;
};

class FaultyPlugin : public testing::TestWithParam<Fault> {};

TEST_P(FaultyPlugin, GetsTheRightStatusAndIsCounted) {
    const Fault& fault = GetParam();
    RunningImage plugin(fault.fixture);
    ASSERT_TRUE(plugin.created.ok()) << plugin.created.message;
    auto observer = std::make_shared<MemoryObserver>();
    const CallResult result = plugin->generate(simpleRequest(), contextFor(observer));
    EXPECT_EQ(result.status, fault.status) << result.message;
    EXPECT_EQ(observer->pictures().size(), fault.pictures);
    EXPECT_EQ(result.pictures, fault.pictures);
    EXPECT_EQ(observer->openWriters(), 0);
    EXPECT_EQ(result.message.empty(), result.ok());
    if (*fault.kind != '\0') {
        EXPECT_GE(result.misbehaviours, 1U);
        EXPECT_GE(plugin.misbehaviours(fault.kind), 1) << fault.kind;
    } else {
        EXPECT_EQ(result.misbehaviours, 0U);
    }
    EXPECT_FALSE(plugin->quarantined());
    EXPECT_TRUE(plugin->probe(contextFor(nullptr)).ok());
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, FaultyPlugin,
    testing::Values(Fault{"throws_std", CallStatus::Internal, "", 0},
                    Fault{"throws_int", CallStatus::Internal, "", 0},
                    Fault{"throws_bad_alloc", CallStatus::OutOfMemory, "", 0},
                    Fault{"cancelled_uncancelled", CallStatus::Internal, "cancelled_uncancelled",
                          0},
                    Fault{"commit_twice", CallStatus::Ok, "commit_twice", 1},
                    Fault{"write_after_commit", CallStatus::Ok, "write_after_commit", 1},
                    Fault{"no_commit", CallStatus::BadOutput, "picture_not_committed", 0},
                    Fault{"ok_without_image", CallStatus::BadOutput, "ok_without_picture", 0},
                    Fault{"huge_output", CallStatus::TooLarge, "", 0},
                    Fault{"progress_flood", CallStatus::Ok, "progress_out_of_range", 1},
                    Fault{"invalid_utf8", CallStatus::Ok, "invalid_utf8", 1},
                    Fault{"long_error", CallStatus::Upstream, "", 0},
                    Fault{"lies", CallStatus::BadOutput, "", 0},
                    Fault{"unknown_status", CallStatus::Internal, "unknown_status", 0}),
    [](const auto& each) { return std::string(each.param.fixture); });

TEST(Misbehaviour, ProgressIsThinnedOutAndTheLastOneAlwaysComes) {
    RunningImage plugin("progress_flood");
    auto observer = std::make_shared<MemoryObserver>();
    const auto start = test::Clock::now();
    ASSERT_TRUE(plugin->generate(simpleRequest(), contextFor(observer)).ok());
    const auto tenths = (test::Clock::now() - start) / 100ms;
    const auto fractions = observer->fractions();
    EXPECT_GE(fractions.size(), 2U);
    EXPECT_LE(fractions.size(), static_cast<std::size_t>(tenths) + 3);
    for (const double fraction : fractions) {
        EXPECT_TRUE(fraction == -1 || (fraction >= 0 && fraction <= 1)) << fraction;
    }
    EXPECT_THAT(observer->lastProgress(), testing::StartsWith("999999/"));
}

TEST(Misbehaviour, InvalidTextBecomesValidText) {
    RunningImage good("invalid_utf8");
    auto observer = std::make_shared<MemoryObserver>();
    ASSERT_TRUE(good->generate(simpleRequest(), contextFor(observer)).ok());
    const auto info = observer->pictures().at(0).info;
    EXPECT_TRUE(host::isValidUtf8(info.remoteName));
    EXPECT_EQ(info.remoteName.find('\0'), std::string::npos);
    EXPECT_EQ(info.stats, Json::object());

    RunningImage failing("invalid_utf8", Json{{"fail", true}});
    const CallResult result = failing->generate(simpleRequest(), contextFor(nullptr));
    EXPECT_EQ(result.status, CallStatus::Upstream);
    EXPECT_TRUE(host::isValidUtf8(result.message));
    EXPECT_TRUE(host::isValidUtf8(result.field));
    EXPECT_THAT(result.message, testing::StartsWith("ab"));
}

TEST(Misbehaviour, AHugeMessageIsCut) {
    RunningImage plugin("long_error");
    const CallResult result = plugin->generate(simpleRequest(), contextFor(nullptr));
    EXPECT_GT(result.message.size(), 100U);
    EXPECT_LE(result.message.size(), 4096U);
}

TEST(Misbehaviour, EndlessTextIsStoppedAtTheBound) {
    test::RunningPrompt plugin("endless_text");
    auto observer = std::make_shared<MemoryObserver>();
    const CallResult result = plugin->complete({}, contextFor(observer));
    EXPECT_EQ(result.status, CallStatus::TooLarge) << result.message;
    EXPECT_LE(result.text.size(), 1024U * 1024U);
}

TEST(Misbehaviour, HostileNamesArriveAsTextAndStatsThatAreNoObjectAreDropped) {
    for (const std::string& name : {std::string("../../x"), std::string("/etc/passwd"),
                                    std::string(), std::string(300, 'n')}) {
        RunningImage plugin("hostile_names", Json{{"name", name}, {"stats", "[1,2"}});
        auto observer = std::make_shared<MemoryObserver>();
        ASSERT_TRUE(plugin->generate(simpleRequest(), contextFor(observer)).ok());
        EXPECT_EQ(observer->pictures().at(0).info.remoteName, name);
        EXPECT_EQ(observer->pictures().at(0).info.stats, Json::object());
        EXPECT_EQ(plugin.misbehaviours("stats_are_no_object"), 1);
    }
    RunningImage deep("hostile_names", Json{{"stats", R"({"a":)" + std::string(2000, '[') +
                                                          std::string(2000, ']') + "}"}});
    auto observer = std::make_shared<MemoryObserver>();
    ASSERT_TRUE(deep->generate(simpleRequest(), contextFor(observer)).ok());
    EXPECT_EQ(observer->pictures().at(0).info.stats, Json::object());
}

TEST(Misbehaviour, ACallThatIsUsedAfterItsReturnDoesNoHarm) {
    RunningImage plugin("late_callback");
    auto observer = std::make_shared<MemoryObserver>();
    ASSERT_TRUE(plugin->generate(simpleRequest(), contextFor(observer)).ok());
    // The metric is the event: the plugin's thread uses the call three times or more.
    const auto until = test::Clock::now() + 5s;
    while (plugin.misbehaviours("call_used_after_return") < 3 && test::Clock::now() < until) {
        std::this_thread::sleep_for(5ms);
    }
    EXPECT_GE(plugin.misbehaviours("call_used_after_return"), 3);
    EXPECT_EQ(observer->pictures().size(), 1U);
    EXPECT_TRUE(observer->fractions().empty());
}

TEST(Misbehaviour, ACreateThatFailsOrMakesNothingIsAFailureWithItsMessage) {
    RunningImage throws("throws_in_create");
    EXPECT_EQ(throws.created.status, CallStatus::Internal);
    EXPECT_THAT(throws.created.message, HasSubstr("cannot start"));
    RunningImage null("null_self");
    EXPECT_EQ(null.created.status, CallStatus::Internal);
    EXPECT_EQ(null.misbehaviours("null_self"), 1);
    EXPECT_EQ(null->generate(simpleRequest(), contextFor(nullptr)).status, CallStatus::Unavailable);
}

TEST(HangingPlugin, IsGivenUpAfterDeadlineAndGraceAndTakesNoMoreWork) {
    RunningImage plugin("hang", Json::object(), std::chrono::milliseconds(150));
    const auto start = test::Clock::now();
    const CallResult result =
        plugin->generate(simpleRequest(), contextFor(std::make_shared<MemoryObserver>(), 100ms));
    const auto took = test::Clock::now() - start;
    EXPECT_EQ(result.status, CallStatus::Hung);
    EXPECT_GE(took, 250ms);
    EXPECT_LT(took, 2s);
    EXPECT_TRUE(plugin->quarantined());
    EXPECT_EQ(plugin->generate(simpleRequest(), contextFor(nullptr)).status, CallStatus::Hung);
    EXPECT_EQ(plugin->probe(contextFor(nullptr)).status, CallStatus::Hung);
    EXPECT_FALSE(plugin.made.instance->destroy(10ms));
}

TEST(HangingPlugin, IsGivenUpAfterTheGraceAloneWhenTheHostShutsDown) {
    RunningImage plugin("hang", Json::object(), std::chrono::milliseconds(100));
    const auto context = contextFor(nullptr, 60s);
    context.cancellation->cancel(CancelReason::Shutdown);
    const auto start = test::Clock::now();
    EXPECT_EQ(plugin->generate(simpleRequest(), context).status, CallStatus::Hung);
    EXPECT_LT(test::Clock::now() - start, 2s);
}

TEST(HangingPlugin, AProbeThatHangsEndsAtItsDeadline) {
    RunningImage plugin("blocks_in_probe", Json::object(), std::chrono::milliseconds(50));
    const auto start = test::Clock::now();
    EXPECT_EQ(plugin->probe(contextFor(nullptr, 50ms)).status, CallStatus::Hung);
    EXPECT_LT(test::Clock::now() - start, 2s);
}

TEST(HangingPlugin, ASlowCancelWithinTheGraceIsATimeoutAndNoMore) {
    RunningImage plugin("slow_cancel", Json{{"seconds", 0.2}});
    const CallResult result =
        plugin->generate(simpleRequest(), contextFor(std::make_shared<MemoryObserver>(), 50ms));
    EXPECT_EQ(result.status, CallStatus::Timeout) << result.message;
    EXPECT_FALSE(plugin->quarantined());
}

TEST(HangingPlugin, OneThatComesBackAfterBeingGivenUpChangesNothingMore) {
    auto observer = std::make_shared<MemoryObserver>();
    RunningImage plugin("slow_cancel", Json{{"seconds", 0.4}}, std::chrono::milliseconds(50));
    EXPECT_EQ(plugin->generate(simpleRequest(), contextFor(observer, 50ms)).status,
              CallStatus::Hung);
    const std::weak_ptr<MemoryObserver> watched = observer;
    observer.reset();
    // Once the plugin is back, nothing holds the observer any longer.
    const auto until = test::Clock::now() + 5s;
    while (!watched.expired() && test::Clock::now() < until)
        std::this_thread::sleep_for(5ms);
    EXPECT_TRUE(watched.expired());
    EXPECT_TRUE(plugin->quarantined());
}

TEST(HangingPlugin, OneThatComesBackAfterBeingGivenUpIsMadeAnew) {
    RunningImage plugin("slow_cancel", Json{{"seconds", 0.3}}, std::chrono::milliseconds(50));
    EXPECT_EQ(plugin->generate(simpleRequest(), contextFor(nullptr, 50ms)).status,
              CallStatus::Hung);
    EXPECT_EQ(plugin->probe(contextFor(nullptr)).status, CallStatus::Hung) << "not before it is";
    const auto until = test::Clock::now() + 10s;
    while (!plugin->probe(contextFor(nullptr)).ok() && test::Clock::now() < until)
        std::this_thread::sleep_for(5ms);
    EXPECT_FALSE(plugin->quarantined());
    EXPECT_EQ(plugin->generate(simpleRequest(), contextFor(nullptr, 50ms)).status, CallStatus::Hung)
        << "it works again, as it does";
    EXPECT_FALSE(plugin.made.instance->destroy(1ms));
    EXPECT_EQ(plugin->probe(contextFor(nullptr)).status, CallStatus::Unavailable) << "shut down";
}

}  // namespace
