#include "http/response.hpp"

#include <unistd.h>

namespace host::http {

Descriptor::~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
}

Response Response::text(std::string text, std::string contentType, int status) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::move(contentType));
    response.body = std::move(text);
    return response;
}

Response Response::jsonText(std::string text, int status) {
    return Response::text(std::move(text), "application/json", status);
}

Response Response::json(const Json& value, int status) {
    // Bytes that are no UTF-8 come out as U+FFFD instead of as an exception.
    return jsonText(value.dump(-1, ' ', false, Json::error_handler_t::replace), status);
}

Response Response::html(std::string text, int status) {
    return Response::text(std::move(text), "text/html; charset=utf-8", status);
}

Response Response::error(Error error, int status) {
    Response response;
    response.status = status != 0 ? status : httpStatus(error.code);
    if (error.retryAfterSeconds > 0) {
        response.headers.add("Retry-After", std::to_string(error.retryAfterSeconds));
    }
    response.body = std::move(error);
    return response;
}

Response Response::empty(int status) {
    Response response;
    response.status = status;
    return response;
}

Response Response::events(std::shared_ptr<EventSource> source, std::uint64_t cursor) {
    Response response;
    response.headers.add("Content-Type", "text/event-stream");
    response.headers.add("Cache-Control", "no-cache");
    response.headers.add("X-Accel-Buffering", "no");
    response.body = EventStreamStart{std::move(source), cursor};
    return response;
}

Response Response::stream(std::string contentType, StreamBody body, int status) {
    Response response;
    response.status = status;
    response.headers.add("Content-Type", std::move(contentType));
    response.body = std::move(body);
    return response;
}

}  // namespace host::http
