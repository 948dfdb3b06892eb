// The server's side of a websocket (RFC 6455) on a Connection. It writes any frame that it is told
// to, so that it can also break the rules. Sending and receiving may happen on two threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim-common/server.hpp"

namespace sim {

bool asksForWebSocket(const Request& request);
// What Sec-WebSocket-Accept has to be for that key.
std::string webSocketAccept(std::string_view key);

class WebSocketPeer {
  public:
    explicit WebSocketPeer(Connection& connection) : connection_(connection) {}

    // Answers the handshake.
    bool accept(const Request& request);
    bool sendText(std::string_view text) { return sendFrame(0x81, text); }
    bool sendBinary(std::string_view bytes) { return sendFrame(0x82, bytes); }
    bool sendClose(int code);
    // first: FIN bit (0x80), reserved bits and opcode, whatever they are.
    bool sendFrame(int first, std::string_view payload);
    // The next frame that came whole within that time, unmasked; nothing also when the peer is gone
    // or sends an unmasked one, or more than 1 MiB.
    struct Frame {
        int first = 0;
        std::string payload;
        bool isText() const { return first == 0x81; }
    };
    std::optional<Frame> receive(Milliseconds timeout);

  private:
    Connection& connection_;
};

}  // namespace sim
