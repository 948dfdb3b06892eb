#include "sim-common/server.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <system_error>

namespace sim {

namespace {

constexpr std::size_t kMaxHead = 64 * 1024;
constexpr std::size_t kMaxBody = 32 * 1024 * 1024;
constexpr std::size_t kMaxConnections = 256;
constexpr Milliseconds kSendPatience{30000};

using Clock = std::chrono::steady_clock;

int millisecondsUntil(Clock::time_point deadline) {
    auto left = std::chrono::ceil<Milliseconds>(deadline - Clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1000 * 1000));
}

void raise(int fd) {
    std::uint64_t one = 1;
    [[maybe_unused]] auto written = ::write(fd, &one, sizeof one);
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
        text.remove_suffix(1);
    return text;
}

std::string head(int status, std::string_view contentType) {
    std::string text = "HTTP/1.1 " + std::to_string(status) + " Status\r\nContent-Type: ";
    text += contentType;
    text += "\r\n";
    return text;
}

std::optional<Request> parseHead(std::string_view head) {
    Request request;
    auto lineEnd = head.find("\r\n");
    auto line = head.substr(0, lineEnd);
    auto first = line.find(' ');
    auto second = line.find(' ', first == line.npos ? first : first + 1);
    if (first == line.npos || second == line.npos) return std::nullopt;
    request.method = line.substr(0, first);
    request.target = line.substr(first + 1, second - first - 1);
    while (lineEnd != head.npos) {
        head.remove_prefix(lineEnd + 2);
        lineEnd = head.find("\r\n");
        line = head.substr(0, lineEnd);
        if (line.empty()) break;
        auto colon = line.find(':');
        if (colon == line.npos) return std::nullopt;
        request.headers.emplace_back(lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
    }
    return request;
}

}  // namespace

std::string Request::header(std::string_view name) const {
    for (const auto& [key, value] : headers)
        if (key == name) return value;
    return {};
}

std::int64_t epochMs() {
    return std::chrono::duration_cast<Milliseconds>(
               std::chrono::system_clock::now().time_since_epoch())
        .count();
}

// ---- Connection

bool Connection::fill(Clock::time_point deadline) {
    std::array<pollfd, 2> fds{{{fd_, POLLIN, 0}, {server_.stopFd_, POLLIN, 0}}};
    int ready = ::poll(fds.data(), fds.size(), millisecondsUntil(deadline));
    if (ready < 0 && errno == EINTR) return true;
    if (ready <= 0 || fds[1].revents != 0) return false;
    std::array<char, 16384> buffer;
    auto got = ::recv(fd_, buffer.data(), buffer.size(), 0);
    if (got <= 0) return false;
    input_.append(buffer.data(), static_cast<std::size_t>(got));
    return true;
}

std::optional<Request> Connection::readRequest(Milliseconds timeout) {
    auto deadline = Clock::now() + timeout;
    std::size_t headEnd;
    while ((headEnd = input_.find("\r\n\r\n")) == input_.npos) {
        if (input_.size() > kMaxHead || !fill(deadline)) return std::nullopt;
    }
    auto request = parseHead(std::string_view(input_).substr(0, headEnd + 2));
    input_.erase(0, headEnd + 4);
    if (!request) return std::nullopt;
    request->receivedMs = epochMs();
    std::size_t length = 0;
    auto text = request->header("content-length");
    if (!text.empty()) {
        auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
        if (error != std::errc() || length > kMaxBody) return std::nullopt;
    }
    if (request->header("expect") == "100-continue") send("HTTP/1.1 100 Continue\r\n\r\n");
    while (input_.size() < length) {
        if (!fill(deadline)) return std::nullopt;
    }
    request->body = input_.substr(0, length);
    input_.erase(0, length);
    return request;
}

std::string_view Connection::peek(std::size_t count, Milliseconds timeout) {
    auto deadline = Clock::now() + timeout;
    while (input_.size() < count) {
        if (!fill(deadline)) return {};
    }
    return std::string_view(input_).substr(0, count);
}

bool Connection::send(std::string_view bytes) {
    auto deadline = Clock::now() + kSendPatience;
    while (!bytes.empty()) {
        auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent > 0) {
            bytes.remove_prefix(static_cast<std::size_t>(sent));
            deadline = Clock::now() + kSendPatience;
            continue;
        }
        if (sent < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) return false;
        std::array<pollfd, 2> fds{{{fd_, POLLOUT, 0}, {server_.stopFd_, POLLIN, 0}}};
        int ready = ::poll(fds.data(), fds.size(), millisecondsUntil(deadline));
        if (ready == 0 || fds[1].revents != 0) return false;
    }
    return true;
}

