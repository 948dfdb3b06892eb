// A small HTTP server over plain sockets whose handler writes every byte of an answer itself, so
// that it can also break the rules: wrong lengths, cut answers, silence, floods. For simulators and
// tests. Threads: one per connection; the handler is called once per connection, on that thread.
// The destructor of Server wakes every wait, closes all connections and joins. Errors: the
// constructor throws std::system_error; everything else answers false or nullopt.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace sim {

using Milliseconds = std::chrono::milliseconds;

struct Request {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
    std::string body;
    std::int64_t receivedMs = 0;  // epoch milliseconds

    // The first value under a lower-case name; empty when there is none.
    std::string header(std::string_view name) const;
};

std::int64_t epochMs();

class Server;

class Connection {
  public:
    // The next request, or nothing when the peer closed, spoke garbage, was too slow or sent over
    // 32 MiB.
    std::optional<Request> readRequest(Milliseconds timeout = Milliseconds(30000));
    // For what is no HTTP request: the next so many bytes, which stay the next ones until skipped;
    // empty when they do not come in time. Valid until more is read.
    std::string_view peek(std::size_t count, Milliseconds timeout);
    void skip(std::size_t count) { input_.erase(0, count); }
    // False once the peer is gone or the server stops. Bounded by 30 s without progress.
    bool send(std::string_view bytes);
    // A whole answer with Content-Length. extraHeaders: "Name: value\r\n" lines.
    bool reply(int status, std::string_view contentType, std::string_view body,
               std::string_view extraHeaders = {});
    // The head of an answer in chunks, one chunk, and the end of it.
    bool beginChunked(int status, std::string_view contentType);
    bool sendChunk(std::string_view bytes);
    bool endChunked();

    enum class Wait { Elapsed, PeerClosed, Stopping };
    // Waits, but not longer than the peer stays.
    Wait waitFor(Milliseconds time);
    // Waits without looking at the peer, as a program does that is busy with its work.
    Wait workFor(Milliseconds time);

    // Ends the connection with a reset instead of an orderly close.
    void reset();
    // The server refuses new connections from now on; those that stand go on.
    void stopListening();
    int number() const { return number_; }  // 1 for the first connection of the server

  private:
    friend class Server;
    Connection(Server& server, int fd, int number) : server_(server), fd_(fd), number_(number) {}
    bool fill(std::chrono::steady_clock::time_point deadline);

    Server& server_;
    int fd_;
    int number_;
    std::string input_;
};

class Server {
  public:
    using Handler = std::function<void(Connection&)>;

    // port 0: any. The connection is closed when the handler returns.
    explicit Server(Handler handler, std::uint16_t port = 0,
                    const std::string& address = "127.0.0.1");
    ~Server();
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    int connections() const { return accepted_; }

  private:
    friend class Connection;
    struct Worker {
        std::thread thread;
        std::atomic<bool> done{false};
    };
    void stopListening();
    void acceptLoop();
    void serve(Worker& worker, int fd, int number);

    Handler handler_;
    int listenFd_ = -1;
    int refuseFd_ = -1;  // an eventfd: no more connections
    int stopFd_ = -1;    // an eventfd: everything ends
    std::uint16_t port_ = 0;
    std::atomic<int> accepted_{0};
    std::atomic<bool> listening_{true};
    std::mutex mutex_;
    std::list<Worker> workers_;
    std::thread acceptor_;
};

// A handler that reads requests one after the other and answers them until one of the two ends.
// answer returns false to close the connection.
Server::Handler keepAlive(std::function<bool(Connection&, const Request&)> answer);

}  // namespace sim
