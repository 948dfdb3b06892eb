// EventLoop: from bytes to complete requests.
#include <spdlog/spdlog.h>
#include <sys/socket.h>

#include <cerrno>
#include <new>

#include "http/event_loop.hpp"
#include "support/large_pages.hpp"

namespace host::http {

namespace {

// Then the others have their turn.
constexpr std::size_t kReadsPerTurn = 16;
constexpr std::size_t kRequestsPerTurn = 32;
constexpr std::uint64_t kDrainedPerTurn = 4 * 1024 * 1024;
constexpr std::uint64_t kLingerBytes = 64ull << 20;
constexpr std::size_t kEagerReserve = 256 * 1024;
// Before, somebody who sends slowly would take a page of 2 MB for a few bytes.
constexpr std::size_t kLargePagesFrom = 1024 * 1024;
constexpr std::size_t kReserveBeyond = 64;  // room that fast parsers want behind a body

}  // namespace

// Goes on with a connection until it needs something from outside: input, the client's reading, a
// worker. Closes it when it is finished.
void EventLoop::turn(Connection& connection) {
    std::size_t reads = 0;
    std::size_t requests = 0;
    while (true) {
        switch (connection.phase) {
            case Phase::Head:
            case Phase::Body: {
                const Step step = process(connection);
                if (step == Step::Gone) return;
                if (step == Step::Again) {
                    // One client's pipelined requests do not hold up the others.
                    if (connection.phase == Phase::Head && ++requests >= kRequestsPerTurn) {
                        return laterTurn(connection);
                    }
                    continue;
                }
                if (!connection.readable) return;
                if (++reads > kReadsPerTurn) return laterTurn(connection);
                receive(connection);
                continue;
            }
            case Phase::Answering:
                return;
            case Phase::Writing:
                if (!flush(connection)) return;
                continue;
            case Phase::Handover:
                return handOver(connection);
            case Phase::Lingering:
                if (!drain(connection)) return;
                continue;
            case Phase::Broken:
                return close(connection);
        }
    }
}

// Reads once. When there was nothing, `readable` is off or the phase is Broken.
void EventLoop::receive(Connection& connection) {
    const ssize_t got = ::recv(connection.socket, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
    if (got < 0) {
        if (errno == EINTR) return;
        connection.readable = false;
        if (errno != EAGAIN && errno != EWOULDBLOCK) connection.phase = Phase::Broken;
        return;
    }
    if (got == 0) {
        // Nothing more will come, so neither will the rest of a request that has begun.
        connection.phase = Phase::Broken;
        return;
    }
    std::string_view bytes(scratch_.data(), static_cast<std::size_t>(got));
    // Less than asked for: the socket is empty, and epoll reports what comes next. Only the end of
    // input may have come along unseen.
    if (bytes.size() < scratch_.size() && !connection.peerClosed) connection.readable = false;
    if (!connection.account(connection.accounted + bytes.size())) {
        refuse(connection, 503, "too much is being received, try again later");
        return;
    }
    try {
        if (connection.phase == Phase::Head) {
            if (connection.in.empty()) {
                connection.begun = Clock::now();
                connection.deadline = connection.begun + options_.headerDeadline;
            }
        } else {
            bytes.remove_prefix(feedBody(connection, bytes));
        }
        connection.in.append(bytes);
    } catch (const std::bad_alloc&) {
        refuse(connection, 503, "out of memory");
    }
}

// Takes the next step with what was received.
EventLoop::Step EventLoop::process(Connection& connection) {
    return connection.phase == Phase::Head ? takeHead(connection) : takeBody(connection);
}

EventLoop::Step EventLoop::takeHead(Connection& connection) {
    std::string& in = connection.in;
    // Empty lines between requests are tolerated, as the standard asks.
    std::size_t empty = 0;
    while (in.compare(empty, 2, "\r\n") == 0) {
        empty += 2;
    }
    in.erase(0, empty);
    if (in.empty()) return Step::NeedInput;
    const auto found = findHeadEnd(in, connection.scanned);
    if (const auto* refusal = std::get_if<Refusal>(&found)) {
        refuse(connection, refusal->status, refusal->message);
        return Step::Again;
    }
    const std::size_t length = std::get<std::size_t>(found);
    if (length == 0) return Step::NeedInput;
    auto parsed = parseHead(std::string_view(in).substr(0, length));
    if (const auto* refusal = std::get_if<Refusal>(&parsed)) {
        refuse(connection, refusal->status, refusal->message);
        return Step::Again;
    }
    connection.head = std::make_unique<Head>(std::get<Head>(std::move(parsed)));
    in.erase(0, length);
    connection.scanned = 0;
    connection.chunked = {};
    connection.phase = Phase::Body;
    const Head& head = *connection.head;
    if (head.contentLength > options_.maxBodyBytes) {
        refuse(connection, 413, "the request body is too large");
        return Step::Again;
    }
    connection.deadline = Clock::now() + options_.bodyDeadline;
    const bool bodyToCome = head.chunked || in.size() < head.contentLength;
    if (head.expectContinue && bodyToCome) {
        static constexpr std::string_view kGoOn = "HTTP/1.1 100 Continue\r\n\r\n";
        const ssize_t sent =
            ::send(connection.socket, kGoOn.data(), kGoOn.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent != std::ssize(kGoOn)) connection.phase = Phase::Broken;
    }
    in.erase(0, feedBody(connection, in));
    return Step::Again;
}

// Gives the body what belongs to it and returns how much that was.
std::size_t EventLoop::feedBody(Connection& connection, std::string_view bytes) {
    Head& head = *connection.head;
    std::string& body = head.request.body;
    if (head.chunked) return connection.chunked.feed(bytes, body, options_.maxBodyBytes);
    const std::uint64_t left = head.contentLength - body.size();
    const auto part = static_cast<std::size_t>(std::min<std::uint64_t>(left, bytes.size()));
    if (body.size() + part > body.capacity()) {
        // A large body gets its room at once, but only after a part of it has really come; what has
        // not come yet takes no memory.
        const std::uint64_t grown =
            body.size() + part >= kEagerReserve
                ? head.contentLength + kReserveBeyond
                : std::max<std::uint64_t>(body.size() + part, 2 * body.capacity());
        body.reserve(
            static_cast<std::size_t>(std::min(grown, head.contentLength + kReserveBeyond)));
    }
    const bool wasSmall = body.size() < kLargePagesFrom;
    body.append(bytes.substr(0, part));
    if (wasSmall && body.size() >= kLargePagesFrom) {
        preferLargePages(body.data() + body.size(), body.capacity() - body.size());
    }
    return part;
}

EventLoop::Step EventLoop::takeBody(Connection& connection) {
    const Head& head = *connection.head;
    if (head.chunked) {
        const auto state = connection.chunked.state();
        if (state == ChunkedDecoder::State::Malformed) {
            refuse(connection, 400, "malformed chunked body");
            return Step::Again;
        }
        if (state == ChunkedDecoder::State::TooLong) {
            refuse(connection, 413, "the request body is too large");
            return Step::Again;
        }
        if (state != ChunkedDecoder::State::Done) return Step::NeedInput;
    } else if (head.request.body.size() < head.contentLength) {
        return Step::NeedInput;
    }
    connection.deadline = Clock::time_point::max();
    return dispatch(connection);
}

// Answers without a handler, then ends the connection: what follows cannot be trusted or is
// unwanted.
void EventLoop::refuse(Connection& connection, int status, std::string message) {
    Call call;
    if (connection.head) {
        call.request = std::move(connection.head->request);
        call.http10 = connection.head->http10;
    } else {
        call.request.correlationId = correlationIdIn(connection.in);
    }
    call.begun = connection.begun;
    call.request.localPort = port_;
    connection.head.reset();
    connection.in.clear();
    connection.scanned = 0;
    connection.account(0);
    connection.lingerAfter = true;
    call.request.body.clear();
    exchange_.prepare(call, connection.address);
    call.keepAlive = false;
    Error error{codeForStatus(status), std::move(message)};
    if (status == 503) error.retryAfterSeconds = 1;
    front_.countRequest();
    takeAnswer(connection, exchange_.refuse(call, status, std::move(error)));
}

void EventLoop::linger(Connection& connection) {
    connection.phase = Phase::Lingering;
    connection.lingerLeft = kLingerBytes;
    connection.deadline = Clock::now() + options_.lingerLimit;
    connection.readable = true;
    ::shutdown(connection.socket, SHUT_WR);
}

// Reads and forgets. False: wait for more.
bool EventLoop::drain(Connection& connection) {
    for (std::uint64_t total = 0; total < kDrainedPerTurn;) {
        const ssize_t got =
            ::recv(connection.socket, scratch_.data(), scratch_.size(), MSG_DONTWAIT);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            connection.readable = false;
            return false;
        }
        const auto part = static_cast<std::uint64_t>(std::max<ssize_t>(got, 0));
        if (got <= 0 || part >= connection.lingerLeft) {
            connection.phase = Phase::Broken;
            return true;
        }
        connection.lingerLeft -= part;
        total += part;
    }
    laterTurn(connection);
    return false;
}

}  // namespace host::http
