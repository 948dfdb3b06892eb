#include "role_checks.hpp"

#include <poll.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>

#include "describe_keys.hpp"
#include "library.hpp"
#include "test_host.hpp"

namespace validate {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

constexpr auto kCancelLimit = milliseconds(1000);
constexpr int kLateUseWait = 250;  // ms in which a thread left behind may show itself
constexpr int kCycles = 200;

// 8x8 pixels, 8 bit RGB.
constexpr unsigned char kInputPng[] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44,
    0x52, 0x00, 0x00, 0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x02, 0x00, 0x00, 0x00, 0x4b,
    0x6d, 0x29, 0xdc, 0x00, 0x00, 0x00, 0x6c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x15, 0xcd,
    0x41, 0x15, 0x00, 0x51, 0x08, 0x42, 0x51, 0x93, 0x98, 0x84, 0x24, 0x26, 0x79, 0x49, 0x48,
    0x42, 0x12, 0x12, 0xcd, 0x1f, 0x97, 0x5c, 0x0e, 0xce, 0x0c, 0x3b, 0x68, 0xb8, 0x81, 0xc1,
    0x43, 0x86, 0x0e, 0x33, 0xcb, 0x2e, 0x5a, 0x6e, 0x61, 0xf1, 0x92, 0xa5, 0xfb, 0x40, 0xac,
    0x90, 0x38, 0x81, 0xb0, 0x88, 0xa8, 0x1e, 0x1c, 0x7b, 0xe8, 0xb8, 0x83, 0xc3, 0x47, 0x8e,
    0xde, 0x83, 0x7f, 0xe0, 0x55, 0x5f, 0xf8, 0x9f, 0x21, 0xd0, 0xf7, 0x6e, 0xcc, 0x1a, 0x99,
    0xf3, 0x1f, 0xdb, 0xc4, 0xd4, 0x0f, 0xc2, 0x06, 0x85, 0xcb, 0x5f, 0x76, 0x48, 0x68, 0x1e,
    0x94, 0x2d, 0x2a, 0xd7, 0x7f, 0xc2, 0x25, 0xa5, 0xe5, 0x03, 0xea, 0x1d, 0x52, 0x81, 0xdd,
    0x44, 0x94, 0x06, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

ipl_span spanOf(const std::string& text) {
    return {text.data(), text.size()};
}

template <class Request>
Request emptyRequest() {
    Request request{};
    request.struct_size = sizeof(request);
    return request;
}

// One role of the loaded plugin, whatever its kind, and the instances made of it.
class Role {
  public:
    explicit Role(const RoleContext& context) : context_(context), host_(context.settings) {
        const ipl_entry& entry = openEntry(context.path);
        if (entry.init != nullptr) {
            const ipl_status status = entry.init(host_.abi());
            expect(status == IPL_OK, "init gives " + nameOfStatus(status));
        }
        // All vtables begin alike, so the head of any of them can be read through the first kind.
        table_ = entry.get_interface(context.role.c_str());
        expect(table_ != nullptr, "the role is gone");
        head_ = static_cast<const ipl_image_backend*>(table_);
    }

    void* create() {
        const std::string settings = context_.settings.dump();
        const std::string name = "validate";
        auto args = emptyRequest<ipl_instance_args>();
        args.max_concurrency = 1;
        args.role = spanOf(context_.role);
        args.instance_name = spanOf(name);
        args.settings = spanOf(settings);
        args.data_dir = spanOf(context_.dataDir);
        TestCall call(context_.limit);
        void* self = nullptr;
        const ipl_status status = head_->create(host_.abi(), &args, call.abi(), &self);
        if (status != IPL_OK) {
            expect(self == nullptr, "create failed and yet gave an instance");
            fail("create gives " + describeError(status, call) +
                 (status == IPL_E_UNAVAILABLE ? "; it must not need the backend to be up" : ""));
        }
        expect(self != nullptr, "create gives OK and no instance");
        return self;
    }
    void destroy(void* self) { head_->destroy(self); }