bool Connection::reply(int status, std::string_view contentType, std::string_view body,
                       std::string_view extraHeaders) {
    std::string answer = head(status, contentType);
    answer += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    answer += extraHeaders;
    answer += "\r\n";
    answer += body;
    return send(answer);
}

bool Connection::beginChunked(int status, std::string_view contentType) {
    return send(head(status, contentType) + "Transfer-Encoding: chunked\r\n\r\n");
}

bool Connection::sendChunk(std::string_view bytes) {
    std::array<char, 20> size;
    auto end = std::to_chars(size.data(), size.data() + size.size(), bytes.size(), 16).ptr;
    std::string chunk(size.data(), end);
    chunk += "\r\n";
    chunk += bytes;
    chunk += "\r\n";
    return send(chunk);
}

bool Connection::endChunked() {
    return send("0\r\n\r\n");
}

Connection::Wait Connection::waitFor(Milliseconds time) {
    auto deadline = Clock::now() + time;
    while (true) {
        std::array<pollfd, 2> fds{{{fd_, POLLRDHUP, 0}, {server_.stopFd_, POLLIN, 0}}};
        int ready = ::poll(fds.data(), fds.size(), millisecondsUntil(deadline));
        if (ready < 0 && errno == EINTR) continue;
        if (fds[1].revents != 0) return Wait::Stopping;
        if (fds[0].revents != 0) return Wait::PeerClosed;
        if (Clock::now() >= deadline) return Wait::Elapsed;
    }
}

Connection::Wait Connection::workFor(Milliseconds time) {
    auto deadline = Clock::now() + time;
    while (true) {
        pollfd stop{server_.stopFd_, POLLIN, 0};
        ::poll(&stop, 1, millisecondsUntil(deadline));
        if (stop.revents != 0) return Wait::Stopping;
        if (Clock::now() >= deadline) break;
    }
    return waitFor(Milliseconds(0));
}

void Connection::reset() {
    linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    ::shutdown(fd_, SHUT_RD);
}

void Connection::stopListening() {
    server_.stopListening();
}

// ---- Server

Server::Server(Handler handler, std::uint16_t port, const std::string& address)
    : handler_(std::move(handler)) {
    auto check = [](int result, const char* what) {
        if (result < 0) throw std::system_error(errno, std::generic_category(), what);
        return result;
    };
    refuseFd_ = check(::eventfd(0, EFD_CLOEXEC), "eventfd");
    stopFd_ = check(::eventfd(0, EFD_CLOEXEC), "eventfd");
    listenFd_ = check(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), "socket");
    int on = 1;
    ::setsockopt(listenFd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    if (::inet_pton(AF_INET, address.c_str(), &name.sin_addr) != 1)
        throw std::system_error(EINVAL, std::generic_category(), "address " + address);
    check(::bind(listenFd_, reinterpret_cast<sockaddr*>(&name), sizeof name), "bind");
    check(::listen(listenFd_, 128), "listen");
    socklen_t size = sizeof name;
    check(::getsockname(listenFd_, reinterpret_cast<sockaddr*>(&name), &size), "getsockname");
    port_ = ntohs(name.sin_port);
    // The first connection may want to end it at once.
    const std::lock_guard lock(mutex_);
    acceptor_ = std::thread([this] { acceptLoop(); });
}

Server::~Server() {
    raise(stopFd_);
    stopListening();
    for (auto& worker : workers_)
        worker.thread.join();
    ::close(refuseFd_);
    ::close(stopFd_);
}

void Server::stopListening() {
    listening_ = false;
    raise(refuseFd_);
    std::lock_guard lock(mutex_);
    if (acceptor_.joinable()) acceptor_.join();
}

void Server::acceptLoop() {
    while (listening_) {
        std::array<pollfd, 2> fds{{{listenFd_, POLLIN, 0}, {refuseFd_, POLLIN, 0}}};
        if (::poll(fds.data(), fds.size(), -1) < 0 || fds[1].revents != 0) continue;
        int fd = ::accept4(listenFd_, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        std::erase_if(workers_, [](Worker& worker) {
            if (worker.done) worker.thread.join();
            return worker.done.load();
        });
        if (workers_.size() >= kMaxConnections) {
            ::close(fd);
            continue;
        }
        int on = 1;
        ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        int number = ++accepted_;
        Worker& worker = workers_.emplace_back();
        worker.thread = std::thread([this, &worker, fd, number] { serve(worker, fd, number); });
    }
    ::close(listenFd_);
}

void Server::serve(Worker& worker, int fd, int number) {
    Connection connection(*this, fd, number);
    handler_(connection);
    ::close(fd);
    worker.done = true;
}

Server::Handler keepAlive(std::function<bool(Connection&, const Request&)> answer) {
    return [answer = std::move(answer)](Connection& connection) {
        while (auto request = connection.readRequest()) {
            if (!answer(connection, *request)) return;
        }
    };
}

}  // namespace sim
