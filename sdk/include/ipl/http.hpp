/*
 * HttpClient: the host's HTTP client. Deadline, cancel, X-Correlation-ID and connection reuse come
 * with it. A light handle, copied freely and safe on any thread; each exchange blocks its thread.
 * An answer of any status code is a result; Error means that no whole answer came: kUnavailable
 * (refused, reset, cut off), kTimeout, kCancelled, kTooLarge, kInvalidArgument (URL).
 */
#pragma once

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ipl/host.hpp"

#pragma GCC visibility push(hidden)
namespace ipl {
inline namespace v1_0 {

using Headers = std::vector<std::pair<std::string, std::string>>;

/* As the host interfaces take them: "Name: value" lines. Throws Error kInvalidArgument for a line
 * break in one. */
inline std::string headerLines(const Headers& headers) {
    std::string lines;
    for (const auto& [name, value] : headers) {
        if ((name + value).find_first_of("\r\n") != std::string::npos) {
            throw Error(Status::kInvalidArgument, "line break in an HTTP header");
        }
        lines.append(name).append(": ").append(value).append("\n");
    }
    return lines;
}

struct HttpRequest {
    std::string method = "GET";
    std::string url = {};
    Headers headers = {};
    std::string_view body = {};
    uint64_t maxResponse = 64ULL << 20;          /* bytes of body */
    std::chrono::milliseconds timeout{0};        /* 0 = until the call's deadline */
    std::chrono::milliseconds connectTimeout{0}; /* 0 = 5 s */
    std::chrono::milliseconds idleTimeout{0};    /* between bytes of the answer; 0 = none */
    bool reuseConnection = true;
    bool afterCancel = false; /* goes out although the call is cancelled; 2 s at most */
};

struct HttpResponse {
    int status = 0;
    std::string headers = {}; /* "name: value" lines, names in lower case */
    std::string body = {};    /* empty after stream() */
    bool complete = false;    /* false: the receiver ended the exchange early */

    bool ok() const { return status >= 200 && status < 300; }
    /* The first header of that name, in any case, without blanks around the value. */
    std::optional<std::string_view> header(std::string_view name) const {
        std::string_view rest = headers;
        while (!rest.empty()) {
            const std::string_view line = rest.substr(0, rest.find('\n'));
            rest.remove_prefix(std::min(rest.size(), line.size() + 1));
            const size_t colon = line.find(':');
            if (colon != std::string_view::npos && same(line.substr(0, colon), name)) {
                return trimmed(line.substr(colon + 1));
            }
        }
        return std::nullopt;
    }

  private:
    static char lower(char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    static bool same(std::string_view a, std::string_view b) {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](char x, char y) { return lower(x) == lower(y); });
    }
    static std::string_view trimmed(std::string_view text) {
        constexpr std::string_view kBlank = " \t\r";
        const size_t first = text.find_first_not_of(kBlank);
        if (first == std::string_view::npos) return {};
        return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
    }
};

class HttpClient {
  public:
    /* false ends the exchange; an exception ends it too and comes out of stream(). */
    using OnHeaders = std::function<bool(const HttpResponse&)>;
    using OnBody = std::function<bool(std::string_view)>;

    /* Throws Error kUnsupported when the host has no HTTP client. */
    explicit HttpClient(const Host& host)
        : host_(host.raw()),
          http_(static_cast<const ipl_host_http*>(host.interface(IPL_HOST_HTTP))) {
        if (http_ == nullptr) throw Error(Status::kUnsupported, "this host has no HTTP client");
    }

    HttpResponse get(const Call& call, std::string url, Headers headers = {}) const {
        HttpRequest request;
        request.url = std::move(url);
        request.headers = std::move(headers);
        return perform(call, request);
    }

    HttpResponse post(const Call& call, std::string url, std::string_view body,
                      Headers headers = {{"Content-Type", "application/json"}}) const {
        HttpRequest request;
        request.method = "POST";
        request.url = std::move(url);
        request.headers = std::move(headers);
        request.body = body;
        return perform(call, request);
    }

    /* Collects the body; one above request.maxResponse is Error kTooLarge. */
    HttpResponse perform(const Call& call, const HttpRequest& request) const {
        std::string body;
        HttpResponse response = stream(call, request, [&](std::string_view piece) {
            if (piece.size() > request.maxResponse - body.size()) {
                throw Error(Status::kTooLarge, "the answer is too large");
            }
            body.append(piece);
            return true;
        });
        response.body = std::move(body);
        return response;
    }

    /* Hands over the body piece by piece, on this thread, after the status and headers. */
    HttpResponse stream(const Call& call, const HttpRequest& request, const OnBody& onBody,
                        const OnHeaders& onHeaders = {}) const {
        const std::string headers = headerLines(request.headers);
        ipl_http_request raw{};
        raw.struct_size = sizeof(raw);
        raw.flags = request.reuseConnection ? 0U : static_cast<uint32_t>(IPL_HTTP_NO_REUSE);
        if (request.afterCancel) raw.flags |= static_cast<uint32_t>(IPL_HTTP_AFTER_CANCEL);
        raw.method = spanOf(std::string_view(request.method));
        raw.url = spanOf(std::string_view(request.url));
        raw.headers = spanOf(std::string_view(headers));
        raw.body = spanOf(request.body);
        raw.max_response = request.maxResponse;
        raw.timeout_ms = request.timeout.count();
        raw.connect_timeout_ms = request.connectTimeout.count();
        raw.idle_timeout_ms = request.idleTimeout.count();

        Receiver receiver{onBody, onHeaders, {}, {}, false};
        ipl_http_sink sink{};
        sink.struct_size = sizeof(sink);
        sink.ctx = &receiver;
        sink.on_headers = &Receiver::takeHeaders;
        sink.on_body = &Receiver::takeBody;
        const ipl_status status = http_->perform(host_, call.raw(), &raw, &sink);
        if (receiver.thrown) std::rethrow_exception(receiver.thrown);
        if (!receiver.ended) throwOnError(status);
        receiver.response.complete = !receiver.ended;
        return std::move(receiver.response);
    }

  private:
    struct Receiver {
        const OnBody& onBody;
        const OnHeaders& onHeaders;
        HttpResponse response;
        std::exception_ptr thrown;
        bool ended;

        /* No exception may cross the host: it waits here until perform is back. */
        template <class F>
        ipl_status take(F&& function) noexcept {
            try {
                if (function()) return IPL_OK;
                ended = true;
            } catch (...) {
                thrown = std::current_exception();
            }
            return IPL_E_CANCELLED;
        }
        static ipl_status takeHeaders(void* self, int32_t status, ipl_span headers) noexcept {
            auto& receiver = *static_cast<Receiver*>(self);
            return receiver.take([&] {
                receiver.response.status = status;
                receiver.response.headers = viewOf(headers);
                return !receiver.onHeaders || receiver.onHeaders(receiver.response);
            });
        }
        static ipl_status takeBody(void* self, ipl_span bytes) noexcept {
            auto& receiver = *static_cast<Receiver*>(self);
            return receiver.take(
                [&] { return !receiver.onBody || receiver.onBody(viewOf(bytes)); });
        }
    };

    const ipl_host* host_;
    const ipl_host_http* http_;
};

}  // namespace v1_0
}  // namespace ipl
#pragma GCC visibility pop