    ipl_status probe(void* self, TestCall& call) { return head_->probe(self, call.abi()); }
    bool hasDescribe() const { return head_->describe != nullptr; }
    ipl_status describe(void* self, TestCall& call) { return head_->describe(self, call.abi()); }

    // The role's own function, with a small request.
    ipl_status work(void* self, TestCall& call) {
        const std::string prompt = "a red apple on a wooden table";
        if (context_.role == IPL_ROLE_IMAGE) return generate(self, call, prompt);
        if (context_.role == IPL_ROLE_PROMPT) {
            auto request = emptyRequest<ipl_prompt_request>();
            request.user = spanOf(prompt);
            fillLanguageRequest(request);
            return static_cast<const ipl_prompt_backend*>(table_)->complete(self, &request,
                                                                            call.abi());
        }
        const std::string pixmap = "P6\n8 8\n255\n" + std::string(size_t{8} * 8 * 3, '\x40');
        auto image = emptyRequest<ipl_image_in>();
        image.mime = {"image/png", 9};
        image.bytes = {reinterpret_cast<const char*>(kInputPng), sizeof(kInputPng)};
        if (wantsPixels(self)) {
            image.mime = {"image/x-portable-pixmap", 23};
            image.bytes = spanOf(pixmap);
        }
        image.width = image.height = 8;
        auto request = emptyRequest<ipl_vision_request>();
        request.image = &image;
        fillLanguageRequest(request);
        return static_cast<const ipl_vision_backend*>(table_)->analyze(self, &request, call.abi());
    }

    static std::string describeError(ipl_status status, const TestCall& call) {
        const std::string message = call.error().substr(0, 200);
        return nameOfStatus(status) + (message.empty() ? "" : " (" + message + ")");
    }

  private:
    // Whether `describe` asks for pixels and not for PNG: the host sends what is asked for.
    bool wantsPixels(void* self) {
        if (!hasDescribe()) return false;
        TestCall call(context_.limit);
        if (describe(self, call) != IPL_OK) return false;
        const Json told = Json::parse(call.text(), nullptr, false);
        if (!told.is_object() || !told.contains("image_formats")) return false;
        const Json& formats = told["image_formats"];
        const auto asks = [&formats](const char* mime) {
            return std::find(formats.begin(), formats.end(), mime) != formats.end();
        };
        return asks("image/x-portable-pixmap") && !asks("image/png");
    }

    template <class Request>
    static void fillLanguageRequest(Request& request) {
        request.flags = IPL_LLM_HAS_SEED;
        request.seed = 1;
        request.system = request.model = request.response_schema = request.extra = {"", 0};
    }

    ipl_status generate(void* self, TestCall& call, const std::string& prompt) {
        auto request = emptyRequest<ipl_image_request>();
        request.flags = IPL_IMAGE_HAS_SEED | IPL_IMAGE_WANTS_PREVIEW;
        request.prompt = spanOf(prompt);
        request.negative_prompt = request.extra = {"", 0};
        request.orientation = {"square", 6};
        request.size_class = {"0.5mp", 5};
        request.width = request.height = 704;
        request.steps = 2;
        request.seed = 1;
        request.attempt = 1;
        return head_->generate(self, &request, call.abi());
    }

