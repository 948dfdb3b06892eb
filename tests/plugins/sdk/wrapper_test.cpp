// The C++ wrapper as a host sees it, through the C entry.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <stdexcept>
#include <thread>

#include "test_host.hpp"
#include "wrapper_plugin.hpp"

namespace {

using namespace std::chrono_literals;
using validate::Json;
using validate::TestCall;
using validate::TestHost;
using wrapped::script;

ipl_span spanOf(std::string_view text) {
    return {text.data(), text.size()};
}

const ipl_image_backend& imageTable() {
    return *static_cast<const ipl_image_backend*>(ipl_entry_v1.get_interface(IPL_ROLE_IMAGE));
}

class Wrapper : public testing::Test {
  protected:
    void SetUp() override { script() = {}; }

    ipl_status create(const TestHost& host, const ipl_call* call, void** self) {
        ipl_instance_args args{};
        args.struct_size = sizeof(args);
        args.instance_name = spanOf("studio");
        args.settings = spanOf("{}");
        args.max_concurrency = 2;
        return imageTable().create(host.abi(), &args, call, self);
    }

    // The status of a generate that does what `body` says.
    ipl_status generate(std::function<void(const ipl::ImageRequest&, ipl::Call&)> body) {
        ipl_image_request request{};
        request.struct_size = sizeof(request);
        return generate(request, std::move(body));
    }
    ipl_status generate(const ipl_image_request& request,
                        std::function<void(const ipl::ImageRequest&, ipl::Call&)> body) {
        script().generate = std::move(body);
        void* self = nullptr;
        EXPECT_EQ(create(host_, call_.abi(), &self), IPL_OK);
        const ipl_status status = imageTable().generate(self, &request, call_.abi());
        imageTable().destroy(self);
        return status;
    }

