// A server that does what a test tells it to, byte by byte: each accepted connection runs the
// script on a thread of its own. Closes everything and joins its threads when it goes.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <functional>
#include <future>
#include <mutex>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace test {

class RawConnection {
  public:
    RawConnection(int fd, int number) : fd_(fd), number_(number) {}
    ~RawConnection() { ::close(fd_); }
    RawConnection(const RawConnection&) = delete;
    RawConnection& operator=(const RawConnection&) = delete;

    int number() const { return number_; }  // from 0, in the order of accept

    // One request, header and body (by Content-Length); "" when the client closed.
    std::string readRequest() {
        std::size_t wanted = std::string::npos;
        for (;;) {
            const std::size_t end = buffer_.find("\r\n\r\n");
            if (end != std::string::npos && wanted == std::string::npos) {
                wanted = end + 4;
                const std::size_t at = buffer_.find("Content-Length: ");
                if (at != std::string::npos && at < end) {
                    std::size_t length = 0;
                    std::from_chars(buffer_.data() + at + 16, buffer_.data() + end, length);
                    wanted += length;
                }
            }
            if (wanted != std::string::npos && buffer_.size() >= wanted) {
                std::string request = buffer_.substr(0, wanted);
                buffer_.erase(0, wanted);
                return request;
            }
            char piece[4096];
            const ssize_t got = ::recv(fd_, piece, sizeof piece, 0);
            if (got <= 0) return {};
            buffer_.append(piece, static_cast<std::size_t>(got));
        }
    }
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }
    // Blocks until the client closes, or the server is torn down.
    void waitForClose() {
        char piece[4096];
        while (::recv(fd_, piece, sizeof piece, 0) > 0) {
        }
    }
    void reset() {
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    }
    int fd() const { return fd_; }

  private:
    int fd_;
    int number_;
    std::string buffer_;
};

class RawServer {
  public:
    using Script = std::function<void(RawConnection&)>;

    explicit RawServer(Script script) : script_(std::move(script)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
            ::listen(listener_, 64) != 0 ||
            ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
            throw std::runtime_error("cannot listen");
        }
        port_ = ntohs(address.sin_port);
        acceptor_ = std::thread([this] { acceptAll(); });
    }
    ~RawServer() {
        ::shutdown(listener_, SHUT_RDWR);
        acceptor_.join();
        ::close(listener_);
        {
            const std::lock_guard lock(mutex_);
            for (const int fd : open_)
                ::shutdown(fd, SHUT_RDWR);
        }
        for (std::thread& thread : threads_)
            thread.join();
    }
    RawServer(const RawServer&) = delete;
    RawServer& operator=(const RawServer&) = delete;

    int port() const { return port_; }
    std::string origin() const { return "127.0.0.1:" + std::to_string(port_); }
    std::string url(const std::string& path = "/") const { return "http://" + origin() + path; }
    int accepted() const { return accepted_; }

  private:
    void acceptAll() {
        for (;;) {
            const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
            if (fd < 0) return;
            const int number = accepted_++;
            {
                const std::lock_guard lock(mutex_);
                open_.push_back(fd);
            }
            threads_.emplace_back([this, fd, number] {
                RawConnection connection(fd, number);
                script_(connection);
                const std::lock_guard lock(mutex_);
                std::erase(open_, fd);
            });
        }
    }

    Script script_;
    int listener_ = -1;
    int port_ = 0;
    std::atomic<int> accepted_{0};
    std::mutex mutex_;
    std::vector<int> open_;
    std::thread acceptor_;
    std::vector<std::thread> threads_;
};

// A whole answer with Content-Length.
inline std::string httpAnswer(std::string_view body, std::string_view status = "200 OK",
                              std::string_view extra = "") {
    return "HTTP/1.1 " + std::string(status) +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + std::string(extra) +
           "\r\n" + std::string(body);
}

}  // namespace test
