#include "http/exchange.hpp"

#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeFormatter.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Timestamp.h>
#include <spdlog/spdlog.h>

#include <ctime>
#include <new>

#include "http/error_text.hpp"
#include "http/late_answer.hpp"
#include "http/text.hpp"
#include "support/ids.hpp"
#include "support/secret.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

constexpr int kOutOfMemoryRetrySeconds = 5;

using Clock = std::chrono::steady_clock;

// The Date header's value, made once a second by each thread.
const std::string& httpDate() {
    thread_local std::time_t second = 0;
    thread_local std::string text;
    if (const std::time_t now = std::time(nullptr); now != second) {
        second = now;
        text = Poco::DateTimeFormatter::format(Poco::Timestamp::fromEpochTime(now),
                                               Poco::DateTimeFormat::HTTP_FORMAT);
    }
    return text;
}

void addField(std::string& head, std::string_view name, std::string_view value) {
    head += name;
    head += ": ";
    const std::size_t begin = head.size();
    head += value;
    // A value that came from outside must not begin a line of its own.
    for (std::size_t i = begin; i < head.size(); ++i) {
        if (head[i] == '\r' || head[i] == '\n' || head[i] == '\0') head[i] = ' ';
    }
    head += "\r\n";
}

bool isBodiless(int status) {
    return status == 204 || status == 304 || status < 200;
}

void logCall(const std::string& server, const RouteFigures& figures, const Call& call, int status,
             std::uint64_t bytes) {
    const std::chrono::duration<double, std::milli> took = Clock::now() - call.begun;
    figures.answered(call.match.route, status, took);
    const bool quiet =
        status < 400 && (call.request.method == "GET" || call.request.method == "HEAD");
    const auto level = quiet ? spdlog::level::debug : spdlog::level::info;
    if (!spdlog::should_log(level)) return;
    // A path is text from outside; it holds no control characters, see the parser.
    spdlog::log(level, "[{}] {} {} {} {} {} bytes {:.1f} ms {}", call.correlationId, server,
                call.request.method.empty() ? "-" : call.request.method,
                call.request.path.empty() ? "-" : call.request.path, status, bytes, took.count(),
                call.request.clientAddress);
}

}  // namespace

ErrorCode codeForStatus(int status) {
    switch (status) {
        case 404:
            return ErrorCode::NotFound;
        case 405:
            return ErrorCode::MethodNotAllowed;
        case 413:
            return ErrorCode::PayloadTooLarge;
        case 408:
            return ErrorCode::Timeout;
        case 503:
            return ErrorCode::RefusingWork;
        default:
            return status >= 500 && status != 501 && status != 505 ? ErrorCode::Internal
                                                                   : ErrorCode::Validation;
    }
}

Exchange::Exchange(const ServerOptions& options, std::shared_ptr<const Router> router,
                   std::shared_ptr<MetricsRegistry> metrics)
    : name_(options.name),
      forwardSecret_(options.forwardSecret),
      hosts_(options.allowedHosts),
      origins_(options.allowedOrigins),
      router_(std::move(router)),
      figures_(std::make_shared<RouteFigures>(std::move(metrics), options.name, *router_)) {}

void Exchange::prepare(Call& call, const std::string& socketAddress) const {
    Request& request = call.request;
    const std::string* sent = request.headers.find("X-Correlation-ID");
    // That of a refused request is there already, but nobody looked at it.
    if (!isSaneCorrelationId(request.correlationId)) {
        request.correlationId =
            sent != nullptr && isSaneCorrelationId(*sent) ? *sent : newCorrelationId();
    }
    call.correlationId = request.correlationId;
    request.clientAddress = socketAddress;
    if (const std::string* secret = request.headers.find(kForwardSecretHeader)) {
        const std::string* forwarded = request.headers.find(kForwardedForHeader);
        if (!forwardSecret_.empty() && sameSecret(*secret, forwardSecret_) &&
            forwarded != nullptr) {
            const std::string_view first =
                trimmed(std::string_view(*forwarded).substr(0, forwarded->find(',')));
            if (!first.empty() && first.size() <= 64) request.clientAddress = first;
        }
        request.headers.erase(kForwardSecretHeader);
    }
    request.headers.erase(kForwardedForHeader);
    if (request.path.empty()) return;  // a head that was refused
    call.match = router_->match(request.method, request.path);
    request.pathParams = call.match.pathParams;
    request.legacy = call.match.route != nullptr && call.match.route->legacy;
}

Lane Exchange::lane(const Call& call) const {
    return call.match.route != nullptr ? call.match.route->options.lane : Lane::Loop;
}

Response Exchange::respond(Call& call) const {
    Request& request = call.request;
    if (auto response = hosts_.check(request)) return std::move(*response);
    if (auto response = origins_.check(request, call.match.allow)) return std::move(*response);
    if (call.match.route != nullptr) {
        try {
            return call.match.route->handler(request);
        } catch (const std::bad_alloc&) {
            spdlog::error("[{}] {} {}: no memory left", call.correlationId, request.method,
                          request.path);
            return Response::error({.code = ErrorCode::RefusingWork,
                                    .message = "the host has no memory left; try again later",
                                    .retryAfterSeconds = kOutOfMemoryRetrySeconds});
        } catch (const std::exception& fault) {
            spdlog::error("[{}] {} {}: {}", call.correlationId, request.method, request.path,
                          fault.what());
        } catch (...) {
            spdlog::error("[{}] {} {}: unknown exception", call.correlationId, request.method,
                          request.path);
        }
        return Response::error({ErrorCode::Internal, "internal error"});
    }
    if (call.match.allow.empty()) {
        return Response::error({ErrorCode::NotFound, "no such route"});
    }
    Response response =
        Response::error({ErrorCode::MethodNotAllowed, "this path does not take that method"});
    response.headers.add("Allow", call.match.allow);
    return response;
}

