// One client connection of an EventLoop. All members belong to the loop's thread while `owner` is
// Loop, and to the worker that answers while it is Worker or WorkerNoticed; the atomic hands them
// across. The socket closes with the last reference.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "http/chunked.hpp"
#include "http/exchange.hpp"
#include "http/front.hpp"

namespace host::http {

enum class Phase {
    Head,       // waiting for a request, or in its head
    Body,       // in its body
    Answering,  // a worker has it
    Writing,    // the rest of an answer waits for the client
    Handover,   // becomes an event stream
    Lingering,  // answered and shut; reading on so that the client sees the answer
    Broken,     // to be closed
};

enum class Owner {
    Loop,
    Worker,
    WorkerNoticed,  // something waits for the loop: the worker must hand the connection back by the
                    // queue
};

struct Connection {
    using Clock = std::chrono::steady_clock;

    Connection(int fd, Front& sharedFront, std::string clientAddress)
        : socket(fd), front(sharedFront), address(std::move(clientAddress)) {}
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    // Makes the share of the global byte bound what it must be. False: over the bound, nothing
    // changed.
    bool account(std::uint64_t bytes);

    int socket;
    Front& front;
    const std::string address;
    std::size_t slot = 0;  // in the loop's list
    std::atomic<Owner> owner{Owner::Loop};
    Phase phase = Phase::Head;

    // Set and cleared by the loop alone, also while a worker owns the rest.
    bool readable = false;
    bool peerClosed = false;
    bool queuedForTurn = false;

    std::string in;  // received, not yet part of a request's body
    std::size_t scanned = 0;
    std::unique_ptr<Head> head;  // of the request whose body is coming
    ChunkedDecoder chunked;
    std::uint64_t accounted = 0;
    Clock::time_point begun{};     // of the request that is coming or being answered
    Clock::time_point deadline{};  // of the phase
    bool lingerAfter = false;
    std::uint64_t lingerLeft = 0;

    Outgoing out;
    Clock::time_point progress{};  // of the answer
    EventStreamStart events;       // for Handover
    bool wantsWorker = false;      // the rest of a file found the worker queue full
};

}  // namespace host::http
