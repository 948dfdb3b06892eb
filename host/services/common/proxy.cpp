#include "services/common/proxy.hpp"

#include <atomic>
#include <limits>
#include <stdexcept>

namespace host::services {

namespace {

using Clock = std::chrono::steady_clock;
using http::Request;
using http::Response;

// An answer may go on for as long as events do, but nothing goes on for ever: a client that follows
// events comes back by itself and misses nothing.
constexpr std::chrono::hours kLongest{24};
constexpr std::chrono::milliseconds kClientLook{100};

// A repeat of these changes nothing, so a connection that may have been closed meanwhile will do.
bool isRepeatable(const std::string& method) {
    return method == "GET" || method == "HEAD" || method == "PUT" || method == "DELETE";
}

Error errorOf(const HttpResult& result, const std::string& name) {
    switch (result.outcome) {
        case HttpOutcome::Timeout:
            return {ErrorCode::Timeout, "No answer from " + name + ": " + result.message};
        case HttpOutcome::Invalid:
            return {ErrorCode::Validation,
                    "This request cannot be passed on to " + name + ": " + result.message};
        default:
            return {ErrorCode::ServiceUnavailable,
                    "No answer from " + name + ": " + result.message};
    }
}

}  // namespace

bool hasDotSegment(std::string_view path) {
    while (!path.empty()) {
        const std::size_t end = std::min(path.find_first_of("/\\"), path.size());
        const std::string_view segment = path.substr(0, end);
        if (segment == "." || segment == "..") return true;
        path.remove_prefix(std::min(end + 1, path.size()));
    }
    return false;
}

// Outlives the proxy for as long as an answer is under way.
struct ProxyTraffic {
    HttpClient client;
    std::atomic<unsigned> underWay{0};
};

namespace {

// One request on its way, and the answer's rest. Ends the exchange and frees its place.
struct Passage {
    explicit Passage(std::shared_ptr<ProxyTraffic> among) : traffic(std::move(among)) {}
    ~Passage() { traffic->underWay.fetch_sub(1); }
    Passage(const Passage&) = delete;
    Passage& operator=(const Passage&) = delete;

    const std::shared_ptr<ProxyTraffic> traffic;
    std::string body;
    std::unique_ptr<HttpStream> stream;  // uses the body
};

void pass(HttpStream& stream, http::StreamWriter& writer, const std::string& name) {
    const HttpResult result = stream.read(
        Clock::now() + kLongest, [&](std::string_view piece) { return writer.write(piece); });
    if (result.ok() || result.outcome == HttpOutcome::Stopped) return;
    if (result.outcome == HttpOutcome::Cancelled && writer.clientGone()) return;
    throw std::runtime_error("the answer of " + name + " broke off: " + result.message);
}

}  // namespace

Proxy::Proxy(ProxyOptions options)
    : options_(std::move(options)), traffic_(std::make_shared<ProxyTraffic>()) {}

Proxy::~Proxy() = default;

Response Proxy::forward(Request& request, std::string_view target) {
    if (hasDotSegment(request.path)) {
        return Response::error(
            {ErrorCode::Validation, "A path with \".\" or \"..\" in it is not passed on."});
    }
    if (traffic_->underWay.fetch_add(1) >= options_.maxAtOnce) {
        traffic_->underWay.fetch_sub(1);
        Error error{ErrorCode::RefusingWork,
                    "Too many requests to " + options_.name + " at once, try again."};
        error.retryAfterSeconds = 2;
        return Response::error(std::move(error));
    }
    const auto passage = std::make_shared<Passage>(traffic_);
    passage->body = std::move(request.body);

    HttpRequest wanted;
    wanted.method = request.method;
    wanted.url = options_.url;
    wanted.url += target;
    wanted.headers = upstreamHeaders(request, options_.headers);
    wanted.body = passage->body;
    wanted.maxResponseBytes = std::numeric_limits<std::uint64_t>::max();
    wanted.deadline = Clock::now() + options_.answerWithin;
    wanted.idleTimeout = options_.idleLimit;
    wanted.cancelled = request.askClientGone;
    wanted.cancelLook = kClientLook;
    wanted.reuse = isRepeatable(request.method);
    if (httpOrigin(wanted.url) != httpOrigin(options_.url)) {
        return Response::error({ErrorCode::Validation, "This path cannot be passed on."});
    }
    passage->stream = traffic_->client.open(std::move(wanted));

    const HttpResult& result = passage->stream->result();
    if (!result.ok()) return Response::error(errorOf(result, options_.name));
    DownstreamHead head = downstreamHead(passage->stream->headers(), options_.headers);
    Response response;
    response.status = result.status;
    response.headers = std::move(head.headers);
    response.streamLength = head.length;
    response.body = [passage, name = options_.name](http::StreamWriter& writer) {
        pass(*passage->stream, writer, name);
    };
    return response;
}

}  // namespace host::services