std::optional<Answer> Exchange::runQuick(Call& call) const {
    const Router::Route* route = call.match.route;
    if (route == nullptr || !route->options.quick) return std::nullopt;
    // As run() will find.
    if (hosts_.check(call.request)) return std::nullopt;
    if (origins_.check(call.request, call.match.allow)) return std::nullopt;
    try {
        auto response = route->options.quick(call.request);
        if (response) return render(call, std::move(*response));
    } catch (const std::exception& fault) {
        spdlog::error("[{}] no quick answer: {}", call.correlationId, fault.what());
    }
    return std::nullopt;
}

Answer Exchange::run(Call& call) const {
    // Rendering can fail too: a body of broken JSON values, or no memory.
    try {
        return render(call, respond(call));
    } catch (const std::exception& fault) {
        spdlog::error("[{}] cannot render the answer: {}", call.correlationId, fault.what());
        return render(call, Response::error({ErrorCode::Internal, "internal error"}));
    }
}

Answer Exchange::refuse(Call& call, int status, Error error) const {
    call.keepAlive = call.keepAlive && status == 503;
    return render(call, Response::error(std::move(error), status));
}

Answer Exchange::render(Call& call, Response response) const {
    Answer answer;
    const bool isHead = call.request.method == "HEAD";
    if (const auto* error = std::get_if<Error>(&response.body)) {
        response.headers.set("Content-Type", "application/json");
        answer.out.body = errorText(*error, response.status, call.correlationId, call.request.path);
        answer.size = answer.out.body.size();
    } else if (auto* text = std::get_if<std::string>(&response.body)) {
        answer.out.body = std::move(*text);
        answer.size = answer.out.body.size();
    } else if (auto* file = std::get_if<FileBody>(&response.body)) {
        answer.out.file = std::move(*file);
        answer.size = answer.out.file.length;
    } else if (auto* events = std::get_if<EventStreamStart>(&response.body)) {
        answer.events = std::move(*events);
        call.keepAlive = false;
    } else if (auto* stream = std::get_if<StreamBody>(&response.body)) {
        answer.stream = std::move(*stream);
        answer.streamLength = response.streamLength;
        answer.chunked = !call.http10 && !answer.streamLength;
        if (call.http10) call.keepAlive = false;
    }
    const bool sized = !answer.events.source && !answer.stream;
    origins_.decorate(call.request, response.headers);
    if (call.request.legacy) response.headers.set("X-API-Deprecated", "true");

    std::string& head = answer.out.head;
    head.reserve(384 + (answer.out.body.size() < 4096 ? answer.out.body.size() : 0));
    head += "HTTP/1.1 ";
    head += std::to_string(response.status);
    head += ' ';
    head += Poco::Net::HTTPResponse::getReasonForStatus(
        static_cast<Poco::Net::HTTPResponse::HTTPStatus>(response.status));
    head += "\r\n";
    // A late answer begins with a status of its own.
    auto* late = dynamic_cast<LateAnswer*>(answer.events.source.get());
    if (late != nullptr) {
        head.clear();
    } else {
        addField(head, "Date", httpDate());
    }
    for (const auto& [name, value] : response.headers) {
        // How the body is framed is the front's business, whatever a proxy copied.
        if (iequals(name, "Content-Length") || iequals(name, "Transfer-Encoding") ||
            iequals(name, "Connection") || iequals(name, "X-Correlation-ID") ||
            iequals(name, "Date") || iequals(name, "Keep-Alive")) {
            continue;
        }
        addField(head, name, value);
    }
    addField(head, "X-Correlation-ID", call.correlationId);
    if (isBodiless(response.status)) {
        answer.out.body.clear();
        answer.out.file = {};
        answer.size = 0;
    } else if (sized) {
        addField(head, "Content-Length", std::to_string(answer.size));
    } else if (answer.streamLength) {
        addField(head, "Content-Length", std::to_string(*answer.streamLength));
    } else if (answer.chunked) {
        addField(head, "Transfer-Encoding", "chunked");
    }
    if (!call.keepAlive) {
        addField(head, "Connection", "close");
    } else if (call.http10) {
        addField(head, "Connection", "keep-alive");
    }
    if (late != nullptr) {
        late->begin(std::exchange(head, {}), lateReport(call));
        answer.out.close = true;
        return answer;
    }
    head += "\r\n";
    if (isHead || isBodiless(response.status)) {
        answer.out.body.clear();
        answer.out.file = {};
        answer.events = {};
        answer.stream = nullptr;
        answer.size = 0;
    }
    // One small piece is cheaper to send than two.
    if (!answer.out.body.empty() && answer.out.body.size() < 4096) {
        head += answer.out.body;
        answer.out.body.clear();
    }
    answer.out.close = !call.keepAlive;
    log(call, response.status, answer.size);
    return answer;
}

std::unique_ptr<LateReport> Exchange::lateReport(const Call& call) const {
    auto kept = std::make_shared<Call>();
    kept->request.method = call.request.method;
    kept->request.path = call.request.path;
    kept->request.clientAddress = call.request.clientAddress;
    kept->match.route = call.match.route;
    kept->correlationId = call.correlationId;
    kept->begun = call.begun;
    // The call may outlive the server that took it.
    return std::make_unique<LateReport>(
        [router = router_, figures = figures_, name = name_, kept](
            int status, std::uint64_t bytes) { logCall(name, *figures, *kept, status, bytes); });
}

void Exchange::log(const Call& call, int status, std::uint64_t bytes) const {
    logCall(name_, *figures_, call, status, bytes);
}

}  // namespace host::http
