#include "sim-common/websocket.hpp"

#include <Poco/Base64Encoder.h>
#include <Poco/SHA1Engine.h>

#include <cstdint>
#include <sstream>

namespace sim {

namespace {

constexpr std::uint64_t kMaxPayload = 1024 * 1024;

std::string bigEndian(std::uint64_t value, int bytes) {
    std::string out;
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift));
    return out;
}

std::uint64_t numberOf(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const unsigned char byte : bytes)
        value = value << 8 | byte;
    return value;
}

}  // namespace

bool asksForWebSocket(const Request& request) {
    return !request.header("sec-websocket-key").empty();
}

std::string webSocketAccept(std::string_view key) {
    Poco::SHA1Engine sha1;
    sha1.update(std::string(key) + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");  // RFC 6455, 1.3
    const auto& digest = sha1.digest();
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.write(reinterpret_cast<const char*>(digest.data()),
                  static_cast<std::streamsize>(digest.size()));
    encoder.close();
    return out.str();
}

bool WebSocketPeer::accept(const Request& request) {
    return connection_.send(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        webSocketAccept(request.header("sec-websocket-key")) + "\r\n\r\n");
}

bool WebSocketPeer::sendClose(int code) {
    return sendFrame(0x88, bigEndian(static_cast<std::uint64_t>(code), 2));
}

bool WebSocketPeer::sendFrame(int first, std::string_view payload) {
    std::string frame(1, static_cast<char>(first));
    if (payload.size() < 126) {
        frame.push_back(static_cast<char>(payload.size()));
    } else if (payload.size() < 65536) {
        frame += "\x7e" + bigEndian(payload.size(), 2);
    } else {
        frame += "\x7f" + bigEndian(payload.size(), 8);
    }
    frame.append(payload);
    return connection_.send(frame);
}

std::optional<WebSocketPeer::Frame> WebSocketPeer::receive(Milliseconds timeout) {
    constexpr std::size_t kMask = 4;
    std::string_view head = connection_.peek(2, timeout);
    if (head.empty() || (head[1] & 0x80) == 0) return std::nullopt;
    const auto shortLength = static_cast<std::size_t>(head[1] & 0x7f);
    const std::size_t extra = shortLength == 126 ? 2 : shortLength == 127 ? 8 : 0;
    head = connection_.peek(2 + extra + kMask, timeout);
    if (head.empty()) return std::nullopt;
    const std::uint64_t length = extra == 0 ? shortLength : numberOf(head.substr(2, extra));
    if (length > kMaxPayload) return std::nullopt;
    const std::size_t begin = 2 + extra + kMask;
    const std::string_view whole = connection_.peek(begin + length, timeout);
    if (whole.empty()) return std::nullopt;
    Frame frame{static_cast<unsigned char>(whole[0]), std::string(whole.substr(begin, length))};
    const std::string_view mask = whole.substr(begin - kMask, kMask);
    for (std::size_t i = 0; i < frame.payload.size(); ++i)
        frame.payload[i] = static_cast<char>(frame.payload[i] ^ mask[i % kMask]);
    connection_.skip(begin + length);
    return frame;
}

}  // namespace sim
