#include "http/event_loop.hpp"

#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace host::http {

namespace {

constexpr std::size_t kScratchBytes = 128 * 1024;
constexpr std::chrono::milliseconds kTick{100};  // how exact deadlines are

void addToEpoll(int epoll, int fd, std::uint32_t events, void* data) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = data;
    if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

}  // namespace

Connection::~Connection() {
    account(0);
    if (socket < 0) return;  // it became an event stream, which counts on
    ::close(socket);
    front.dropConnection();
}

bool Connection::account(std::uint64_t bytes) {
    if (bytes > accounted && !front.addBytes(bytes - accounted)) return false;
    if (bytes < accounted) front.dropBytes(accounted - bytes);
    accounted = bytes;
    return true;
}

EventLoop::EventLoop(ServerOptions options, Front& front, std::shared_ptr<const Router> router,
                     Poco::Net::ServerSocket listener)
    : options_(std::move(options)),
      front_(front),
      exchange_(options_, std::move(router), front.metrics()),
      port_(listener.address().port()),
      listener_(std::move(listener)),
      scratch_(kScratchBytes) {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    wakeup_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    spare_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (epoll_ < 0 || wakeup_ < 0) {
        throw std::system_error(errno, std::generic_category(), "epoll");
    }
    addToEpoll(epoll_, wakeup_, EPOLLIN, &wakeup_);
    addToEpoll(epoll_, listener_->impl()->sockfd(), EPOLLIN, &listener_);
}

EventLoop::~EventLoop() {
    for (const int fd : {epoll_, wakeup_, spare_}) {
        if (fd >= 0) ::close(fd);
    }
}

void EventLoop::wake() {
    if (wakePending_.exchange(true)) return;
    const std::uint64_t one = 1;
    // Can only fail when the counter is full, and then the loop is awake anyway.
    [[maybe_unused]] const ssize_t ignored = ::write(wakeup_, &one, sizeof one);
}

void EventLoop::stop(std::chrono::milliseconds grace) {
    graceEnd_ = (Clock::now() + grace).time_since_epoch().count();
    stopping_.store(true, std::memory_order_release);
    wake();
}

void EventLoop::run() {
    std::array<epoll_event, 256> events;
    while (true) {
        const bool idle = connections_.empty() && !stopping() && !acceptPaused_;
        const int timeout = !turns_.empty() ? 0 : idle ? -1 : static_cast<int>(kTick.count());
        const int count =
            ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout);
        if (count < 0 && errno != EINTR) {
            spdlog::critical("{}: epoll_wait: {}", options_.name, std::strerror(errno));
            break;
        }
        for (int i = 0; i < count; ++i) {
            const epoll_event& event = events[static_cast<std::size_t>(i)];
            if (event.data.ptr == &wakeup_) {
                std::uint64_t ignored = 0;
                [[maybe_unused]] const ssize_t got = ::read(wakeup_, &ignored, sizeof ignored);
                wakePending_.store(false);
                takeReturned();
            } else if (event.data.ptr == &listener_) {
                acceptSome();
            } else {
                onEvent(*static_cast<Connection*>(event.data.ptr), event.events);
            }
        }
        for (const Pointer& connection : std::exchange(turns_, {})) {
            connection->queuedForTurn = false;
            if (connection->owner.load(std::memory_order_acquire) == Owner::Loop) turn(*connection);
        }
        if (const auto now = Clock::now(); now >= nextSweep_ || stopping()) {
            nextSweep_ = now + kTick;
            sweep();
        }
        closed_.clear();
        if (stopping() &&
            (connections_.empty() || Clock::now().time_since_epoch().count() >= graceEnd_)) {
            break;
        }
    }
    listener_.reset();
    {
        MutexLock lock(mutex_);
        ended_ = true;
        returned_.clear();
    }
    // Handlers that still run find their client gone; the sockets close when they end.
    for (const Pointer& connection : connections_)
        ::shutdown(connection->socket, SHUT_RDWR);
    connections_.clear();
    turns_.clear();
}

void EventLoop::onEvent(Connection& connection, std::uint32_t events) {
    if ((events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) {
        connection.readable = true;
        if ((events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0) connection.peerClosed = true;
        // The worker that has it must hand it back by the queue, so that this is looked at.
        Owner expected = Owner::Worker;
        if (connection.owner.compare_exchange_strong(expected, Owner::WorkerNoticed)) return;
        if (expected == Owner::WorkerNoticed) return;
    } else if (connection.owner.load(std::memory_order_acquire) != Owner::Loop) {
        return;
    }
    if (connection.phase != Phase::Broken) turn(connection);
}

void EventLoop::laterTurn(Connection& connection) {
    if (std::exchange(connection.queuedForTurn, true)) return;
    turns_.push_back(pointer(connection));
}

void EventLoop::takeReturned() {
    std::vector<Pointer> returned;
    {
        MutexLock lock(mutex_);
        returned.swap(returned_);
    }
    for (const Pointer& connection : returned) {
        connection->owner.store(Owner::Loop, std::memory_order_relaxed);
        turn(*connection);
    }
}

void EventLoop::sweep() {
    const auto now = Clock::now();
    if (stopping() && listener_) {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_->impl()->sockfd(), nullptr);
        listener_.reset();
    }
    if (acceptPaused_ && listener_) {
        acceptPaused_ = false;
        addToEpoll(epoll_, listener_->impl()->sockfd(), EPOLLIN, &listener_);
    }
    // From the back: closing moves the last connection into the gap.
    for (std::size_t i = connections_.size(); i-- > 0;) {
        if (i >= connections_.size()) continue;
        Connection& connection = *connections_[i];
        if (connection.owner.load(std::memory_order_acquire) == Owner::Loop) {
            checkDeadline(connection, now);
        }
    }
}

void EventLoop::checkDeadline(Connection& connection, Clock::time_point now) {
    if (connection.wantsWorker) {
        connection.wantsWorker = false;
        turn(connection);
        return;
    }
    const bool idle = connection.phase == Phase::Head && connection.in.empty();
    const bool stalled =
        connection.phase == Phase::Writing && now >= connection.progress + options_.writeStall;
    if (idle && stopping()) return close(connection);
    if (now < connection.deadline && !stalled) return;
    if (connection.phase == Phase::Head && !idle) {
        refuse(connection, 408, "the request head did not arrive in time");
    } else if (connection.phase == Phase::Body) {
        refuse(connection, 408, "the request body did not arrive in time");
    } else {
        return close(connection);
    }
    turn(connection);
}

void EventLoop::close(Connection& connection) {
    const std::size_t slot = connection.slot;
    if (slot >= connections_.size() || connections_[slot].get() != &connection) return;
    connection.phase = Phase::Broken;
    if (connection.socket >= 0) {
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.socket, nullptr);
        ::shutdown(connection.socket, SHUT_RDWR);
    }
    closed_.push_back(std::move(connections_[slot]));
    if (slot + 1 != connections_.size()) {
        connections_[slot] = std::move(connections_.back());
        connections_[slot]->slot = slot;
    }
    connections_.pop_back();
}

}  // namespace host::http
