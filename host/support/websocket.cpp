#include "support/websocket.hpp"

#include <algorithm>
#include <array>

#include "support/http_url.hpp"
#include "support/websocket_handshake.hpp"

namespace host {

namespace {

using std::chrono::milliseconds;

HttpResult resultOf(HttpOutcome outcome, std::string message = {}) {
    HttpResult result;
    result.outcome = outcome;
    result.message = std::move(message);
    return result;
}

// The URL whose TCP or TLS connection carries it; empty when it is none of a websocket.
std::string carrierOf(const std::string& url) {
    if (url.starts_with("ws://")) return "http" + url.substr(2);
    if (url.starts_with("wss://")) return "https" + url.substr(3);
    return {};
}

}  // namespace

WebSocket::WebSocket(WebSocketOptions options)
    : options_(std::move(options)), stream_(options_.cancel), frames_(options_.maxMessageBytes) {}

WebSocket::~WebSocket() {
    if (!usable_) return;
    try {
        frames_.sendClose();
        std::size_t sent = 0;
        stream_.write(frames_.outgoing(), sent);
    } catch (const std::bad_alloc&) {  // then without a goodbye
    }
}

HttpResult WebSocket::open() {
    const std::string carrier = carrierOf(options_.url);
    const HttpUrl url = parseHttpUrl(carrier);
    if (url.host.empty()) {
        return resultOf(HttpOutcome::Invalid,
                        "This is not a ws:// or wss:// URL with a host in it.");
    }
    where_ = url.where();
    const std::string key = websocketKey();
    const auto request = websocketRequest(url, options_.headers, key);
    if (!request) {
        return resultOf(HttpOutcome::Invalid, "A header of the request to " + where_ +
                                                  " is malformed, or there are too many.");
    }
    const auto until = std::min(options_.deadline, Clock::now() + options_.openTimeout);
    HttpResult result = stream_.connect(carrier, where_, until, options_.connectTimeout);
    if (!result.ok()) return result;
    frames_.outgoing() = *request;
    result = flush(until);
    if (!result.ok()) return result;

    std::string head;
    for (;;) {
        std::array<char, 4096> piece;
        std::size_t got = 0;
        const auto io = stream_.read(piece.data(), piece.size(), got);
        if (io == CurlStream::Io::Lost) return lost();
        head.append(piece.data(), got);
        if (const auto end = head.find("\r\n\r\n"); end != std::string::npos) {
            result = judgeWebsocketAnswer(std::string_view(head).substr(0, end + 4), key, where_);
            usable_ = result.ok();
            if (usable_) frames_.feed(std::string_view(head).substr(end + 4));
            return result;
        }
        if (head.size() > kMaxHandshakeAnswer) {
            return resultOf(HttpOutcome::TooLarge,
                            where_ + " sends endless headers. Is this the right server?");
        }
        if (io == CurlStream::Io::Done && Clock::now() < until) continue;
        const auto wait = stream_.wait(false, until);
        if (wait != CurlStream::Wait::Ready) return stopped(wait, "grant the websocket");
    }
}

HttpResult WebSocket::receive(milliseconds timeout, WebSocketMessage& message) {
    message = {};
    const auto until =
        std::min(options_.deadline, Clock::now() + std::max(timeout, milliseconds(0)));
    for (bool timeUp = false;;) {
        if (auto next = frames_.next()) {
            message = *std::move(next);
            return resultOf(HttpOutcome::Ok);
        }
        if (frames_.state() != WebSocketFrames::State::Open) return ended();
        if (!usable_) return lost();
        // A server that sends pings without end is not to hold us.
        if (timeUp) return stopped(CurlStream::Wait::TimeUp, "send anything");
        if (options_.cancel.isCancelled()) return stopped(CurlStream::Wait::Cancelled, "");
        // What answers a ping goes out before more comes in: nothing piles up.
        if (HttpResult flushed = flush(until); !flushed.ok()) return flushed;
        std::array<char, 16 * 1024> piece;
        std::size_t got = 0;
        const auto io = stream_.read(piece.data(), piece.size(), got);
        if (io == CurlStream::Io::Lost) return lost();
        if (got > 0) frames_.feed({piece.data(), got});
        timeUp = Clock::now() >= until;
        if (io == CurlStream::Io::Again && !timeUp) stream_.wait(false, until);
    }
}

HttpResult WebSocket::sendText(std::string_view text) {
    if (text.size() > options_.maxMessageBytes) {
        return resultOf(HttpOutcome::Invalid, "A message to " + where_ + " is over the allowed " +
                                                  std::to_string(options_.maxMessageBytes) +
                                                  " bytes.");
    }
    if (!usable_) return lost();
    if (!frames_.sendText(text)) return ended();
    HttpResult result = flush(options_.deadline);
    // A part of it may be out: nothing can follow it.
    if (!result.ok()) usable_ = false;
    return result;
}

HttpResult WebSocket::flush(Clock::time_point until) {
    std::string& bytes = frames_.outgoing();
    while (!bytes.empty()) {
        std::size_t sent = 0;
        const auto io = stream_.write(bytes, sent);
        if (io == CurlStream::Io::Lost) return lost();
        bytes.erase(0, sent);
        if (io == CurlStream::Io::Done && Clock::now() < until) continue;
        if (bytes.empty()) break;
        const auto wait = stream_.wait(true, until);
        if (wait != CurlStream::Wait::Ready) return stopped(wait, "take what is sent to it");
    }
    return resultOf(HttpOutcome::Ok);
}

HttpResult WebSocket::stopped(CurlStream::Wait why, const char* doing) const {
    if (why == CurlStream::Wait::Cancelled) {
        return resultOf(HttpOutcome::Cancelled, "The websocket to " + where_ + " was cancelled.");
    }
    return resultOf(HttpOutcome::Timeout, where_ + " did not " + doing + " in time.");
}

HttpResult WebSocket::lost() {
    usable_ = false;
    return resultOf(HttpOutcome::Unavailable, "The websocket to " + where_ + " was lost.");
}

HttpResult WebSocket::ended() {
    usable_ = false;
    std::size_t sent = 0;
    stream_.write(frames_.outgoing(), sent);  // the close frame, if it fits
    switch (frames_.state()) {
        case WebSocketFrames::State::TooLarge:
            return resultOf(HttpOutcome::TooLarge,
                            "A message of " + where_ + " is over the allowed " +
                                std::to_string(options_.maxMessageBytes) + " bytes.");
        case WebSocketFrames::State::Broken:
            return resultOf(HttpOutcome::Unavailable,
                            where_ + " does not keep to the websocket protocol.");
        default:
            return resultOf(HttpOutcome::Unavailable, where_ + " closed the websocket (code " +
                                                          std::to_string(frames_.closeCode()) +
                                                          ").");
    }
}

}  // namespace host
