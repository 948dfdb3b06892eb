// EventLoop: from complete requests to answers, on the loop itself or on workers.
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "http/event_loop.hpp"
#include "http/socket_stream.hpp"

namespace host::http {

namespace {

constexpr std::uint64_t kFileBytesPerTask = 4 * 1024 * 1024;
constexpr std::uint64_t kSlowestBytesPerSecond = 32 * 1024;

}  // namespace

EventLoop::Step EventLoop::dispatch(Connection& connection) {
    auto call = std::make_shared<Call>();
    Head& head = *connection.head;
    call->request = std::move(head.request);
    call->keepAlive = head.keepAlive && !stopping();
    call->http10 = head.http10;
    call->begun = connection.begun;
    call->request.localPort = port_;
    connection.head.reset();
    if (connection.in.empty()) connection.in = {};  // gives its memory back
    exchange_.prepare(*call, connection.address);
    front_.countRequest();
    const Lane lane = exchange_.lane(*call);
    if (lane == Lane::Loop) {
        takeAnswer(connection, exchange_.run(*call));
        return Step::Again;
    }
    if (auto answer = exchange_.runQuick(*call)) {
        takeAnswer(connection, std::move(*answer));
        return Step::Again;
    }

    giveToWorker(connection);
    call->request.askClientGone = [socket = connection.socket] { return peerClosed(socket); };
    auto task = [self = shared_from_this(), held = pointer(connection), call] {
        self->answerOnWorker(held, *call);
    };
    const bool taken = lane == Lane::Slow ? front_.runOnSlowWorker(std::move(task))
                                          : front_.runOnWorker(std::move(task));
    if (taken) return Step::Gone;
    front_.addWorking(-1);
    connection.owner.store(Owner::Loop, std::memory_order_relaxed);
    Error error{ErrorCode::RefusingWork, "too many requests at once, try again"};
    error.retryAfterSeconds = 1;
    call->request.body = {};
    takeAnswer(connection, exchange_.refuse(*call, 503, std::move(error)));
    return Step::Again;
}

// From here on the loop leaves the connection alone until it comes back.
void EventLoop::giveToWorker(Connection& connection) {
    connection.phase = Phase::Answering;
    front_.addWorking(1);
    // Input that is here already will cause no further event.
    const bool more = connection.readable || !connection.in.empty();
    connection.owner.store(more ? Owner::WorkerNoticed : Owner::Worker, std::memory_order_release);
}

// [worker]
void EventLoop::answerOnWorker(const Pointer& connection, Call& call) {
    try {
        Answer answer = exchange_.run(call);
        call.request.body = {};
        if (answer.stream) {
            const bool whole = runStream(*connection, answer);
            answer.out = {};
            answer.out.close = !whole || !call.keepAlive;
            answer.stream = nullptr;
        }
        takeAnswer(*connection, std::move(answer));
        if (connection->phase == Phase::Writing && connection->out.onlyFileLeft() &&
            connection->out.sendFile(connection->socket, kFileBytesPerTask) == Sent::All) {
            afterAnswer(*connection);
        }
    } catch (const std::exception& fault) {
        spdlog::error("[{}] cannot answer: {}", call.correlationId, fault.what());
        connection->phase = Phase::Broken;
    }
    handBack(connection);
}

// Starts to send. Afterwards the phase says what is to be done next.
void EventLoop::takeAnswer(Connection& connection, Answer answer) {
    if (answer.stream) {
        // A streamed body needs a thread to itself, which the loop is not.
        spdlog::error("{}: a route of Lane::Loop answered with a stream", options_.name);
        connection.phase = Phase::Broken;
        return;
    }
    if (answer.events.source) {
        connection.events = std::move(answer.events);
        connection.out = std::move(answer.out);
        connection.phase = Phase::Handover;
        return;
    }
    connection.out = std::move(answer.out);
    connection.phase = Phase::Writing;
    const Sent sent = connection.out.sendMemory(connection.socket);
    if (sent == Sent::Broken) {
        connection.phase = Phase::Broken;
    } else if (connection.out.done()) {
        afterAnswer(connection);
    } else if (!connection.account(connection.in.size() + connection.out.memory())) {
        // The client is slow and too much waits for slow clients already.
        connection.phase = Phase::Broken;
    } else {
        connection.progress = Clock::now();
        const std::uint64_t bytes = connection.out.memory() + connection.out.file.length;
        connection.deadline = connection.progress + options_.writeTotal +
                              std::chrono::seconds(bytes / kSlowestBytesPerSecond);
    }
}

// [worker] True when the body was sent whole and the connection may go on.
bool EventLoop::runStream(Connection& connection, Answer& answer) {
    SocketStream stream(connection.socket, answer.chunked, answer.streamLength,
                        options_.writeStall);
    if (!stream.writeRaw(answer.out.head)) return false;
    try {
        answer.stream(stream);
        if (stream.finish()) return true;
    } catch (const std::exception& fault) {
        spdlog::error("{}: a streamed answer ended early: {}", options_.name, fault.what());
    }
    stream.cut();
    return false;
}

// Sends what is left. False: the client has to read first, or a worker has it now.
bool EventLoop::flush(Connection& connection) {
    const std::size_t before = connection.out.sent;
    const Sent sent = connection.out.sendMemory(connection.socket);
    if (connection.out.sent != before) connection.progress = Clock::now();
    if (sent == Sent::Broken) {
        connection.phase = Phase::Broken;
    } else if (connection.out.done()) {
        afterAnswer(connection);
    } else if (connection.out.onlyFileLeft()) {
        sendFileOnWorker(connection);
        return false;
    } else {
        return false;
    }
    return true;
}

void EventLoop::afterAnswer(Connection& connection) {
    const bool end = connection.out.close;
    connection.out = {};
    if (end) {
        if (std::exchange(connection.lingerAfter, false)) return linger(connection);
        connection.phase = Phase::Broken;
        return;
    }
    connection.phase = Phase::Head;
    connection.account(connection.in.size());
    const auto now = Clock::now();
    connection.begun = now;
    connection.deadline =
        now + (connection.in.empty() ? options_.idleLimit : options_.headerDeadline);
}

void EventLoop::sendFileOnWorker(Connection& connection) {
    giveToWorker(connection);
    const bool taken = front_.runOnWorker([self = shared_from_this(), held = pointer(connection)] {
        Outgoing& out = held->out;
        const std::uint64_t before = out.file.length;
        const Sent sent = out.sendFile(held->socket, kFileBytesPerTask);
        if (out.file.length != before) held->progress = Clock::now();
        held->phase = sent == Sent::Broken ? Phase::Broken : Phase::Writing;
        if (sent == Sent::All) self->afterAnswer(*held);
        self->handBack(held);
    });
    if (taken) return;
    front_.addWorking(-1);
    connection.owner.store(Owner::Loop, std::memory_order_relaxed);
    connection.phase = Phase::Writing;
    connection.wantsWorker = true;
}

// [worker] Gives the connection back to the loop: silently when the loop has nothing to do with it
// before the next event, else through the queue.
void EventLoop::handBack(const Pointer& connection) {
    front_.addWorking(-1);
    if (connection->phase == Phase::Head && connection->in.empty()) {
        Owner expected = Owner::Worker;
        if (connection->owner.compare_exchange_strong(expected, Owner::Loop)) return;
    }
    {
        MutexLock lock(mutex_);
        if (ended_) return;
        returned_.push_back(connection);
    }
    wake();
}

// The connection leaves the loop and becomes an event stream.
void EventLoop::handOver(Connection& connection) {
    if (!front_.events().reserve()) {
        Call call;
        call.begun = connection.begun;
        connection.events = {};
        Error error{ErrorCode::RefusingWork, "too many event streams"};
        error.retryAfterSeconds = 5;
        exchange_.prepare(call, connection.address);
        call.keepAlive = false;
        takeAnswer(connection, exchange_.refuse(call, 503, std::move(error)));
        return laterTurn(connection);
    }
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.socket, nullptr);
    connection.account(0);
    const int socket = std::exchange(connection.socket, -1);
    front_.events().adopt(socket, std::move(connection.out.head),
                          std::move(connection.events.source), connection.events.cursor,
                          [&front = front_] { front.dropConnection(); });
    close(connection);
}

}  // namespace host::http
