// What a handler answers. The front adds Date, Content-Length, Connection, X-Correlation-ID and the
// cross-origin headers, renders errors in the contract's shape and leaves the body out for HEAD.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "http/event_stream.hpp"
#include "http/fields.hpp"
#include "support/error.hpp"

namespace host::http {

// An open file; closed with the last owner.
class Descriptor {
  public:
    explicit Descriptor(int fd) : fd_(fd) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int get() const { return fd_; }

  private:
    int fd_;
};

struct FileBody {
    std::shared_ptr<const Descriptor> file;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};

struct EventStreamStart {
    std::shared_ptr<EventSource> source;
    std::uint64_t cursor = 0;
};

// Sends parts of a streamed body; used by one thread, the one that runs the stream function.
class StreamWriter {
  public:
    virtual ~StreamWriter() = default;
    // Sends all of it, waiting for the client for a bounded time. False: the client is gone or does
    // not read; stop then.
    virtual bool write(std::string_view part) = 0;
    // The client has closed its side. Asked by producers that wait for an upstream.
    virtual bool clientGone() = 0;
};

// Runs on the worker that ran the handler, after the head was sent, and holds that worker until it
// returns: only for routes on Lane::Slow (see router.hpp). An exception cuts the connection off.
using StreamBody = std::function<void(StreamWriter&)>;

struct Response {
    int status = 200;
    Headers headers;
    std::variant<std::string, Error, FileBody, EventStreamStart, StreamBody> body;
    // Of a StreamBody whose size is known: sent as Content-Length. Writing less or more than that
    // cuts the connection off.
    std::optional<std::uint64_t> streamLength;

    static Response json(const Json& value, int status = 200);
    // JSON that is rendered already.
    static Response jsonText(std::string text, int status = 200);
    // The contract's error object. The status is the code's own unless one is given.
    static Response error(Error error, int status = 0);
    static Response html(std::string text, int status = 200);
    static Response text(std::string text, std::string contentType, int status = 200);
    static Response empty(int status);  // without a body, such as 204 and 304
    static Response events(std::shared_ptr<EventSource> source, std::uint64_t cursor);
    static Response stream(std::string contentType, StreamBody body, int status = 200);
};

}  // namespace host::http
