// ipl.host.http/1 over the host's HTTP client.
#include <algorithm>

#include "plugins/abi_text.hpp"
#include "plugins/host_context.hpp"
#include "plugins/network_text.hpp"
#include "plugins/plugin_call.hpp"
#include "support/http_client.hpp"

namespace host::plugins {

namespace {

using std::chrono::milliseconds;

constexpr std::uint64_t kDefaultMaxResponse = std::uint64_t{256} << 20;
constexpr milliseconds kAfterCancel{2000};  // for a request that tells the backend to stop

ipl_status run(const ipl_host* host, PluginCall& call, const ipl_http_request* from,
               const ipl_http_sink* to) {
    if (from == nullptr || to == nullptr || from->struct_size < sizeof(ipl_http_request) ||
        to->struct_size < sizeof(ipl_http_sink)) {
        call.misbehaviour("malformed_http_request");
        return fail(call, IPL_E_INVALID_ARGUMENT, "The HTTP request is malformed.");
    }
    if (!call.isOpen()) {
        call.misbehaviour("call_used_after_return");
        return IPL_E_CANCELLED;
    }
    HttpClient* client = HostContext::of(host).services().http.get();
    if (client == nullptr) {
        return fail(call, IPL_E_UNAVAILABLE, "There is no network in this process.");
    }
    const auto request = checkedCopy(from, from->struct_size);
    const auto sink = checkedCopy(to, to->struct_size);

    HttpRequest http;
    http.method = std::string(viewOf(request.method));
    http.url = std::string(viewOf(request.url));
    http.headers = parseHeaders(viewOf(request.headers), call.correlationId());
    http.body = viewOf(request.body);
    http.maxResponseBytes = request.max_response == 0 ? kDefaultMaxResponse : request.max_response;
    http.deadline = call.deadline();
    if (request.timeout_ms > 0) {
        http.deadline = std::min(
            http.deadline, std::chrono::steady_clock::now() + boundedMs(request.timeout_ms, 0));
    }
    http.connectTimeout = boundedMs(request.connect_timeout_ms, 5000);
    http.idleTimeout = boundedMs(request.idle_timeout_ms, 0);
    if ((request.flags & IPL_HTTP_AFTER_CANCEL) != 0) {
        const auto within =
            std::min(boundedMs(request.timeout_ms, kAfterCancel.count()), kAfterCancel);
        http.deadline = std::chrono::steady_clock::now() + within;
    } else {
        http.cancelFd = call.abi()->cancel_fd;
        http.cancelled = [&call] { return call.cancelled() != IPL_CANCEL_NONE; };
    }
    http.reuse = (request.flags & IPL_HTTP_NO_REUSE) == 0;

    ipl_status stopped = IPL_OK;  // what the sink answered
    const HttpResult result = client->perform(
        http, {.onHeaders =
                   [&](int status, const HttpHeaders& headers) {
                       std::string lines;
                       for (const auto& [name, value] : headers) {
                           lines.append(name).append(": ").append(value).append("\n");
                       }
                       if (sink.on_headers == nullptr) return true;
                       stopped = sink.on_headers(sink.ctx, status, spanOf(lines));
                       return stopped == IPL_OK;
                   },
               .onBody =
                   [&](std::string_view piece) {
                       if (sink.on_body == nullptr) return true;
                       stopped = sink.on_body(sink.ctx, spanOf(piece));
                       return stopped == IPL_OK;
                   }});
    if (result.ok()) return IPL_OK;
    if (result.outcome == HttpOutcome::Stopped) return stopped;
    return fail(call, statusOf(result.outcome), result.message);
}

ipl_status perform(const ipl_host* host, const ipl_call* call, const ipl_http_request* request,
                   const ipl_http_sink* sink) noexcept {
    if (call == nullptr) return IPL_E_INVALID_ARGUMENT;
    try {
        return run(host, PluginCall::of(call), request, sink);
    } catch (const std::bad_alloc&) {
        return IPL_E_OUT_OF_MEMORY;
    } catch (...) {
        return IPL_E_INTERNAL;
    }
}

}  // namespace

const ipl_host_http& hostHttpInterface() {
    static constexpr ipl_host_http kTable{sizeof(ipl_host_http), 0, &perform};
    return kTable;
}

}  // namespace host::plugins
