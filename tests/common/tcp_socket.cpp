#include "common/tcp_socket.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>
#include <utility>

namespace test {

namespace {

using Clock = std::chrono::steady_clock;

bool waitFor(int fd, short events, Clock::time_point until) {
    while (true) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now());
        pollfd wait{fd, events, 0};
        const int ready = ::poll(&wait, 1, left.count() > 0 ? static_cast<int>(left.count()) : 0);
        if (ready >= 0 || errno != EINTR) return ready > 0;
    }
}

sockaddr_in socketAddress(const std::string& host, int port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (::inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) {
        throw std::runtime_error("not an IPv4 address: " + host);
    }
    return address;
}

}  // namespace

Address Address::ofUrl(const std::string& url) {
    const std::size_t begin = url.find("://");
    const std::size_t colon = url.rfind(':');
    if (begin == std::string::npos || colon <= begin) throw std::runtime_error("no URL: " + url);
    Address address{url.substr(begin + 3, colon - begin - 3), std::stoi(url.substr(colon + 1))};
    if (address.host == "localhost") address.host = "127.0.0.1";
    return address;
}

TcpSocket::TcpSocket(const Address& address, const std::string& source, Clock::time_point until)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
    const int on = 1;
    ::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (!source.empty()) {
        const sockaddr_in local = socketAddress(source, 0);
        ::bind(fd_, reinterpret_cast<const sockaddr*>(&local), sizeof local);
    }
    const sockaddr_in remote = socketAddress(address.host, address.port);
    if (::connect(fd_, reinterpret_cast<const sockaddr*>(&remote), sizeof remote) == 0) return;
    int error = errno;
    if (error == EINPROGRESS && waitFor(fd_, POLLOUT, until)) {
        socklen_t size = sizeof error;
        ::getsockopt(fd_, SOL_SOCKET, SO_ERROR, &error, &size);
    }
    if (error != 0) close();
}

TcpSocket::TcpSocket(TcpSocket&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), ended_(other.ended_) {}

TcpSocket& TcpSocket::operator=(TcpSocket&& other) noexcept {
    std::swap(fd_, other.fd_);
    std::swap(ended_, other.ended_);
    return *this;
}

void TcpSocket::close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

bool TcpSocket::send(std::string_view bytes, Clock::time_point until) const {
    while (!bytes.empty()) {
        const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        } else if (errno != EINTR && (errno != EAGAIN || !waitFor(fd_, POLLOUT, until))) {
            return false;
        }
    }
    return true;
}

bool TcpSocket::receive(std::string& into, Clock::time_point until) {
    char bytes[16384];
    while (true) {
        const ssize_t got = ::recv(fd_, bytes, sizeof bytes, 0);
        if (got > 0) {
            into.append(bytes, static_cast<std::size_t>(got));
            return true;
        }
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && errno == EAGAIN) {
            if (waitFor(fd_, POLLIN, until)) continue;
            return false;
        }
        ended_ = true;
        return false;
    }
}

}  // namespace test
