#include "http/socket_stream.hpp"

#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>

namespace host::http {

bool SocketStream::writeRaw(std::string_view bytes) {
    auto until = std::chrono::steady_clock::now() + stall_;
    while (!bytes.empty() && !broken_) {
        const ssize_t got =
            ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        const auto now = std::chrono::steady_clock::now();
        if (got > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(got));
            until = now + stall_;
            continue;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN && errno != EWOULDBLOCK) broken_ = true;
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(until - now).count();
        if (left <= 0) broken_ = true;
        if (broken_) break;
        pollfd waiting{socket_, POLLOUT, 0};
        ::poll(&waiting, 1, static_cast<int>(left) + 1);
    }
    return !broken_;
}

bool SocketStream::write(std::string_view part) {
    if (part.empty()) return !broken_;  // an empty chunk would end the body
    written_ += part.size();
    if (length_ && written_ > *length_) broken_ = true;
    if (!chunked_) return writeRaw(part);
    char size[20];
    char* const end = std::to_chars(size, size + sizeof size, part.size(), 16).ptr;
    std::string framed(size, end);
    framed.reserve(framed.size() + part.size() + 4);
    framed += "\r\n";
    framed += part;
    framed += "\r\n";
    return writeRaw(framed);
}

bool peerClosed(int socket) {
    pollfd state{socket, POLLRDHUP, 0};
    return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

bool SocketStream::clientGone() {
    if (peerClosed(socket_)) broken_ = true;
    return broken_;
}

bool SocketStream::finish() {
    if (length_ && written_ != *length_) broken_ = true;
    return chunked_ ? writeRaw("0\r\n\r\n") : !broken_;
}

void SocketStream::cut() {
    if (chunked_ || length_) return;  // the missing end tells
    const sockaddr nowhere{AF_UNSPEC, {}};
    static_cast<void>(::connect(socket_, &nowhere, sizeof nowhere));  // resets the connection
}

}  // namespace host::http
