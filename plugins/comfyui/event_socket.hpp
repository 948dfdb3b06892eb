// The server's websocket during one run, while there is one: it may be refused, lost and opened
// again, and nothing depends on it. Used by one thread. Only a cancel and the call's deadline are
// thrown, as ipl::Error.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <string>

#include "ipl/websocket.hpp"

namespace comfyui {

// Shared by the runs of one instance: a server that refuses websockets is not asked all the time.
// Thread-safe.
class SocketRefusals {
  public:
    void note();
    bool mayTry() const;

  private:
    std::atomic<std::int64_t> until_{0};  // ms of the steady clock
};

class EventSocket {
  public:
    // serverUrl: http:// or https://, without a slash at the end. clientId: events come to the
    // socket of the client that queued the prompt. All have to outlive it.
    EventSocket(const ipl::Host& host, const ipl::Call& call, const std::string& serverUrl,
                const std::string& clientId, SocketRefusals& refusals);

    bool isOpen() const { return socket_.has_value(); }
    // Opens it unless it is open, was tried just now, or was lost too often in this run.
    void open();
    // Waits that long at most; nothing also when it was lost meanwhile (then isOpen is false).
    std::optional<ipl::WebSocketMessage> receive(std::chrono::milliseconds time);

  private:
    using Clock = std::chrono::steady_clock;
    void lost(const ipl::Error& error);

    const ipl::Host& host_;
    const ipl::Call& call_;
    ipl::WebSocketRequest request_;
    SocketRefusals& refusals_;
    std::optional<ipl::WebSocket> socket_;
    int triesLeft_ = 5;
    Clock::time_point nextTry_;
};

}  // namespace comfyui
