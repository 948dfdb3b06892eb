// One listening port. A single epoll thread accepts, receives heads and whole bodies under absolute
// deadlines, and flushes what clients are slow to take; only complete requests reach a worker, so
// slow, idle and silent connections hold no thread. Several servers may share one Front.
//
// Every answer carries X-Correlation-ID, and every error the contract's JSON. A request whose
// Origin is neither its own Host nor listed is refused: 403 with the shape and code of a
// VALIDATION_ERROR.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "http/front.hpp"
#include "http/router.hpp"
#include "support/error.hpp"

namespace host::http {

// What one of our own services sends along with a client's request; see forwardSecret.
inline constexpr std::string_view kForwardedForHeader = "X-Forwarded-For";
inline constexpr std::string_view kForwardSecretHeader = "X-Forward-Secret";

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;                   // 0: any free one, see port()
    std::string name = "http";                // for the log
    std::uint64_t maxBodyBytes = 20971520;    // beyond it 413
    std::vector<std::string> allowedOrigins;  // such as "http://host:8080"; "*" for all
    std::vector<std::string> allowedHosts;    // see HostPolicy; empty: any
    // When set, a request with this value in X-Forward-Secret is from one of our own services and
    // its X-Forwarded-For names the client. Both headers are hidden from handlers.
    std::string forwardSecret;

    std::chrono::milliseconds headerDeadline{
        10'000};  // from a request's first byte to its head's end
    std::chrono::milliseconds bodyDeadline{60'000};  // from the head's end to the body's
    std::chrono::milliseconds idleLimit{60'000};     // without a request
    std::chrono::milliseconds writeStall{30'000};    // an answer that makes no progress
    std::chrono::milliseconds writeTotal{600'000};   // and altogether, plus its size at 32 KiB/s
    std::chrono::milliseconds lingerLimit{3'000};    // reading on after a refused body
};

class Server {
  public:
    // Binds, listens and starts to serve. Fails with a message that names address and port.
    static Result<std::unique_ptr<Server>> start(ServerOptions options, Front& front,
                                                 std::shared_ptr<const Router> router);
    ~Server();  // stops without grace
    Server(const Server&) = delete;
    Server& operator=(const Server&) = delete;

    std::uint16_t port() const;

    // Stops accepting, closes idle connections, lets begun requests finish within `grace`, closes
    // the rest. Blocks at most a little longer than `grace`. Event streams end with Front::stop().
    void stop(std::chrono::milliseconds grace);

  private:
    class Impl;
    explicit Server(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace host::http
