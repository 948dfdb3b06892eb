// What backends tell about the pictures that they take, and that nonsense is no wish.
#include "plugins/capabilities.hpp"

#include <gmock/gmock.h>

#include "unit/plugins/plugin_fixture.hpp"

namespace {

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
        R"({"image_formats": ["image/jpeg", "image/png"], "max_image_side": 1024, "models": [1]})",
        "x");
    EXPECT_THAT(told.input.mimes, ElementsAre("image/jpeg", "image/png"));
    EXPECT_EQ(told.input.maxSide, 1024U);
    EXPECT_EQ(told.raw["models"].size(), 1U);
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
    EXPECT_EQ(backends[0]->capabilities().input.maxSide, 99U);
    EXPECT_EQ(backends[1]->capabilities().input.maxSide, 99U);
    EXPECT_EQ(backends[2]->capabilities().input.maxSide, 0U);
}

TEST(Capabilities, OfARealPluginComeWithTheCall) {
    test::RunningImage plugin("echo");
    host::plugins::learnCapabilities({plugin.made.backend}, std::chrono::seconds(20));
    EXPECT_EQ(plugin->capabilities().raw["echo"], true);
}

}  // namespace
