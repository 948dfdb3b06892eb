// EventLoop: taking connections in.
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "http/event_loop.hpp"
#include "support/ids.hpp"

namespace host::http {

namespace {

constexpr int kAcceptsPerRound = 256;

std::string numericAddress(const sockaddr_storage& from) {
    char text[INET6_ADDRSTRLEN] = "";
    if (from.ss_family == AF_INET) {
        const auto& v4 = reinterpret_cast<const sockaddr_in&>(from);
        ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    } else if (from.ss_family == AF_INET6) {
        const auto& v6 = reinterpret_cast<const sockaddr_in6&>(from);
        ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    }
    // A client of a dual-stack listener is the same client as on an IPv4 one.
    const std::string_view address = text;
    return std::string(address.starts_with("::ffff:") ? address.substr(7) : address);
}

}  // namespace

void EventLoop::acceptSome() {
    for (int i = 0; i < kAcceptsPerRound && listener_ && !acceptPaused_; ++i) {
        if (!acceptOne()) return;
    }
}

bool EventLoop::acceptOne() {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int socket = ::accept4(listener_->impl()->sockfd(), reinterpret_cast<sockaddr*>(&from),
                                 &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket < 0) {
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            onDescriptorsExhausted();
            return false;
        }
        // Anything else is the fault of one connection, which is gone.
        return errno == EINTR || errno == ECONNABORTED || errno == EPROTO;
    }
    if (!front_.addConnection()) {
        refuseConnection(socket);
        return true;
    }
    auto connection = std::make_shared<Connection>(socket, front_, numericAddress(from));
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->slot = connections_.size();
    connection->deadline = Clock::now() + options_.idleLimit;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
    event.data.ptr = connection.get();
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) return true;  // closes it
    connections_.push_back(std::move(connection));
    return true;
}

void EventLoop::refuseConnection(int socket) {
    static constexpr std::string_view kAnswer =
        "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
        "Connection: close\r\n\r\n"
        "{\"success\":false,\"error\":{\"code\":\"SERVICE_UNAVAILABLE\",\"message\":\"too many "
        "connections\",\"details\":{}},\"correlation_id\":\"";
    const std::string id = newCorrelationId();
    std::string answer(kAnswer);
    answer.insert(answer.find("Connection: close"), "X-Correlation-ID: " + id + "\r\n");
    answer += id + "\"}";
    ::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    ::shutdown(socket, SHUT_WR);
    // Closing with unread bytes would reset the connection before the answer is read.
    ::recv(socket, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
    ::close(socket);
}

void EventLoop::onDescriptorsExhausted() {
    spdlog::warn("{}: cannot accept a connection: {}", options_.name, std::strerror(errno));
    // The waiting client is told at once by means of the descriptor kept for this.
    if (spare_ >= 0) {
        ::close(spare_);
        const int socket =
            ::accept4(listener_->impl()->sockfd(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (socket >= 0) refuseConnection(socket);
    }
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    // Then a pause until the next sweep, instead of spinning on a listener that stays ready.
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_->impl()->sockfd(), nullptr);
    acceptPaused_ = true;
}

}  // namespace host::http
