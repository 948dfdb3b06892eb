// The client's side of RFC 6455 after the handshake, without a network: bytes in, messages and
// bytes out. Pings are answered, fragments put together, text checked for UTF-8, no extension is
// spoken. Used by one thread at a time. What it holds is bounded by the largest message and by the
// bytes fed at once. Throws std::bad_alloc alone.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace host {

struct WebSocketMessage {
    enum class Kind { None, Text, Binary };
    Kind kind = Kind::None;
    std::string bytes;
};

class WebSocketFrames {
  public:
    enum class State {
        Open,
        Closed,    // the peer said so; see closeCode()
        TooLarge,  // a message over the bound came
        Broken,    // what came is against the protocol
    };

    // maxMessage: bytes of one message, all its fragments together.
    explicit WebSocketFrames(std::size_t maxMessage);
    ~WebSocketFrames();
    WebSocketFrames(const WebSocketFrames&) = delete;
    WebSocketFrames& operator=(const WebSocketFrames&) = delete;

    // What came from the peer. Of no effect once it is not open any more.
    void feed(std::string_view bytes);
    // The next whole message, in the order in which they came; also after the end.
    std::optional<WebSocketMessage> next();
    // Into outgoing(). False when it is not open any more.
    bool sendText(std::string_view text);
    void sendClose();
    // What is to be written to the peer; the caller takes from its front what it wrote.
    std::string& outgoing() { return outgoing_; }

    State state() const { return state_; }
    // As RFC 6455 numbers them; 1005 when the peer gave none. Of Closed alone.
    std::uint16_t closeCode() const { return closeCode_; }

  private:
    struct Callbacks;
    struct Context;
    void run();

    const std::size_t maxMessage_;
    std::string_view incoming_;
    std::string outgoing_;
    WebSocketMessage partial_;
    bool control_ = false;  // the frame that is coming in is a ping, pong or close
    bool outOfMemory_ = false;
    bool tooLarge_ = false;
    std::deque<WebSocketMessage> ready_;
    State state_ = State::Open;
    std::uint16_t closeCode_ = 0;
    std::unique_ptr<Context> context_;
};

}  // namespace host
