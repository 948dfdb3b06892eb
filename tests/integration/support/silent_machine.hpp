// A machine that takes connections and never says a word.
#pragma once

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>

#include "support/error.hpp"

namespace test {

class SilentMachine {
  public:
    SilentMachine() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(fd_, 64) != 0 ||
            ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("cannot listen");
        }
        port_ = ntohs(address.sin_port);
    }
    ~SilentMachine() { ::close(fd_); }
    SilentMachine(const SilentMachine&) = delete;
    SilentMachine& operator=(const SilentMachine&) = delete;

    host::Json endpoint(const std::string& name) const {
        return {{"name", name},
                {"plugin", "endpoint"},
                {"settings", {{"ip", "127.0.0.1"}, {"port", port_}}}};
    }
    // Waits for the next connection and then for its end; when that was, or nothing when either did
    // not come in time.
    std::optional<std::chrono::steady_clock::time_point> endOfNext(
        std::chrono::milliseconds limit, const std::function<void()>& connected) const {
        const auto wait = [&](int fd) {
            pollfd one{fd, POLLIN, 0};
            return ::poll(&one, 1, static_cast<int>(limit.count())) > 0;
        };
        if (!wait(fd_)) return std::nullopt;
        const int peer = ::accept(fd_, nullptr, nullptr);
        char bytes[4096];
        if (wait(peer) && ::recv(peer, bytes, sizeof bytes, 0) > 0) connected();
        bool open = true;
        while (open && wait(peer))
            open = ::recv(peer, bytes, sizeof bytes, 0) > 0;
        const auto now = std::chrono::steady_clock::now();
        ::close(peer);
        if (open) return std::nullopt;
        return now;
    }
    // Connections since the last time.
    int connections() const {
        int count = 0;
        for (int one = 0; (one = ::accept(fd_, nullptr, nullptr)) >= 0; ++count)
            ::close(one);
        return count;
    }

  private:
    int fd_;
    int port_ = 0;
};

}  // namespace test
