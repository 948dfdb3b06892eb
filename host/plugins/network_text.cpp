#include "plugins/network_text.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace host::plugins {

using std::chrono::milliseconds;

ipl_status statusOf(HttpOutcome outcome) {
    switch (outcome) {
        case HttpOutcome::Ok:
            return IPL_OK;
        case HttpOutcome::Unavailable:
            return IPL_E_UNAVAILABLE;
        case HttpOutcome::Timeout:
            return IPL_E_TIMEOUT;
        case HttpOutcome::Cancelled:
            return IPL_E_CANCELLED;
        case HttpOutcome::TooLarge:
            return IPL_E_TOO_LARGE;
        case HttpOutcome::Invalid:
            return IPL_E_INVALID_ARGUMENT;
        case HttpOutcome::Stopped:
            return IPL_E_INTERNAL;
    }
    return IPL_E_INTERNAL;
}

HttpHeaders parseHeaders(std::string_view lines, const std::string& correlationId) {
    HttpHeaders headers;
    bool hasId = false;
    while (!lines.empty()) {
        const std::size_t end = std::min(lines.find('\n'), lines.size());
        const std::string_view line = trim(lines.substr(0, end));
        lines.remove_prefix(std::min(end + 1, lines.size()));
        if (line.empty()) continue;
        const std::size_t colon = std::min(line.find(':'), line.size());
        const std::string_view value = colon < line.size() ? line.substr(colon + 1) : "";
        headers.emplace_back(colon < line.size() ? trim(line.substr(0, colon)) : "?:", trim(value));
        hasId = hasId || iequals(headers.back().first, "X-Correlation-ID");
    }
    if (!hasId && !correlationId.empty()) headers.emplace_back("X-Correlation-ID", correlationId);
    return headers;
}

milliseconds boundedMs(std::int64_t value, std::int64_t whenZero) {
    constexpr std::int64_t kDay = 24LL * 3600 * 1000;
    return milliseconds(value <= 0 ? whenZero : std::min(value, kDay));
}

ipl_status fail(PluginCall& call, ipl_status status, std::string_view message) {
    call.setError(status, nullptr, message, {});
    return status;
}

}  // namespace host::plugins
