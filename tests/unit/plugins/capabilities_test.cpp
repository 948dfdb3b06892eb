// What backends tell about themselves, and that nonsense tells nothing.
#include "plugins/capabilities.hpp"

#include <gmock/gmock.h>

#include "unit/plugins/plugin_fixture.hpp"

namespace {

using host::Json;
using host::plugins::InputRole;
using host::plugins::PictureSize;
using host::plugins::readCapabilities;
using testing::ElementsAre;
using testing::IsEmpty;

// A backend whose describe does what the test says.
class Describing : public host::plugins::ImageBackend {
  public:
    using Describe = std::function<host::plugins::CallResult(const host::plugins::CallContext&)>;
    explicit Describing(Describe describe) : describe_(std::move(describe)) {}
    const std::string& name() const override { return name_; }
    const std::string& pluginId() const override { return name_; }
    bool quarantined() const override { return false; }
    host::plugins::CallResult probe(const host::plugins::CallContext&) override { return {}; }
    host::plugins::CallResult describe(const host::plugins::CallContext& context) override {
        return describe_(context);
    }
    host::plugins::CallResult generate(const host::plugins::ImageRequest&,
                                       const host::plugins::CallContext&) override {
        return {};
    }

  private:
    const std::string name_ = "described";
    const Describe describe_;
};

host::plugins::CallResult answer(std::string text) {
    host::plugins::CallResult result;
    result.status = host::plugins::CallStatus::Ok;
    result.text = std::move(text);
    return result;
}

TEST(Capabilities, AreReadFromTheDescribeOfABackend) {
    const auto told = readCapabilities(
        R"({"image_formats": ["image/jpeg", "image/png"], "max_image_side": 1024, "own": [1]})",
        "x");
    EXPECT_THAT(told.input.mimes, ElementsAre("image/jpeg", "image/png"));
    EXPECT_EQ(told.input.maxSide, 1024U);
    EXPECT_EQ(told.raw["own"].size(), 1U);
}

TEST(Capabilities, ThatSayNothingOrNonsenseAreNoWishes) {
    const std::string long_ = R"({"a": ")" + std::string(100'000, 'x') + "\"}";
    const std::string deep(10'000, '[');
    for (const std::string& text :
         {std::string("{}"), std::string(), std::string("nonsense"), std::string("[1]"), long_,
          deep, std::string(R"({"image_formats": "image/png", "max_image_side": "big"})"),
          std::string(R"({"image_formats": [1, 2], "max_image_side": -5})"),
          std::string(R"({"image_formats": {"a": 1}, "max_image_side": 0.5})"),
          std::string(R"({"image_formats": null, "max_image_side": null})")}) {
        const auto told = readCapabilities(text, "x");
        EXPECT_THAT(told.input.mimes, IsEmpty()) << text.substr(0, 80);
        EXPECT_EQ(told.input.maxSide, 0U) << text.substr(0, 80);
    }
    EXPECT_EQ(readCapabilities(R"({"max_image_side": 1e300})", "x").input.maxSide, 65'535U);
}

TEST(Capabilities, HoldWhatTheBackendCanDraw) {
    const auto told = readCapabilities(
        R"({"image_to_image": true, "input_roles": ["start", "reference", "start", "face"],
            "max_inputs": 3, "negative_prompt": false, "seed": true, "steps": {"min": 1, "max": 50},
            "guidance_scale": false, "sizes": [{"width": 1024, "height": 1024}],
            "size": {"min_side": 64, "max_side": 2048, "multiple_of": 8, "max_pixels": 1048576},
            "model": "flux", "models": ["flux", "sdxl"], "progress": true, "previews": false,
            "cancel": "step"})",
        "x");
    EXPECT_TRUE(told.mayTake(InputRole::Start));
    EXPECT_TRUE(told.mayTake(InputRole::Reference));
    EXPECT_FALSE(told.mayTake(InputRole::Mask));
    EXPECT_EQ(told.maxInputs, 3U);
    EXPECT_EQ(told.negativePrompt, false);
    ASSERT_TRUE(told.steps.range);
    EXPECT_EQ(told.steps.range->max, 50);
    EXPECT_TRUE(told.guidanceScale.none);
    EXPECT_EQ(told.cancel, host::plugins::CancelWay::Step);
    EXPECT_FALSE(told.steps.byDefault);
    // The role that nobody knows and the second "start" are gone; all else is told again.
    Json again = told.raw;
    again["input_roles"] = {"start", "reference"};
    EXPECT_EQ(toJson(told), again);
}

TEST(Capabilities, OfAnotherFormAreUnknownEachByItself) {
    const auto told = readCapabilities(
        R"({"image_to_image": "yes", "input_roles": ["start", 1], "max_inputs": -1, "seed": 1,
            "steps": {"min": 9, "max": 1}, "guidance_scale": true, "sizes": ["1mp"],
            "size": {"min_side": 100, "max_side": 10}, "model": ["a"], "models": [1],
            "cancel": true, "previews": null, "negative_prompt": true})",
        "x");
    EXPECT_EQ(toJson(told), Json({{"negative_prompt", true}}));
    EXPECT_TRUE(told.mayTake(InputRole::Control));
}

