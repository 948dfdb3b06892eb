#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "pictures.hpp"
#include "plugins/sketch/abi_call.hpp"

namespace {

using namespace std::chrono_literals;
using plug::Call;

class SketchPlugin : public testing::Test {
  protected:
    void SetUp() override {
        entry_ = plug::load(IPL_PLUGIN_DIR "/sketch.so");
        ASSERT_NE(entry_, nullptr);
        table_ = static_cast<const ipl_image_backend*>(entry_->get_interface(IPL_ROLE_IMAGE));
        ASSERT_NE(table_, nullptr);
        request_.struct_size = sizeof(request_);
        request_.flags = IPL_IMAGE_HAS_SEED;
        request_.prompt = plug::span("a lighthouse at sunset");
        request_.width = 432;
        request_.height = 288;
        request_.steps = 10;
        request_.seed = 7;
    }
    void TearDown() override {
        if (self_ != nullptr) table_->destroy(self_);
    }
    ipl_status create(const plug::Host& host, void** self) {
        ipl_instance_args args{};
        args.struct_size = sizeof(args);
        args.max_concurrency = 2;
        Call call;
        return table_->create(host.get(), &args, call.get(), self);
    }
    ipl_status generate(Call& call) {
        if (self_ == nullptr) EXPECT_EQ(create(host_, &self_), IPL_OK);
        return table_->generate(self_, &request_, call.get());
    }
    void giveImage(const std::string& bytes) {
        image_.struct_size = sizeof(image_);
        image_.mime = plug::span("image/x-portable-pixmap");
        imageBytes_ = bytes;
        image_.bytes = plug::span(imageBytes_);
        request_.image = &image_;
        request_.flags |= IPL_IMAGE_HAS_IMAGE;
    }

