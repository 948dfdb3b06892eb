// The epoll thread of one server: accepts, receives requests, hands complete ones to workers,
// flushes answers, keeps the deadlines. Kept alive by its server and by the tasks it posted, so a
// handler that outlasts the stop still finds it. Internal to the HTTP floor.
#pragma once

#include <Poco/Net/ServerSocket.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "http/connection.hpp"
#include "http/exchange.hpp"
#include "http/front.hpp"
#include "http/server.hpp"
#include "support/sync.hpp"

namespace host::http {

class EventLoop : public std::enable_shared_from_this<EventLoop> {
  public:
    using Clock = Connection::Clock;
    using Pointer = std::shared_ptr<Connection>;

    // Throws std::system_error when the kernel gives no descriptors.
    EventLoop(ServerOptions options, Front& front, std::shared_ptr<const Router> router,
              Poco::Net::ServerSocket listener);
    ~EventLoop();

    void run();                                  // the thread's function
    void stop(std::chrono::milliseconds grace);  // [any thread] run() returns within about `grace`

  private:
    // accepting.cpp
    void acceptSome();
    bool acceptOne();
    void refuseConnection(int socket);
    void onDescriptorsExhausted();

    // receiving.cpp
    void turn(Connection& connection);
    void receive(Connection& connection);
    enum class Step { Again, NeedInput, Gone };  // Gone: a worker has it, hands off
    Step process(Connection& connection);
    Step takeHead(Connection& connection);
    Step takeBody(Connection& connection);
    std::size_t feedBody(Connection& connection, std::string_view bytes);
    void refuse(Connection& connection, int status, std::string message);
    void linger(Connection& connection);
    bool drain(Connection& connection);

    // answering.cpp
    Step dispatch(Connection& connection);
    void answerOnWorker(const Pointer& connection, Call& call);
    void takeAnswer(Connection& connection, Answer answer);
    bool runStream(Connection& connection, Answer& answer);
    bool flush(Connection& connection);
    void afterAnswer(Connection& connection);
    void sendFileOnWorker(Connection& connection);
    void giveToWorker(Connection& connection);
    void handBack(const Pointer& connection);
    void handOver(Connection& connection);

    // event_loop.cpp
    void wake();
    void takeReturned();
    void sweep();
    void checkDeadline(Connection& connection, Clock::time_point now);
    void onEvent(Connection& connection, std::uint32_t events);
    void laterTurn(Connection& connection);
    void close(Connection& connection);
    bool stopping() const { return stopping_.load(std::memory_order_acquire); }
    Pointer pointer(Connection& connection) { return connections_[connection.slot]; }

    const ServerOptions options_;
    Front& front_;
    const Exchange exchange_;
    const std::uint16_t port_;
    std::optional<Poco::Net::ServerSocket> listener_;
    int epoll_ = -1;
    int wakeup_ = -1;
    int spare_ = -1;  // given up to refuse a connection when descriptors have run out
    bool acceptPaused_ = false;

    std::vector<Pointer> connections_;
    std::vector<Pointer> turns_;   // have more to read than one turn allows
    std::vector<Pointer> closed_;  // kept until the round's events are handled
    std::vector<char> scratch_;
    Clock::time_point nextSweep_{};

    std::atomic<bool> stopping_{false};
    std::atomic<Clock::rep> graceEnd_{0};
    std::atomic<bool> wakePending_{false};
    Mutex mutex_;
    std::vector<Pointer> returned_ IPL_GUARDED_BY(mutex_);
    bool ended_ IPL_GUARDED_BY(mutex_) = false;
};

}  // namespace host::http
