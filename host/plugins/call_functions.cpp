// The C functions of ipl_call. Each leads into PluginCall and lets no exception out.
#include <new>

#include "plugins/abi_text.hpp"
#include "plugins/plugin_call.hpp"

namespace host::plugins {

namespace {

template <typename F>
ipl_status guarded(const ipl_call* call, F function) noexcept {
    try {
        return function(PluginCall::of(call));
    } catch (const std::bad_alloc&) {
        return IPL_E_OUT_OF_MEMORY;
    } catch (...) {
        return IPL_E_INTERNAL;
    }
}

// A span from a plugin that says it has bytes and has none.
bool isBroken(const ipl_span& span) {
    return span.data == nullptr && span.size > 0;
}

std::int32_t cancelled(const ipl_call* call) noexcept {
    return PluginCall::of(call).cancelled();
}

std::int64_t remainingMs(const ipl_call* call) noexcept {
    return PluginCall::of(call).remainingMs();
}

ipl_status progress(const ipl_call* call, double fraction, std::uint32_t step, std::uint32_t steps,
                    const char* phase) noexcept {
    return guarded(call, [&](PluginCall& c) { return c.progress(fraction, step, steps, phase); });
}

ipl_status preview(const ipl_call* call, ipl_span /*mime*/, ipl_span bytes) noexcept {
    return guarded(call, [&](PluginCall& c) { return c.preview(viewOf(bytes)); });
}

ipl_status imageBegin(const ipl_call* call, const ipl_image_out* out,
                      std::uint64_t* handle) noexcept {
    return guarded(call, [&](PluginCall& c) { return c.imageBegin(out, handle); });
}

ipl_status imageWrite(const ipl_call* call, std::uint64_t handle, ipl_span bytes) noexcept {
    return guarded(call, [&](PluginCall& c) { return c.imageWrite(handle, bytes); });
}

ipl_status imageCommit(const ipl_call* call, std::uint64_t handle) noexcept {
    return guarded(call, [&](PluginCall& c) { return c.imageCommit(handle); });
}

ipl_status imageAbort(const ipl_call* call, std::uint64_t handle) noexcept {
    return guarded(call, [&](PluginCall& c) { return c.imageAbort(handle); });
}

ipl_status text(const ipl_call* call, ipl_span text, std::uint32_t flags) noexcept {
    return guarded(call, [&](PluginCall& c) -> ipl_status {
        if (isBroken(text)) {
            c.misbehaviour("null_span");
            return IPL_E_INVALID_ARGUMENT;
        }
        return c.text(viewOf(text), flags);
    });
}

void setError(const ipl_call* call, ipl_status status, const char* field, ipl_span message,
              ipl_span details) noexcept {
    guarded(call, [&](PluginCall& c) -> ipl_status {
        c.setError(status, field, viewOf(message), viewOf(details));
        return IPL_OK;
    });
}

void log(const ipl_call* call, std::int32_t level, ipl_span message) noexcept {
    guarded(call, [&](PluginCall& c) -> ipl_status {
        c.log(level, viewOf(message));
        return IPL_OK;
    });
}

}  // namespace

void setCallFunctions(ipl_call& call) {
    call.cancelled = &cancelled;
    call.remaining_ms = &remainingMs;
    call.progress = &progress;
    call.preview = &preview;
    call.image_begin = &imageBegin;
    call.image_write = &imageWrite;
    call.image_commit = &imageCommit;
    call.image_abort = &imageAbort;
    call.text = &text;
    call.set_error = &setError;
    call.log = &log;
}

}  // namespace host::plugins
