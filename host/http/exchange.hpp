// From a complete request to the bytes of its answer: identity, origin check, route, handler,
// errors in the contract's shape, the access log. Immutable, thread-safe; used by loops and
// workers.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/head_parser.hpp"
#include "http/host_policy.hpp"
#include "http/origin_policy.hpp"
#include "http/outgoing.hpp"
#include "http/route_figures.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace host::http {

class LateReport;

// A request between its arrival and the end of its answer.
struct Call {
    Request request;
    Router::Match match;
    std::string correlationId;  // of its own: handlers may move the request's
    bool keepAlive = true;
    bool http10 = false;
    std::chrono::steady_clock::time_point begun;
};

// An answer ready to send. At most one of `events` and `stream` is set; then `out` is its head.
struct Answer {
    Outgoing out;
    EventStreamStart events;
    StreamBody stream;
    bool chunked = false;  // how `stream` is framed; else by its length or the connection's end
    std::optional<std::uint64_t> streamLength;
    std::uint64_t size = 0;
};

class Exchange {
  public:
    // `metrics` may be null.
    Exchange(const ServerOptions& options, std::shared_ptr<const Router> router,
             std::shared_ptr<MetricsRegistry> metrics);

    // Fills in correlation id, client address and route.
    void prepare(Call& call, const std::string& socketAddress) const;
    Lane lane(const Call& call) const;
    // What the route's quick handler answers, if it has one and that has an answer. On the loop.
    std::optional<Answer> runQuick(Call& call) const;
    // Runs the handler, or what stands in for it.
    Answer run(Call& call) const;
    // The answer without asking a handler.
    Answer refuse(Call& call, int status, Error error) const;
    // One line for the access log, and the figures.
    void log(const Call& call, int status, std::uint64_t bytes) const;

  private:
    // The same for a call that is parked, once it is answered.
    std::unique_ptr<LateReport> lateReport(const Call& call) const;
    Response respond(Call& call) const;
    Answer render(Call& call, Response response) const;

    const std::string name_;
    const std::string forwardSecret_;
    const HostPolicy hosts_;
    const OriginPolicy origins_;
    const std::shared_ptr<const Router> router_;
    const std::shared_ptr<const RouteFigures> figures_;
};

// The code that goes with a status the front itself gives.
ErrorCode codeForStatus(int status);

}  // namespace host::http