TEST(Capabilities, HaveADefaultOfStepsOnlyWithinTheRange) {
    const auto turbo = readCapabilities(R"({"steps": {"min": 1, "max": 50, "default": 8}})", "x");
    EXPECT_EQ(turbo.steps.byDefault, 8);
    EXPECT_EQ(toJson(turbo)["steps"]["default"], 8);
    for (const char* wrong : {"80", "\"8\"", "null", "[]"}) {
        const auto told = readCapabilities(
            R"({"steps": {"min": 1, "max": 50, "default": )" + std::string(wrong) + "}}", "x");
        EXPECT_FALSE(told.steps.byDefault) << wrong;
        EXPECT_TRUE(told.steps.range) << wrong;
    }
}

TEST(Capabilities, OfAThousandModelsKeepTheFirst) {
    Json many = {{"models", Json::array()}};
    for (int i = 0; i < 1000; ++i)
        many["models"].push_back("model " + std::to_string(i));
    EXPECT_EQ(readCapabilities(many.dump(), "x").models.size(), host::plugins::kMostModels);
}

TEST(Capabilities, WithoutAWordOnRolesLetImageToImageDecide) {
    EXPECT_FALSE(readCapabilities(R"({"image_to_image": false})", "x").mayTake(InputRole::Start));
    EXPECT_TRUE(readCapabilities(R"({"image_to_image": false})", "x").mayTake(InputRole::Mask));
    EXPECT_FALSE(readCapabilities(R"({"input_roles": []})", "x").mayTake(InputRole::Start));
    EXPECT_TRUE(readCapabilities("{}", "x").mayTake(InputRole::Mask));
}

