// ipl.host.websocket/1 over the host's websocket.
#include <algorithm>

#include "plugins/abi_text.hpp"
#include "plugins/host_context.hpp"
#include "plugins/network_text.hpp"
#include "plugins/plugin_call.hpp"
#include "support/websocket.hpp"

namespace host::plugins {

namespace {

constexpr std::uint64_t kDefaultMessage = std::uint64_t{16} << 20;
constexpr std::uint64_t kLargestMessage = std::uint64_t{64} << 20;

ipl_status told(PluginCall& call, const HttpResult& result) {
    const ipl_status status = statusOf(result.outcome);
    if (status == IPL_OK) return status;
    const std::string details =
        result.status == 0 ? "" : "{\"status\": " + std::to_string(result.status) + "}";
    call.setError(status, nullptr, result.message, details);
    return status;
}

// Whether the plugin may use the network now; sets `status` otherwise.
bool mayUse(const ipl_host* host, PluginCall& call, ipl_status& status) {
    if (!call.isOpen()) {
        call.misbehaviour("call_used_after_return");
        status = IPL_E_CANCELLED;
        return false;
    }
    if (HostContext::of(host).services().http == nullptr) {
        status = fail(call, IPL_E_UNAVAILABLE, "There is no network in this process.");
        return false;
    }
    return true;
}

ipl_status open(const ipl_host* host, PluginCall& call, const ipl_websocket_request* from,
                std::uint64_t* handle) {
    if (from == nullptr || handle == nullptr || from->struct_size < sizeof(ipl_websocket_request)) {
        call.misbehaviour("malformed_websocket_request");
        return fail(call, IPL_E_INVALID_ARGUMENT, "The websocket request is malformed.");
    }
    ipl_status status = IPL_OK;
    if (!mayUse(host, call, status)) return status;
    const auto request = checkedCopy(from, from->struct_size);
    WebSocketOptions options;
    options.url = std::string(viewOf(request.url));
    options.headers = parseHeaders(viewOf(request.headers), call.correlationId());
    options.maxMessageBytes = static_cast<std::size_t>(std::min(
        request.max_message == 0 ? kDefaultMessage : request.max_message, kLargestMessage));
    options.deadline = call.deadline();
    options.openTimeout = boundedMs(request.timeout_ms, 10'000);
    options.connectTimeout = boundedMs(request.connect_timeout_ms, 5000);
    options.cancel = {call.abi()->cancel_fd,
                      [&call] { return call.cancelled() != IPL_CANCEL_NONE; }};

    std::uint64_t given = 0;
    const auto entry = call.sockets().add(given);
    if (!entry) {
        call.misbehaviour("too_many_websockets");
        return fail(call, IPL_E_INVALID_ARGUMENT, "Too many websockets are open in one call.");
    }
    try {
        entry->socket = std::make_unique<WebSocket>(std::move(options));
        status = told(call, entry->socket->open());
    } catch (...) {
        call.sockets().remove(given);
        throw;
    }
    if (status != IPL_OK) {
        call.sockets().remove(given);
        return status;
    }
    call.sockets().release(given);
    *handle = given;
    return IPL_OK;
}

// Runs work(entry) on a socket that nobody else uses meanwhile.
template <typename Work>
ipl_status with(const ipl_host* host, PluginCall& call, std::uint64_t handle, const Work& work) {
    ipl_status status = IPL_OK;
    if (!mayUse(host, call, status)) return status;
    const auto entry = call.sockets().acquire(handle);
    if (!entry) {
        call.misbehaviour("no_such_websocket");
        return fail(call, IPL_E_INVALID_ARGUMENT,
                    "There is no such websocket, or another thread uses it.");
    }
    try {
        status = work(*entry);
    } catch (...) {
        call.sockets().remove(handle);
        throw;
    }
    call.sockets().release(handle);
    return status;
}

ipl_status receive(const ipl_host* host, PluginCall& call, std::uint64_t handle,
                   std::int64_t timeout, ipl_websocket_message* out) {
    if (out == nullptr || out->struct_size < sizeof(ipl_websocket_message)) {
        call.misbehaviour("malformed_websocket_message");
        return fail(call, IPL_E_INVALID_ARGUMENT, "The websocket message is malformed.");
    }
    return with(host, call, handle, [&](SocketTable::Entry& entry) {
        out->kind = IPL_WEBSOCKET_NOTHING;
        out->bytes = {};
        const HttpResult result = entry.socket->receive(boundedMs(timeout, 0), *entry.message);
        const bool onlyNothing = result.outcome == HttpOutcome::Timeout && call.remainingMs() > 0;
        if (onlyNothing) return ipl_status{IPL_OK};
        if (!result.ok()) return told(call, result);
        out->kind = entry.message->kind == WebSocketMessage::Kind::Text ? IPL_WEBSOCKET_TEXT
                                                                        : IPL_WEBSOCKET_BINARY;
        out->bytes = spanOf(entry.message->bytes);
        return ipl_status{IPL_OK};
    });
}

// No exception may reach the plugin.
template <typename Work>
ipl_status guarded(const ipl_call* call, const Work& work) noexcept {
    if (call == nullptr) return IPL_E_INVALID_ARGUMENT;
    try {
        return work(PluginCall::of(call));
    } catch (const std::bad_alloc&) {
        return IPL_E_OUT_OF_MEMORY;
    } catch (...) {
        return IPL_E_INTERNAL;
    }
}

ipl_status openSocket(const ipl_host* host, const ipl_call* call,
                      const ipl_websocket_request* request, std::uint64_t* handle) noexcept {
    return guarded(call, [&](PluginCall& its) { return open(host, its, request, handle); });
}

ipl_status receiveMessage(const ipl_host* host, const ipl_call* call, std::uint64_t handle,
                          std::int64_t timeout, ipl_websocket_message* message) noexcept {
    return guarded(call,
                   [&](PluginCall& its) { return receive(host, its, handle, timeout, message); });
}

ipl_status sendText(const ipl_host* host, const ipl_call* call, std::uint64_t handle,
                    ipl_span text) noexcept {
    return guarded(call, [&](PluginCall& its) {
        return with(host, its, handle, [&](SocketTable::Entry& entry) {
            return told(its, entry.socket->sendText(viewOf(text)));
        });
    });
}

void closeSocket(const ipl_host* /*host*/, const ipl_call* call, std::uint64_t handle) noexcept {
    guarded(call, [&](PluginCall& its) {
        its.sockets().remove(handle);
        return ipl_status{IPL_OK};
    });
}

}  // namespace

const ipl_host_websocket& hostWebsocketInterface() {
    static constexpr ipl_host_websocket kTable{
        sizeof(ipl_host_websocket), 0, &openSocket, &receiveMessage, &sendText, &closeSocket};
    return kTable;
}

}  // namespace host::plugins
