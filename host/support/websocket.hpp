// A websocket (RFC 6455) as a client uses it: open, receive, send, each over at its time and within
// milliseconds of a cancel, whatever the server does.
// Threads: used by one thread at a time. A process that uses wss must ignore SIGPIPE.
// Errors: HttpResult, as of an HTTP exchange. Anything but Ok, or a Timeout of receive, is the end
// of the socket. The destructor says goodbye without waiting for an answer.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "support/curl_stream.hpp"
#include "support/http_client.hpp"
#include "support/websocket_frames.hpp"

namespace host {

struct WebSocketOptions {
    std::string url;  // ws:// or wss://
    HttpHeaders headers;
    std::size_t maxMessageBytes = std::size_t{16} << 20;
    std::chrono::steady_clock::time_point deadline;  // of everything that is done with it
    std::chrono::milliseconds openTimeout{10'000};   // connection and handshake
    std::chrono::milliseconds connectTimeout{5000};
    CancelLook cancel;
};

class WebSocket {
  public:
    explicit WebSocket(WebSocketOptions options);
    ~WebSocket();
    WebSocket(const WebSocket&) = delete;
    WebSocket& operator=(const WebSocket&) = delete;

    // Once, before all else. A refused handshake is Unavailable, with the server's status.
    HttpResult open();
    // The next message. Timeout: none came whole within `timeout`, and the socket stands, unless
    // the deadline has passed.
    HttpResult receive(std::chrono::milliseconds timeout, WebSocketMessage& message);
    // At most maxMessageBytes. Ok: it was handed to the network.
    HttpResult sendText(std::string_view text);

  private:
    using Clock = std::chrono::steady_clock;
    HttpResult handshake(Clock::time_point until);
    HttpResult flush(Clock::time_point until);
    HttpResult stopped(CurlStream::Wait why, const char* doing) const;
    HttpResult lost();
    HttpResult ended();

    const WebSocketOptions options_;
    std::string where_;  // host:port, for messages
    bool usable_ = false;
    CurlStream stream_;
    WebSocketFrames frames_;
};

}  // namespace host