    TestHost host_{Json::object()};
    TestCall call_{10s};
};

TEST_F(Wrapper, EntryTellsWhoThePluginIs) {
    EXPECT_EQ(ipl_entry_v1.struct_size, sizeof(ipl_entry));
    EXPECT_EQ(ipl_entry_v1.abi_major, IPL_ABI_MAJOR);
    EXPECT_EQ(ipl_entry_v1.abi_minor_required, IPL_TARGET_MINOR);
    EXPECT_STREQ(ipl_entry_v1.id, "wrapped");
    EXPECT_STREQ(ipl_entry_v1.version, "1.2.3");
    EXPECT_STREQ(ipl_entry_v1.license, "MIT");
    EXPECT_EQ(ipl_entry_v1.settings_schema, nullptr);
}

TEST_F(Wrapper, OffersEachRoleByItsIdAndNoOther) {
    const void* image = ipl_entry_v1.get_interface(IPL_ROLE_IMAGE);
    const void* prompt = ipl_entry_v1.get_interface(IPL_ROLE_PROMPT);
    const void* vision = ipl_entry_v1.get_interface(IPL_ROLE_VISION);
    EXPECT_TRUE(image != nullptr && prompt != nullptr && vision != nullptr);
    EXPECT_TRUE(image != prompt && prompt != vision && image != vision);
    EXPECT_EQ(ipl_entry_v1.get_interface("ipl.image/2"), nullptr);
    EXPECT_EQ(ipl_entry_v1.get_interface(nullptr), nullptr);
}

TEST_F(Wrapper, ErrorBecomesItsStatusWithFieldAndMessage) {
    EXPECT_EQ(generate([](auto&, auto&) {
                  throw ipl::Error(ipl::Status::kUnsupported, "too wide", "size");
              }),
              IPL_E_UNSUPPORTED);
    EXPECT_EQ(call_.error(), "size: too wide");
}

TEST_F(Wrapper, OtherExceptionsBecomeOutOfMemoryAndInternal) {
    EXPECT_EQ(generate([](auto&, auto&) { throw std::bad_alloc(); }), IPL_E_OUT_OF_MEMORY);
    EXPECT_EQ(generate([](auto&, auto&) { throw std::logic_error("odd"); }), IPL_E_INTERNAL);
    EXPECT_EQ(call_.error(), "odd");
    EXPECT_EQ(generate([](auto&, auto&) { throw 7; }), IPL_E_INTERNAL);
    EXPECT_EQ(call_.error(), "unknown exception");
    EXPECT_EQ(generate([](auto&, auto&) { throw ipl::Error(ipl::Status::kOk, "well"); }),
              IPL_E_INTERNAL);
}

TEST_F(Wrapper, ErrorWithoutMessageLeavesTheHostsOwn) {
    EXPECT_EQ(generate([](auto&, ipl::Call& call) {
                  call.raw()->set_error(call.raw(), IPL_E_TIMEOUT, nullptr, spanOf("the host's"),
                                        {});
                  throw ipl::Error(ipl::Status::kTimeout);
              }),
              IPL_E_TIMEOUT);
    EXPECT_EQ(call_.error(), "the host's");
}

TEST_F(Wrapper, ConstructorThatThrowsLeavesNoInstance) {
    script().create = [](auto, auto&, auto&) {
        throw ipl::Error(ipl::Status::kInvalidArgument, "no such folder", "/folder");
    };
    void* self = &host_;
    EXPECT_EQ(create(host_, call_.abi(), &self), IPL_E_INVALID_ARGUMENT);
    EXPECT_EQ(self, nullptr);
    EXPECT_EQ(call_.error(), "/folder: no such folder");
}

TEST_F(Wrapper, ConstructorSeesArgumentsAndSettings) {
    const TestHost host(Json{{"url", "http://a"}, {"n", 3}, {"x", 1.5}, {"deep", {{"on", true}}}});
    bool seen = false;
    script().create = [&](ipl::Host view, const ipl::InstanceArgs& args, ipl::Call&) {
        const ipl::Config config = view.config();
        EXPECT_EQ(args.instanceName, "studio");
        EXPECT_EQ(args.maxConcurrency, 2U);
        EXPECT_EQ(view.name(), "ipl-validate");
        EXPECT_EQ(config.getString("/url"), "http://a");
        EXPECT_EQ(config.getInt("/n"), 3);
        EXPECT_EQ(config.getDouble("/x"), 1.5);
        EXPECT_EQ(config.getBool("/deep/on"), true);
        EXPECT_EQ(config.getString("/n"), std::nullopt);
        EXPECT_EQ(config.getInt("/missing"), std::nullopt);
        EXPECT_THROW(config.requireString("/missing"), ipl::Error);
        view.metrics().counterAdd("n_total", 1, {{"kind", "x"}});
        seen = true;
    };
    void* self = nullptr;
    ASSERT_EQ(create(host, call_.abi(), &self), IPL_OK);
    EXPECT_TRUE(seen);
    imageTable().destroy(self);
}

TEST_F(Wrapper, FieldsWithoutTheirFlagAreAbsent) {
    ipl_image_request raw{};
    raw.struct_size = sizeof(raw);
    raw.seed = 5;
    raw.strength = 0.5;
    raw.flags = IPL_IMAGE_HAS_GUIDANCE | 1U << 31;  // and one from the future
    raw.guidance_scale = 7.5;
    EXPECT_EQ(generate(raw,
                       [](const ipl::ImageRequest& request, ipl::Call& call) {
                           EXPECT_FALSE(request.seed || request.strength || request.image);
                           EXPECT_EQ(request.guidanceScale, 7.5);
                           EXPECT_FALSE(request.wantsPreview);
                           call.picture({}, {});
                       }),
              IPL_OK);
}

TEST_F(Wrapper, ReadsNoFurtherThanTheHostsStruct) {
    ipl_image_request raw{};
    std::memset(&raw, 0xFF, sizeof(raw));
    raw.struct_size = offsetof(ipl_image_request, attempt);  // an imaginary older host
    raw.flags = IPL_IMAGE_HAS_SEED;
    raw.prompt = raw.negative_prompt = raw.orientation = raw.size_class = spanOf("p");
    raw.image = nullptr;
    raw.seed = 9;
    EXPECT_EQ(generate(raw,
                       [](const ipl::ImageRequest& request, ipl::Call&) {
                           EXPECT_EQ(request.seed, 9);
                           EXPECT_EQ(request.attempt, 0U);
                           EXPECT_TRUE(request.extra.empty());
                       }),
              IPL_OK);
}

TEST_F(Wrapper, PictureIsKeptWhenCommitted) {
    EXPECT_EQ(generate([](auto&, ipl::Call& call) {
                  ipl::Picture picture = call.beginPicture({.mime = "image/png"});
                  picture.write("one ");
                  ipl::Picture moved = std::move(picture);
                  moved.write("two");
                  moved.commit();
              }),
              IPL_OK);
    EXPECT_EQ(call_.pictures(), std::vector<std::string>{"one two"});
    EXPECT_TRUE(call_.breaches().empty());
}

TEST_F(Wrapper, PictureIsDroppedWhenAnExceptionPasses) {
    EXPECT_EQ(generate([](auto&, ipl::Call& call) {
                  ipl::Picture picture = call.beginPicture();
                  picture.write("half of");
                  throw ipl::Error(ipl::Status::kUpstream, "cut off");
              }),
              IPL_E_UPSTREAM);
    EXPECT_TRUE(call_.pictures().empty());
    EXPECT_TRUE(call_.breaches().empty());
}

TEST_F(Wrapper, CallbacksOfACancelledCallUnwindWithItsStatus) {
    EXPECT_EQ(generate([this](auto&, ipl::Call& call) {
                  call_.cancel();
                  EXPECT_EQ(call.cancelReason(), IPL_CANCEL_USER);
                  call.progress(0.5);
                  ADD_FAILURE() << "progress came back";
              }),
              IPL_E_CANCELLED);
}

TEST_F(Wrapper, SleepEndsWithTheCancel) {
    std::thread other;
    EXPECT_EQ(generate([&](auto&, ipl::Call& call) {
                  other = std::thread([this] { call_.cancel(); });
                  call.sleepFor(1h);
              }),
              IPL_E_CANCELLED);
    other.join();
}

TEST_F(Wrapper, LanguageRolesGetTheirRequestsAndGiveText) {
    const auto& prompt =
        *static_cast<const ipl_prompt_backend*>(ipl_entry_v1.get_interface(IPL_ROLE_PROMPT));
    script().complete = [](const ipl::PromptRequest& request, ipl::Call& call) {
        EXPECT_EQ(request.temperature, 0.7);
        EXPECT_FALSE(request.seed.has_value());
        call.reasoningDelta("hm");
        call.textDelta(request.user);
        call.textDelta("!");
    };
    ipl_instance_args args{};
    args.struct_size = sizeof(args);
    void* self = nullptr;
    ASSERT_EQ(prompt.create(host_.abi(), &args, call_.abi(), &self), IPL_OK);
    ipl_prompt_request request{};
    request.struct_size = sizeof(request);
    request.flags = IPL_LLM_HAS_TEMPERATURE;
    request.temperature = 0.7;
    request.user = spanOf("harbour");
    EXPECT_EQ(prompt.complete(self, &request, call_.abi()), IPL_OK);
    EXPECT_EQ(call_.text(), "harbour!");
    EXPECT_EQ(prompt.describe(self, call_.abi()), IPL_OK);
    EXPECT_EQ(call_.text(), R"({"kind": "prompt"})");
    EXPECT_EQ(prompt.list_models(self, call_.abi()), IPL_OK);
    EXPECT_EQ(call_.text(), R"({"data":[]})");
    EXPECT_EQ(prompt.release(self, call_.abi()), IPL_E_UNSUPPORTED) << "it holds nothing";
    EXPECT_EQ(prompt.probe(self, call_.abi()), IPL_E_UNAVAILABLE);
    EXPECT_EQ(call_.error(), "switched off");
    prompt.destroy(self);
}

TEST_F(Wrapper, ImageRequestHoldsAllPicturesWithTheirRoles) {
    const auto picture = [](std::uint32_t role, std::string_view bytes) {
        ipl_image_in image{};
        image.struct_size = sizeof(image);
        image.role = role;
        image.mime = spanOf("image/png");
        image.bytes = spanOf(bytes);
        return image;
    };
    const ipl_image_in start = picture(IPL_INPUT_START, "s");
    const ipl_image_in mask = picture(IPL_INPUT_MASK, "mm");
    const ipl_image_in unknown = picture(77, "uuu");
    const ipl_image_in* const inputs[] = {&start, &mask, &unknown};
    ipl_image_request raw{};
    raw.struct_size = sizeof(raw);
    raw.flags = IPL_IMAGE_HAS_IMAGE;
    raw.image = &start;
    raw.inputs = inputs;
    raw.input_count = 3;
    EXPECT_EQ(generate(raw,
                       [](const ipl::ImageRequest& request, auto&) {
                           ASSERT_EQ(request.inputs.size(), 3U);
                           ASSERT_TRUE(request.image);
                           EXPECT_EQ(request.image->role, std::uint32_t{IPL_INPUT_START});
                           EXPECT_EQ(request.inputs[2].bytes.size(), 3U);
                           const ipl::ImageInput* found = request.input(IPL_INPUT_MASK);
                           ASSERT_NE(found, nullptr);
                           EXPECT_EQ(found->bytes.size(), 2U);
                           EXPECT_EQ(request.input(IPL_INPUT_CONTROL), nullptr);
                       }),
              IPL_OK);
    // A host of before this field.
    raw.struct_size = static_cast<std::uint32_t>(offsetof(ipl_image_request, inputs));
    EXPECT_EQ(generate(raw,
                       [](const ipl::ImageRequest& request, auto&) {
                           EXPECT_TRUE(request.inputs.empty());
                           EXPECT_TRUE(request.image);
                       }),
              IPL_OK);
}

TEST_F(Wrapper, VisionGetsThePicture) {
    const auto& vision =
        *static_cast<const ipl_vision_backend*>(ipl_entry_v1.get_interface(IPL_ROLE_VISION));
    script().analyze = [](const ipl::VisionRequest& request, ipl::Call& call) {
        EXPECT_EQ(request.image.mime, "image/gif");
        EXPECT_EQ(request.image.bytes.size(), 4U);
        EXPECT_EQ(request.image.width, 6U);
        call.text(request.steering);
    };
    ipl_instance_args args{};
    args.struct_size = sizeof(args);
    void* self = nullptr;
    ASSERT_EQ(vision.create(host_.abi(), &args, call_.abi(), &self), IPL_OK);
    ipl_image_in image{};
    image.struct_size = sizeof(image);
    image.mime = spanOf("image/gif");
    image.bytes = spanOf("GIF8");
    image.width = 6;
    ipl_vision_request request{};
    request.struct_size = sizeof(request);
    request.image = &image;
    request.steering = spanOf("gloomy");
    EXPECT_EQ(vision.analyze(self, &request, call_.abi()), IPL_OK);
    EXPECT_EQ(call_.text(), "gloomy");
    EXPECT_EQ(vision.list_models(self, call_.abi()), IPL_OK);
    EXPECT_EQ(call_.text(), R"({"data": [{"id": "eyes"}]})");
    vision.destroy(self);
}

}  // namespace
