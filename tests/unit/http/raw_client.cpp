#include "unit/http/raw_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace test {

namespace {

constexpr int kWaitMs = 15'000;

}  // namespace

RawClient::RawClient(std::uint16_t port, int receiveBuffer) {
    socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receiveBuffer > 0) {
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, sizeof receiveBuffer);
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
        ::close(socket_);
        throw std::runtime_error("cannot connect");
    }
}

RawClient::~RawClient() {
    if (socket_ >= 0) ::close(socket_);
}

RawClient::RawClient(RawClient&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)), buffer_(std::move(other.buffer_)) {}

bool RawClient::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t got = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (got <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(got));
    }
    return true;
}

void RawClient::shutdownWrite() {
    ::shutdown(socket_, SHUT_WR);
}

bool RawClient::more() {
    pollfd state{socket_, POLLIN, 0};
    if (::poll(&state, 1, kWaitMs) <= 0) return false;
    char part[65536];
    const ssize_t got = ::recv(socket_, part, sizeof part, 0);
    if (got <= 0) return false;
    buffer_.append(part, static_cast<std::size_t>(got));
    return true;
}

Answer RawClient::read(bool head) {
    Answer answer;
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
        if (!more()) return answer;
    }
    const std::string text = buffer_.substr(0, end + 2);
    buffer_.erase(0, end + 4);
    answer.status = std::stoi(text.substr(9, 3));
    for (std::size_t at = text.find("\r\n") + 2; at < text.size();) {
        const std::size_t lineEnd = text.find("\r\n", at);
        const std::size_t colon = text.find(": ", at);
        std::string name = text.substr(at, colon - at);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        answer.headers[name] = text.substr(colon + 2, lineEnd - colon - 2);
        at = lineEnd + 2;
    }
    if (head || answer.status == 204 || answer.status == 304 || answer.status == 100) return answer;
    if (const std::string length = answer.header("content-length"); !length.empty()) {
        const std::size_t size = std::stoull(length);
        while (buffer_.size() < size && more())
            continue;
        answer.body = buffer_.substr(0, size);
        buffer_.erase(0, size);
    } else if (answer.header("transfer-encoding") == "chunked") {
        while (true) {
            std::size_t line = 0;
            while ((line = buffer_.find("\r\n")) == std::string::npos) {
                if (!more()) return answer;
            }
            const std::size_t size = std::stoull(buffer_.substr(0, line), nullptr, 16);
            while (buffer_.size() < line + size + 4) {
                if (!more()) return answer;
            }
            answer.body += buffer_.substr(line + 2, size);
            buffer_.erase(0, line + size + 4);
            if (size == 0) break;
        }
    }
    return answer;
}

Answer RawClient::ask(std::string_view bytes, bool head) {
    send(bytes);
    return read(head);
}

std::string RawClient::readAll() {
    while (more())
        continue;
    return std::exchange(buffer_, {});
}

std::string RawClient::readUntil(std::string_view text) {
    while (buffer_.find(text) == std::string::npos && more())
        continue;
    return buffer_;
}

bool RawClient::closedByPeer() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(kWaitMs);
    while (std::chrono::steady_clock::now() < until) {
        pollfd state{socket_, POLLIN, 0};
        if (::poll(&state, 1, kWaitMs) <= 0) return false;
        char part[65536];
        if (::recv(socket_, part, sizeof part, 0) <= 0) return true;
    }
    return false;
}

}  // namespace test