    const RoleContext& context_;
    const TestHost host_;
    const void* table_ = nullptr;
    const ipl_image_backend* head_ = nullptr;
};

bool isPicture(const std::string& bytes) {
    const auto has = [&](size_t at, std::string_view magic) {
        return bytes.size() > at + magic.size() && bytes.compare(at, magic.size(), magic) == 0;
    };
    return has(0, "\x89PNG\r\n\x1a\n") || has(0, "\xff\xd8\xff") || has(0, "GIF8") ||
           (has(0, "RIFF") && has(8, "WEBP"));
}

void expectNoBreaches(const TestCall& call) {
    const auto breaches = call.breaches();
    if (!breaches.empty()) fail(breaches.front());
}

void createAndDestroy(const RoleContext& context, Report&) {
    Role role(context);
    role.destroy(role.create());
}

void createTwo(const RoleContext& context, Report&) {
    Role role(context);
    void* first = role.create();
    void* second = role.create();
    role.destroy(first);
    role.destroy(second);
}

void describe(const RoleContext& context, Report& report) {
    Role role(context);
    if (!role.hasDescribe()) return report.note("no describe");
    void* self = role.create();
    TestCall call(context.limit);
    const ipl_status status = role.describe(self, call);
    if (status == IPL_E_UNAVAILABLE) skip("the backend is not up");
    expect(status == IPL_OK, "describe gives " + Role::describeError(status, call));
    const Json description = Json::parse(call.text(), nullptr, false);
    expect(description.is_object(), "describe gives no JSON object: " + call.text().substr(0, 100));
    const std::string faults = faultsOfDescription(description);
    expect(faults.empty(), "describe: " + faults);
    expectNoBreaches(call);
    role.destroy(self);
}

// Skips when the backend is not up.
void probeFirst(Role& role, void* self) {
    TestCall call(milliseconds(3000));
    const auto start = Clock::now();
    const ipl_status status = role.probe(self, call);
    expect(Clock::now() - start < milliseconds(4000), "probe went on after its deadline of 3 s");
    if (status == IPL_E_UNAVAILABLE || status == IPL_E_TIMEOUT) {
        skip("the backend is not up: " + Role::describeError(status, call));
    }
    expect(status == IPL_OK, "probe gives " + Role::describeError(status, call));
    expectNoBreaches(call);
}

void probe(const RoleContext& context, Report&) {
    Role role(context);
    void* self = role.create();
    probeFirst(role, self);
    role.destroy(self);
}

void cancelled(const RoleContext& context, Report&) {
    Role role(context);
    void* self = role.create();
    TestCall call(context.limit);
    call.cancel();
    const auto start = Clock::now();
    const ipl_status status = role.work(self, call);
    expect(status == IPL_E_CANCELLED,
           "a call cancelled before it began gives " + Role::describeError(status, call));
    expect(Clock::now() - start < kCancelLimit,
           "a call cancelled before it began took more than a second");
    expect(call.pictures().empty(), "a call cancelled before it began made a picture");
    role.destroy(self);
}

void work(const RoleContext& context, Report& report) {
    Role role(context);
    void* self = role.create();
    probeFirst(role, self);
    TestCall call(context.limit);
    const ipl_status status = role.work(self, call);
    call.end();
    expect(status == IPL_OK, "gives " + Role::describeError(status, call));
    poll(nullptr, 0, kLateUseWait);
    expectNoBreaches(call);
    if (context.role == IPL_ROLE_IMAGE) {
        const auto pictures = call.pictures();
        expect(!pictures.empty(), "gives OK without a picture");
        for (const auto& bytes : pictures) {
            expect(isPicture(bytes), "what it made is neither PNG, JPEG, WebP nor GIF");
        }
        report.note(std::to_string(pictures.front().size()) + " bytes");
    } else {
        expect(!call.text().empty(), "gives OK without text");
        report.note(std::to_string(call.text().size()) + " bytes of text");
    }
    role.destroy(self);
}

void cycles(const RoleContext& context, Report&) {
    Role role(context);
    for (int i = 0; i < kCycles; ++i)
        role.destroy(role.create());
}

}  // namespace

std::vector<RoleCheck> roleChecks(const RoleContext& context) {
    const std::string shortName = context.role.substr(4, context.role.find('/') - 4);
    const char* function = context.role == IPL_ROLE_IMAGE    ? "generate"
                           : context.role == IPL_ROLE_PROMPT ? "complete"
                                                             : "analyze";
    std::vector<RoleCheck> checks;
    const auto add = [&](const std::string& name, void (*check)(const RoleContext&, Report&)) {
        checks.push_back({shortName + "." + name,
                          [&context, check](Report& report) { check(context, report); }});
    };
    add("create", createAndDestroy);
    add("create-two", createTwo);
    add("describe", describe);
    add("probe", probe);
    add("cancelled", cancelled);
    add(function, work);
    add("cycles", cycles);
    return checks;
}

}  // namespace validate
