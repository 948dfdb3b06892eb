/*
 * The plugin ABI for C++20: derive from a backend class, name it in IPL_PLUGIN, throw Error on
 * failure.
 *
 *     class Writer : public ipl::PromptBackend {
 *       public:
 *         Writer(ipl::Host host, const ipl::InstanceArgs& args, ipl::Call& call);
 *         void complete(const ipl::PromptRequest& request, ipl::Call& call) override;
 *     };
 *     constexpr ipl::PluginInfo kInfo{.id = "writer", .name = "Writer", .version = "1.0.0"};
 *     IPL_PLUGIN(kInfo, Writer)
 *
 * One class per role, each constructed once per instance. complete, generate and analyze may run
 * max_concurrency times at once on one instance, probe and listModels beside them. No exception
 * leaves the plugin: see error.hpp. Header-only; nothing of it is visible outside the plugin.
 */
#pragma once

#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>

#include "ipl/call.hpp"
#include "ipl/error.hpp"
#include "ipl/host.hpp"
#include "ipl/http.hpp"
#include "ipl/ipl.h"
#include "ipl/views.hpp"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

class Backend {
  public:
    Backend() = default;
    Backend(const Backend&) = delete;
    Backend& operator=(const Backend&) = delete;
    virtual ~Backend() = default;

    /* Throws when the backend cannot take work now. At most until the call's deadline (3 s). */
    virtual void probe(Call& call) { (void)call; }
    /* A JSON object of capabilities. May run before the backend is up. */
    virtual std::string describe(Call& call) {
        (void)call;
        return "{}";
    }
};

class ImageBackend : public Backend {
  public:
    /* Makes at least one picture and commits it. */
    virtual void generate(const ImageRequest& request, Call& call) = 0;
};

class LanguageBackend : public Backend {
  public:
    /* {"data": [{"id": ...}, ...]} */
    virtual std::string listModels(Call& call) {
        (void)call;
        return R"({"data":[]})";
    }
    /* Frees what the backend holds in the memory of its GPU; see ipl_prompt_backend. */
    virtual void release(Call& call) {
        (void)call;
        throw Error(Status::kUnsupported, "this backend frees nothing");
    }
};

class PromptBackend : public LanguageBackend {
  public:
    /* Hands the answer to call.text or, in pieces, to call.textDelta. */
    virtual void complete(const PromptRequest& request, Call& call) = 0;
};

class VisionBackend : public LanguageBackend {
  public:
    /* Hands the scene JSON to call.text or call.textDelta. */
    virtual void analyze(const VisionRequest& request, Call& call) = 0;
};

/* Everything NUL-terminated and static. */
struct PluginInfo {
    const char* id; /* what config.json calls it: [a-z][a-z0-9_]{0,62} */
    const char* name;
    const char* version;
    const char* vendor = "";
    const char* license = "";
    const char* homepage = "";
    const char* settingsSchema = nullptr; /* JSON Schema of the instance settings */
    ipl_status (*init)(const ipl_host*) noexcept = nullptr;
    void (*deinit)() noexcept = nullptr;
};

namespace detail {

/* The barrier that no exception passes. */
template <class F>
ipl_status guarded(const ipl_call* call, F&& function) noexcept {
    const auto fail = [call](ipl_status status, std::string_view message) {
        call->set_error(call, status, nullptr, spanOf(message), {});
        return status;
    };
    try {
        function();
        return IPL_OK;
    } catch (const Error& error) {
        const auto status = static_cast<ipl_status>(error.status());
        if (status == IPL_OK) return fail(IPL_E_INTERNAL, "failed with status OK");
        if (!error.message().empty()) {
            call->set_error(call, status, error.field().empty() ? nullptr : error.field().c_str(),
                            spanOf(std::string_view(error.message())),
                            spanOf(std::string_view(error.details())));
        }
        return status;
    } catch (const std::bad_alloc&) {
        return fail(IPL_E_OUT_OF_MEMORY, "out of memory");
    } catch (const std::exception& error) {
        return fail(IPL_E_INTERNAL, error.what());
    } catch (...) {
        return fail(IPL_E_INTERNAL, "unknown exception");
    }
}

/* The vtable functions of backend class T. Calls go through the base class, so that T may keep
 * its overrides private. */
template <class T>
struct Trampolines {
    static ipl_status create(const ipl_host* host, const ipl_instance_args* args,
                             const ipl_call* call, void** self) noexcept {
        *self = nullptr;
        return guarded(call, [&] {
            Call context(call);
            *self = std::make_unique<T>(Host(host), InstanceArgs(*args), context).release();
        });
    }
    static void destroy(void* self) noexcept { delete static_cast<T*>(self); }
    static ipl_status probe(void* self, const ipl_call* call) noexcept {
        return run<Backend>(self, call, [](Backend& b, Call& c) { b.probe(c); });
    }
    static ipl_status describe(void* self, const ipl_call* call) noexcept {
        return run<Backend>(self, call, [](Backend& b, Call& c) { c.text(b.describe(c)); });
    }
    static ipl_status listModels(void* self, const ipl_call* call) noexcept {
        return run<LanguageBackend>(self, call,
                                    [](LanguageBackend& b, Call& c) { c.text(b.listModels(c)); });
    }
    static ipl_status release(void* self, const ipl_call* call) noexcept {
        return run<LanguageBackend>(self, call, [](LanguageBackend& b, Call& c) { b.release(c); });
    }
    static ipl_status generate(void* self, const ipl_image_request* request,
                               const ipl_call* call) noexcept {
        return run<ImageBackend>(self, call, [request](ImageBackend& b, Call& c) {
            b.generate(ImageRequest(*request), c);
        });
    }
    static ipl_status complete(void* self, const ipl_prompt_request* request,
                               const ipl_call* call) noexcept {
        return run<PromptBackend>(self, call, [request](PromptBackend& b, Call& c) {
            b.complete(PromptRequest(*request), c);
        });
    }
    static ipl_status analyze(void* self, const ipl_vision_request* request,
                              const ipl_call* call) noexcept {
        return run<VisionBackend>(self, call, [request](VisionBackend& b, Call& c) {
            b.analyze(VisionRequest(*request), c);
        });
    }