TEST(Capabilities, GiveTheNearestSizeThatTheBackendDraws) {
    const auto nearest = [](const char* description, PictureSize wanted) {
        return readCapabilities(description, "x").nearestSize(wanted);
    };
    EXPECT_EQ(nearest("{}", {1216, 832}), (PictureSize{1216, 832}));
    const char* three =
        R"({"sizes": [{"width": 1024, "height": 1024}, {"width": 1536, "height": 1024},
                      {"width": 1024, "height": 1536}]})";
    EXPECT_EQ(nearest(three, {1216, 832}), (PictureSize{1536, 1024}));
    EXPECT_EQ(nearest(three, {1664, 2432}), (PictureSize{1024, 1536}));
    EXPECT_EQ(nearest(three, {704, 704}), (PictureSize{1024, 1024}));
    EXPECT_EQ(nearest(three, {2048, 2048}), (PictureSize{1024, 1024}));
    EXPECT_EQ(nearest(three, {832, 608}), (PictureSize{1536, 1024})) << "a landscape stays one";
    const char* rules = R"({"size": {"min_side": 512, "max_side": 1536, "multiple_of": 64}})";
    EXPECT_EQ(nearest(rules, {1216, 832}), (PictureSize{1216, 832}));
    EXPECT_EQ(nearest(rules, {2432, 1664}), (PictureSize{1536, 1024}));
    EXPECT_EQ(nearest(rules, {864, 576}), (PictureSize{896, 576}));
    const char* pixels = R"({"size": {"max_pixels": 1000000, "multiple_of": 16}})";
    const PictureSize bounded = nearest(pixels, {2048, 2048});
    EXPECT_LE(bounded.width * bounded.height, 1'000'000U);
    EXPECT_GE(bounded.width * bounded.height, 950'000U);
    // Rules that contradict each other still give a size.
    const char* mad = R"({"size": {"min_side": 50000, "max_side": 60000, "multiple_of": 40000,
                                   "max_pixels": 100}})";
    EXPECT_GT(nearest(mad, {1216, 832}).width, 0U);
    EXPECT_LE(nearest(mad, {1216, 832}).width, 65'535U);
}

TEST(Capabilities, AreLearntAgainWhenTheBackendComesBack) {
    int asked = 0;
    Describing backend(
        [&](const auto&) { return answer(R"({"max_inputs": )" + std::to_string(++asked) + "}"); });
    const auto probed = [&](host::plugins::CallStatus status) {
        host::plugins::CallResult probe;
        probe.status = status;
        host::plugins::learnAfterProbe(backend, probe, std::chrono::seconds(20));
        return backend.capabilities()->maxInputs.value_or(0);
    };
    using host::plugins::CallStatus;
    const auto before = backend.capabilities();
    EXPECT_EQ(probed(CallStatus::Unavailable), 0U);
    EXPECT_EQ(probed(CallStatus::Ok), 1U);
    EXPECT_EQ(probed(CallStatus::Ok), 1U);
    EXPECT_EQ(probed(CallStatus::Busy), 1U);
    EXPECT_EQ(probed(CallStatus::Timeout), 1U);
    EXPECT_EQ(probed(CallStatus::Busy), 2U);
    EXPECT_FALSE(before->maxInputs) << "a snapshot does not change";
}

TEST(Capabilities, OfManyBackendsAreAskedForSideBySide) {
    std::atomic<int> inside{0};
    std::atomic<bool> together{false};
    std::vector<std::shared_ptr<host::plugins::Backend>> backends;
    for (int i = 0; i < 2; ++i) {
        backends.push_back(std::make_shared<Describing>([&](const auto& context) {
            ++inside;
            while (inside < 2 && std::chrono::steady_clock::now() < context.deadline)
                std::this_thread::yield();
            together = inside == 2;
            return answer(R"({"max_image_side": 99})");
        }));
    }
    backends.push_back(std::make_shared<Describing>([](const auto&) {
        host::plugins::CallResult failed;
        failed.status = host::plugins::CallStatus::Hung;
        failed.message = "it hangs";
        return failed;
    }));
    host::plugins::learnCapabilities(backends, std::chrono::seconds(20));
    EXPECT_TRUE(together);
    EXPECT_EQ(backends[0]->capabilities()->input.maxSide, 99U);
    EXPECT_EQ(backends[1]->capabilities()->input.maxSide, 99U);
    EXPECT_EQ(backends[2]->capabilities()->input.maxSide, 0U);
}

TEST(Capabilities, OfARealPluginComeWithTheCall) {
    test::RunningImage plugin("echo");
    host::plugins::learnCapabilities({plugin.made.backend}, std::chrono::seconds(20));
    EXPECT_EQ(plugin->capabilities()->raw["echo"], true);
}

}  // namespace