    const ipl_entry* entry_ = nullptr;
    const ipl_image_backend* table_ = nullptr;
    plug::Host host_;
    void* self_ = nullptr;
    ipl_image_request request_{};
    ipl_image_in image_{};
    std::string imageBytes_;
};

TEST_F(SketchPlugin, TellsWhoItIsAndWhatItCan) {
    EXPECT_STREQ(entry_->id, "sketch");
    EXPECT_FALSE(nlohmann::json::parse(entry_->settings_schema)["properties"].empty());
    EXPECT_EQ(entry_->get_interface(IPL_ROLE_PROMPT), nullptr);
    ASSERT_EQ(create(host_, &self_), IPL_OK);
    Call call;
    EXPECT_EQ(table_->probe(self_, call.get()), IPL_OK);
    ASSERT_EQ(table_->describe(self_, call.get()), IPL_OK);
    const auto told = nlohmann::json::parse(call.answer);
    EXPECT_TRUE(told["image_to_image"].get<bool>());
    EXPECT_TRUE(told["negative_prompt"].get<bool>());
    EXPECT_EQ(told["input_roles"], nlohmann::json::array({"start", "mask"}));
    EXPECT_EQ(told["size"]["max_pixels"], 16777216);
    EXPECT_EQ(told["steps"]["max"], 1000);
}

TEST_F(SketchPlugin, GivesThePngOfTheSeedWithItsStats) {
    Call first;
    ASSERT_EQ(generate(first), IPL_OK) << first.message;
    EXPECT_TRUE(first.committed);
    EXPECT_EQ(first.seed, 7);
    const auto stats = nlohmann::json::parse(first.stats);
    EXPECT_EQ(stats["seed"], 7);
    EXPECT_EQ(stats["width"], 432);
    EXPECT_EQ(stats["height"], 288);
    EXPECT_EQ(stats["steps"], 10);
    const std::vector<uint8_t> bytes(first.picture.begin(), first.picture.end());
    const sketch::Bitmap decoded = pictures::read(bytes);
    EXPECT_EQ(decoded.width, 432);
    EXPECT_EQ(decoded.height, 288);
    Call again;
    ASSERT_EQ(generate(again), IPL_OK);
    EXPECT_EQ(first.picture, again.picture);
}

TEST_F(SketchPlugin, LeavesThePixelsOutsideOfTheMask) {
    const std::string head = "P6\n432 288\n255\n";
    const size_t half = size_t{432} * 144 * 3;
    giveImage(head + std::string(2 * half, '\x40'));
    image_.role = IPL_INPUT_START;
    // Black above, white below.
    const std::string maskBytes = head + std::string(half, '\0') + std::string(half, '\xff');
    ipl_image_in mask = image_;
    mask.role = IPL_INPUT_MASK;
    mask.bytes = plug::span(maskBytes);
    const ipl_image_in* const inputs[] = {&image_, &mask};
    request_.inputs = inputs;
    request_.input_count = 2;
    request_.flags |= IPL_IMAGE_HAS_STRENGTH;
    request_.strength = 1;
    Call call;
    ASSERT_EQ(generate(call), IPL_OK) << call.message;
    const std::vector<uint8_t> bytes(call.picture.begin(), call.picture.end());
    const sketch::Bitmap picture = pictures::read(bytes);
    ASSERT_EQ(picture.rgb.size(), 2 * half);
    const auto middle = picture.rgb.begin() + static_cast<std::ptrdiff_t>(half);
    EXPECT_TRUE(std::all_of(picture.rgb.begin(), middle, [](uint8_t c) { return c == 0x40; }));
    EXPECT_FALSE(std::all_of(middle, picture.rgb.end(), [](uint8_t c) { return c == 0x40; }));
}

TEST_F(SketchPlugin, WithoutASeedDrawsOneAndReportsIt) {
    request_.flags = 0;
    Call first;
    Call second;
    ASSERT_EQ(generate(first), IPL_OK);
    ASSERT_EQ(generate(second), IPL_OK);
    EXPECT_GE(first.seed, 0);
    EXPECT_LT(first.seed, int64_t{1} << 53);
    EXPECT_NE(first.seed, second.seed);
    request_.flags = IPL_IMAGE_HAS_SEED;
    request_.seed = first.seed;
    Call repeat;
    ASSERT_EQ(generate(repeat), IPL_OK);
    EXPECT_EQ(repeat.picture, first.picture);
}

TEST_F(SketchPlugin, ProgressOnlyGrowsAndNamesEveryStep) {
    Call call;
    ASSERT_EQ(generate(call), IPL_OK);
    EXPECT_TRUE(std::is_sorted(call.fractions.begin(), call.fractions.end()));
    EXPECT_DOUBLE_EQ(call.fractions.back(), 1);
    EXPECT_EQ(call.steps.size(), 11U);
    EXPECT_EQ(call.steps.back(), 10U);
    EXPECT_EQ(call.stepsTold, 10U);
    EXPECT_TRUE(call.previews.empty());
}

TEST_F(SketchPlugin, PreviewsComeAFewTimesAndAreSmall) {
    request_.flags |= IPL_IMAGE_WANTS_PREVIEW;
    request_.steps = 100;
    Call call;
    ASSERT_EQ(generate(call), IPL_OK);
    EXPECT_GE(call.previews.size(), 3U);
    EXPECT_LE(call.previews.size(), 12U);
    for (const std::string& preview : call.previews) {
        EXPECT_LE(preview.size(), 256U * 1024);
        EXPECT_TRUE(preview.starts_with("\xff\xd8"));
    }
}

TEST_F(SketchPlugin, StopsSoonAfterACancel) {
    request_.width = 2432;
    request_.height = 1664;
    request_.steps = 60;
    Call call;
    call.cancelAtStep = 2;
    EXPECT_EQ(generate(call), IPL_E_CANCELLED);
    EXPECT_LT(std::chrono::steady_clock::now() - call.cancelledAt, 1s);
    EXPECT_FALSE(call.committed);
    EXPECT_LE(call.steps.back(), 3U);
}

TEST_F(SketchPlugin, ACancelEndsTheWaitBetweenSteps) {
    plug::Host slow({{"delay_ms_per_step", 10000}});
    ASSERT_EQ(create(slow, &self_), IPL_OK);
    Call call;
    std::thread other([&call] {
        std::this_thread::sleep_for(300ms);
        call.cancel();
    });
    const auto begun = std::chrono::steady_clock::now();
    EXPECT_EQ(generate(call), IPL_E_CANCELLED);
    EXPECT_LT(std::chrono::steady_clock::now() - begun, 5s);
    other.join();
}

TEST_F(SketchPlugin, RefusesSettingsOutOfRange) {
    plug::Host bad({{"delay_ms_per_step", 10001}});
    void* self = nullptr;
    EXPECT_EQ(create(bad, &self), IPL_E_INVALID_ARGUMENT);
    EXPECT_EQ(self, nullptr);
}

TEST_F(SketchPlugin, TakesPlainPixelsAsTheHostHandsThemOver) {
    ASSERT_EQ(create(host_, &self_), IPL_OK);
    Call call;
    ASSERT_EQ(table_->describe(self_, call.get()), IPL_OK);
    const auto told = nlohmann::json::parse(call.answer);
    EXPECT_EQ(told["image_formats"], nlohmann::json::array({"image/x-portable-pixmap"}));
    EXPECT_GE(told["max_image_side"], 2432);
}

TEST_F(SketchPlugin, RefusesWhatIsNoPixmap) {
    for (const std::string bytes : {"\x89PNG but not really", "P6\n4 4\n255\nshort", "P6", ""}) {
        giveImage(bytes);
        Call broken;
        EXPECT_EQ(generate(broken), IPL_E_IMAGE_FORMAT) << bytes;
        EXPECT_EQ(broken.field, "image");
        EXPECT_FALSE(broken.message.empty());
    }
}

TEST_F(SketchPlugin, RefusesSizesBeyondItsBounds) {
    request_.width = 0;
    Call none;
    EXPECT_EQ(generate(none), IPL_E_INVALID_ARGUMENT);
    request_.width = 1U << 31;
    request_.height = 1U << 31;
    Call huge;
    EXPECT_EQ(generate(huge), IPL_E_TOO_LARGE);
}

TEST_F(SketchPlugin, RepaintsAnInputPictureMoreTheStrongerItIsTold) {
    giveImage("P6\n300 200\n255\n" + std::string(300 * 200 * 3, static_cast<char>(200)));
    request_.flags |= IPL_IMAGE_HAS_STRENGTH;
    const auto away = [&](double strength) {
        request_.strength = strength;
        Call call;
        EXPECT_EQ(generate(call), IPL_OK) << call.message;
        const std::vector<uint8_t> out(call.picture.begin(), call.picture.end());
        double sum = 0;
        for (const uint8_t v : pictures::read(out).rgb) {
            sum += std::abs(v - 200);
        }
        return sum / (432 * 288 * 3);
    };
    EXPECT_LT(away(0), 2);
    EXPECT_GT(away(0.5), 5);
    EXPECT_GT(away(1), away(0.5));
}

TEST_F(SketchPlugin, TwoCallsAtOnceOnOneInstanceDoNotDisturbEachOther) {
    Call alone;
    ASSERT_EQ(generate(alone), IPL_OK);
    Call first;
    Call second;
    std::thread other([&] { EXPECT_EQ(table_->generate(self_, &request_, second.get()), IPL_OK); });
    EXPECT_EQ(table_->generate(self_, &request_, first.get()), IPL_OK);
    other.join();
    EXPECT_EQ(first.picture, alone.picture);
    EXPECT_EQ(second.picture, alone.picture);
}

}  // namespace