  private:
    template <class Base, class F>
    static ipl_status run(void* self, const ipl_call* call, F function) noexcept {
        return guarded(call, [&] {
            Call context(call);
            function(static_cast<Base&>(*static_cast<T*>(self)), context);
        });
    }
};

/* The vtable of the one role that T offers. */
template <class T>
constexpr auto makeVtable() {
    constexpr int kRoles = int{std::is_base_of_v<ImageBackend, T>} +
                           int{std::is_base_of_v<PromptBackend, T>} +
                           int{std::is_base_of_v<VisionBackend, T>};
    static_assert(kRoles == 1, "a backend class derives from exactly one role");
    using Functions = Trampolines<T>;
    const auto head = [](auto table) {
        table.struct_size = sizeof(table);
        table.create = &Functions::create;
        table.destroy = &Functions::destroy;
        table.probe = &Functions::probe;
        table.describe = &Functions::describe;
        return table;
    };
    if constexpr (std::is_base_of_v<ImageBackend, T>) {
        auto table = head(ipl_image_backend{});
        table.generate = &Functions::generate;
        return table;
    } else if constexpr (std::is_base_of_v<PromptBackend, T>) {
        auto table = head(ipl_prompt_backend{});
        table.complete = &Functions::complete;
        table.list_models = &Functions::listModels;
        table.release = &Functions::release;
        return table;
    } else {
        auto table = head(ipl_vision_backend{});
        table.analyze = &Functions::analyze;
        table.list_models = &Functions::listModels;
        table.release = &Functions::release;
        return table;
    }
}

template <class T>
struct RoleTable {
    static constexpr std::string_view id() {
        return std::is_base_of_v<ImageBackend, T>    ? IPL_ROLE_IMAGE
               : std::is_base_of_v<PromptBackend, T> ? IPL_ROLE_PROMPT
                                                     : IPL_ROLE_VISION;
    }
    const void* table() const { return &vtable; }
    decltype(makeVtable<T>()) vtable = makeVtable<T>();
};

template <class... Ts>
struct RoleTables : RoleTable<Ts>... {
    const void* find(std::string_view id) const {
        const void* found = nullptr;
        ((found = RoleTable<Ts>::id() == id ? RoleTable<Ts>::table() : found), ...);
        return found;
    }
};

constexpr ipl_entry makeEntry(const PluginInfo& info,
                              const void* (*getInterface)(const char*) noexcept) {
    ipl_entry entry{};
    entry.struct_size = sizeof(entry);
    entry.abi_major = IPL_ABI_MAJOR;
    entry.abi_minor = IPL_ABI_MINOR;
    entry.abi_minor_required = IPL_TARGET_MINOR;
    entry.id = info.id;
    entry.name = info.name;
    entry.version = info.version;
    entry.vendor = info.vendor;
    entry.license = info.license;
    entry.homepage = info.homepage;
    entry.settings_schema = info.settingsSchema;
    entry.init = info.init;
    entry.deinit = info.deinit;
    entry.get_interface = getInterface;
    return entry;
}

}  // namespace detail
}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop

/*
 * IPL_PLUGIN(info, Backend...): the entry of a plugin with one backend class per role, `info` being
 * a constexpr ipl::PluginInfo. Once per plugin, at namespace scope.
 */
#define IPL_PLUGIN(info, ...)                                                                  \
    namespace {                                                                                \
    constinit const ::ipl::detail::RoleTables<__VA_ARGS__> iplRoleTables{};                    \
    const void* iplGetInterface(const char* id) noexcept {                                     \
        return id == nullptr ? nullptr : iplRoleTables.find(id);                               \
    }                                                                                          \
    }                                                                                          \
    extern "C" {                                                                               \
    extern IPL_EXPORT const ipl_entry ipl_entry_v1;                                            \
    constinit const ipl_entry ipl_entry_v1 = ::ipl::detail::makeEntry(info, &iplGetInterface); \
    }                                                                                          \
    static_assert(true, "")
