// The two example plugins do what their comments promise.
#include <dlfcn.h>
#include <gtest/gtest.h>
#include <spng.h>

#include <string>
#include <thread>

#include "test_host.hpp"

namespace {

using namespace std::chrono_literals;
using validate::Json;
using validate::TestCall;
using validate::TestHost;

// Never unloaded, like every plugin.
template <class Backend>
const Backend& load(const std::string& name, const char* role) {
    const std::string path = std::string(IPL_PLUGIN_DIR) + "/" + name + ".so";
    void* library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library == nullptr) throw std::runtime_error(dlerror());
    const auto* entry = static_cast<const ipl_entry*>(dlsym(library, IPL_ENTRY_SYMBOL));
    return *static_cast<const Backend*>(entry->get_interface(role));
}

template <class Backend>
class Instance {
  public:
    Instance(const Backend& backend, Json settings)
        : backend_(backend), host_(std::move(settings)) {
        ipl_instance_args args{};
        args.struct_size = sizeof(args);
        args.max_concurrency = 1;
        TestCall call(10s);
        backend_.create(host_.abi(), &args, call.abi(), &self_);
    }
    ~Instance() {
        if (self_ != nullptr) backend_.destroy(self_);
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;
    void* self() const { return self_; }

  private:
    const Backend& backend_;
    const TestHost host_;
    void* self_ = nullptr;
};

ipl_image_request imageRequest(int64_t seed) {
    ipl_image_request request{};
    request.struct_size = sizeof(request);
    request.flags = IPL_IMAGE_HAS_SEED | IPL_IMAGE_WANTS_PREVIEW;
    request.width = 96;
    request.height = 64;
    request.steps = 4;
    request.seed = seed;
    return request;
}

// The picture's pixels as RGB, or empty when a PNG decoder finds fault with it.
std::string pixelsOf(const std::string& png) {
    spng_ctx* context = spng_ctx_new(0);
    spng_set_png_buffer(context, png.data(), png.size());
    size_t size = 0;
    std::string pixels;
    if (spng_decoded_image_size(context, SPNG_FMT_RGB8, &size) == 0) {
        pixels.resize(size);
        if (spng_decode_image(context, pixels.data(), size, SPNG_FMT_RGB8, 0) != 0) pixels.clear();
    }
    spng_ctx_free(context);
    return pixels;
}

TEST(GradientExample, PaintsARealPngThatFollowsTheSeed) {
    const auto& backend = load<ipl_image_backend>("gradient", IPL_ROLE_IMAGE);
    const Instance instance(backend, Json::object());
    ASSERT_NE(instance.self(), nullptr);
    std::string pixels[3];
    const int64_t seeds[] = {1, 1, 3};
    for (int i = 0; i < 3; ++i) {
        TestCall call(10s);
        const auto request = imageRequest(seeds[i]);
        ASSERT_EQ(backend.generate(instance.self(), &request, call.abi()), IPL_OK) << call.error();
        ASSERT_EQ(call.pictures().size(), 1U);
        pixels[i] = pixelsOf(call.pictures().front());
        EXPECT_TRUE(call.breaches().empty());
    }
    EXPECT_EQ(pixels[0].size(), 96U * 64 * 3);
    EXPECT_EQ(pixels[0], pixels[1]);
    EXPECT_NE(pixels[0], pixels[2]);
}

TEST(GradientExample, StopsWhenCancelledInTheMiddle) {
    const auto& backend = load<ipl_image_backend>("gradient", IPL_ROLE_IMAGE);
    const Instance instance(backend, Json{{"step_ms", 1000}});
    auto request = imageRequest(1);
    request.steps = 3600;
    TestCall call(10s);
    std::thread other([&] { call.cancel(); });
    EXPECT_EQ(backend.generate(instance.self(), &request, call.abi()), IPL_E_CANCELLED);
    other.join();
    EXPECT_TRUE(call.pictures().empty());
}

TEST(GradientExample, RefusesWhatItCannotDo) {
    const auto& backend = load<ipl_image_backend>("gradient", IPL_ROLE_IMAGE);
    EXPECT_EQ(Instance(backend, Json{{"hue", 360}}).self(), nullptr);
    const Instance instance(backend, Json::object());
    auto request = imageRequest(1);
    request.width = 8193;
    TestCall call(10s);
    EXPECT_EQ(backend.generate(instance.self(), &request, call.abi()), IPL_E_UNSUPPORTED);
    EXPECT_EQ(call.error(), "size_class: sides of 1 to 8192 pixels only");
}

std::string haiku(const Json& settings, std::string_view topic, int64_t seed) {
    const auto& backend = load<ipl_prompt_backend>("haiku", IPL_ROLE_PROMPT);
    const Instance instance(backend, settings);
    ipl_prompt_request request{};
    request.struct_size = sizeof(request);
    request.flags = IPL_LLM_HAS_SEED;
    request.seed = seed;
    request.user = {topic.data(), topic.size()};
    TestCall call(10s);
    EXPECT_EQ(backend.complete(instance.self(), &request, call.abi()), IPL_OK) << call.error();
    return call.text();
}

TEST(HaikuExample, WritesThreeLinesAboutTheTopicInTheMood) {
    const std::string poem = haiku(Json{{"mood", "stormy"}}, "the harbour", 2);
    EXPECT_NE(poem.find("the harbour"), std::string::npos) << poem;
    EXPECT_EQ(std::count(poem.begin(), poem.end(), '\n'), 2) << poem;
    EXPECT_EQ(poem.substr(poem.size() - 6), "stormy") << poem;
    EXPECT_EQ(poem, haiku(Json{{"mood", "stormy"}}, "the harbour", 2));
}

}  // namespace
