/*
 * WebSocket: a websocket of the host, open for as long as the object lives, within one call. Used
 * by one thread at a time. Include it beside ipl/plugin.hpp. Error: kUnavailable (refused, closed,
 * lost), kTimeout (the call's deadline), kCancelled, kTooLarge, kInvalidArgument (URL). After one
 * the socket is of no use any more.
 */
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ipl/http.hpp"
#include "ipl/websocket.h"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

struct WebSocketRequest {
    std::string url = {}; /* ws:// or wss:// */
    Headers headers = {};
    uint64_t maxMessage = 16ULL << 20;           /* bytes; 64 MiB at most */
    std::chrono::milliseconds timeout{0};        /* of the whole opening; 0 = 10 s */
    std::chrono::milliseconds connectTimeout{0}; /* 0 = 5 s */
};

struct WebSocketMessage {
    bool binary = false;
    std::string_view bytes = {}; /* valid until the socket is used again */
};

class WebSocket {
  public:
    /* Whether this host has websockets at all. */
    static bool available(const Host& host) {
        return host.interface(IPL_HOST_WEBSOCKET) != nullptr;
    }

    /* Opens it. Throws Error kUnsupported when the host has no websockets. host and call have to
     * outlive it. */
    WebSocket(const Host& host, const Call& call, const WebSocketRequest& request)
        : host_(host.raw()),
          call_(call.raw()),
          table_(static_cast<const ipl_host_websocket*>(host.interface(IPL_HOST_WEBSOCKET))) {
        if (table_ == nullptr) throw Error(Status::kUnsupported, "this host has no websockets");
        const std::string headers = headerLines(request.headers);
        ipl_websocket_request raw{};
        raw.struct_size = sizeof(raw);
        raw.url = spanOf(std::string_view(request.url));
        raw.headers = spanOf(std::string_view(headers));
        raw.max_message = request.maxMessage;
        raw.timeout_ms = request.timeout.count();
        raw.connect_timeout_ms = request.connectTimeout.count();
        throwOnError(table_->open(host_, call_, &raw, &socket_));
    }
    ~WebSocket() { table_->close(host_, call_, socket_); }
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    /* nullopt: no whole message came within that time, and the socket stands. */
    std::optional<WebSocketMessage> receive(std::chrono::milliseconds timeout) {
        ipl_websocket_message raw{};
        raw.struct_size = sizeof(raw);
        throwOnError(table_->receive(host_, call_, socket_, timeout.count(), &raw));
        if (raw.kind == IPL_WEBSOCKET_NOTHING) return std::nullopt;
        return WebSocketMessage{raw.kind == IPL_WEBSOCKET_BINARY, viewOf(raw.bytes)};
    }

    void sendText(std::string_view text) {
        throwOnError(table_->send_text(host_, call_, socket_, spanOf(text)));
    }

  private:
    const ipl_host* host_;
    const ipl_call* call_;
    const ipl_host_websocket* table_;
    uint64_t socket_ = 0;
};

}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop
