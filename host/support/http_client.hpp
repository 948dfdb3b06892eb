// A blocking HTTP/1.1 client with a hard end: every exchange is over at its deadline, and within
// milliseconds of a cancel, whatever the server does. Nothing is redirected, decoded or taken from
// the environment; bodies go out with Content-Length, never chunked.
// Threads: perform and fetch may be called from any thread at once. A process that uses https must
// ignore SIGPIPE.
// Ownership: requests and sinks belong to the caller and are used until perform returns.
// Errors: HttpResult says how it ended, and a message for people that names host and port, never
// the path, the credentials or the query.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace host {

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

struct HttpRequest {
    std::string method = "GET";
    std::string url;      // http:// or https://
    HttpHeaders headers;  // Content-Length, Transfer-Encoding and Expect are ours and left out
    std::string_view body;
    std::uint64_t maxResponseBytes = std::uint64_t{256} << 20;
    std::chrono::steady_clock::time_point deadline;  // must be set
    std::chrono::milliseconds connectTimeout{5000};
    std::chrono::milliseconds idleTimeout{0};  // without a byte once the answer began; 0 = none
    int cancelFd = -1;                         // readable = cancelled; -1 = none
    std::function<bool()> cancelled;           // asked as well, where set (also without a cancelFd)
    std::chrono::milliseconds cancelLook{20};  // how often, without a cancelFd
    bool reuse = true;                         // false: a connection of its own, closed afterwards
};

enum class HttpOutcome {
    Ok,           // the answer came in whole, whatever its status code
    Unavailable,  // refused, unknown host, reset, cut off, not HTTP
    Timeout,
    Cancelled,
    TooLarge,  // headers or body over the bound
    Invalid,   // the request itself cannot be sent
    Stopped,   // the sink returned false
};

struct HttpResult {
    HttpOutcome outcome = HttpOutcome::Invalid;
    int status = 0;  // 0 = no answer began
    std::string message;
    bool reusedConnection = false;

    bool ok() const { return outcome == HttpOutcome::Ok; }
};

// Called on the thread of perform: onHeaders once, then every piece of the body. Names are lower
// case. False ends the exchange (Stopped). Either may be empty.
struct HttpSink {
    std::function<bool(int status, const HttpHeaders& headers)> onHeaders;
    std::function<bool(std::string_view piece)> onBody;
};

struct HttpResponse {
    HttpResult result;
    HttpHeaders headers;
    std::string body;

    // The first header of that lower-case name, or "".
    std::string_view header(std::string_view name) const;
};

class CurlPool;

// An answer whose head is here and whose body its owner takes when it is ready to. Used by one
// thread at a time. What is not taken to its end is closed with the object.
class HttpStream {
  public:
    ~HttpStream();
    HttpStream(const HttpStream&) = delete;
    HttpStream& operator=(const HttpStream&) = delete;

    // Ok once the head came; otherwise why not, and there is nothing to read.
    const HttpResult& result() const { return result_; }
    // Names in lower case.
    const HttpHeaders& headers() const;
    // Passes the body on, piece by piece, until its end, the deadline or until `onBody` answers
    // false; the request's idleTimeout and cancel count as well. Once.
    HttpResult read(std::chrono::steady_clock::time_point deadline,
                    std::function<bool(std::string_view piece)> onBody);

  private:
    friend class HttpClient;
    struct Parts;
    explicit HttpStream(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
    HttpResult result_;
};

class HttpClient {
  public:
    // Keeps at most `maxIdle` connections for reuse, all hosts together.
    explicit HttpClient(std::size_t maxIdle = 32);
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    // Streams the answer. A connection from the pool that turns out to be closed by the server
    // before the first byte is replaced by a new one, once.
    HttpResult perform(const HttpRequest& request, const HttpSink& sink);
    // Collects it.
    HttpResponse fetch(const HttpRequest& request);
    // Returns when the head of the answer is there, or will not come: by `request.deadline` at the
    // latest. What `request` points to must outlive the stream; the client need not.
    std::unique_ptr<HttpStream> open(HttpRequest request);

  private:
    std::shared_ptr<CurlPool> pool_;
};

// "host:port" of an http or https URL, or "" when it is not one.
std::string httpOrigin(const std::string& url);

}  // namespace host
