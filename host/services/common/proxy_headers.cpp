#include "services/common/proxy_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/server.hpp"
#include "http/text.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

template <std::size_t kCount>
bool isOneOf(const std::array<std::string_view, kCount>& names, std::string_view lowerName) {
    return std::find(names.begin(), names.end(), lowerName) != names.end();
}

// `connection`: the values of the Connection fields, which name further ones.
bool isHopByHop(std::string_view name, const std::vector<std::string_view>& connection) {
    static constexpr std::array<std::string_view, 11> kNames{
        "connection", "keep-alive",        "proxy-connection", "proxy-authenticate",
        "te",         "transfer-encoding", "trailer",          "proxy-authorization",
        "upgrade",    "trailers",          "http2-settings"};
    return isOneOf(kNames, name) ||
           std::any_of(connection.begin(), connection.end(),
                       [&](auto list) { return http::hasToken(list, name); });
}

// Where a request came from is for us to say; the rest is set by the HTTP client or by us. An
// origin that was found good here would be a foreign one there.
bool isOursToSet(std::string_view name) {
    static constexpr std::array<std::string_view, 9> kNames{
        "host", "content-length", "expect",    "x-correlation-id", "origin",
        "via",  "forwarded",      "x-real-ip", "x-forward-secret"};
    return isOneOf(kNames, name) || name.starts_with("x-forwarded-");
}

// What concerns this host alone, or would tell a foreign server about its pages.
bool isPrivate(std::string_view name) {
    static constexpr std::array<std::string_view, 3> kNames{"cookie", "x-api-key", "referer"};
    return isOneOf(kNames, name) || name.starts_with("sec-");
}

bool holdsOneOf(const std::vector<std::string>& keys, std::string_view value) {
    return std::any_of(keys.begin(), keys.end(), [&](const std::string& key) {
        return value.find(key) != std::string_view::npos;
    });
}

// Said by the front for its own connection, or none of the upstream's business.
bool isOursToAnswer(std::string_view name) {
    static constexpr std::array<std::string_view, 5> kNames{
        "date", "content-length", "x-correlation-id", "alt-svc", "strict-transport-security"};
    return isOneOf(kNames, name) || name.starts_with("access-control-");
}

}  // namespace

HttpHeaders upstreamHeaders(const http::Request& request, const HeaderRules& rules) {
    const auto connection = request.headers.all("Connection");
    HttpHeaders out;
    for (const auto& [name, value] : request.headers) {
        const std::string key = toLower(name);
        if (isHopByHop(key, connection) || isOursToSet(key)) continue;
        if (!rules.ownService) {
            if (isPrivate(key) || holdsOneOf(rules.ownKeys, value)) continue;
            if (key == "authorization" && !rules.apiKey.empty()) continue;
        }
        out.emplace_back(name, value);
    }
    out.emplace_back("X-Correlation-ID", request.correlationId);
    if (rules.ownService && !rules.forwardSecret.empty()) {
        out.emplace_back(http::kForwardedForHeader, request.clientAddress);
        out.emplace_back(http::kForwardSecretHeader, rules.forwardSecret);
    }
    if (!rules.ownService && !rules.apiKey.empty()) {
        out.emplace_back("Authorization", "Bearer " + rules.apiKey);
    }
    return out;
}

DownstreamHead downstreamHead(const HttpHeaders& answer, const HeaderRules& rules) {
    std::vector<std::string_view> connection;
    bool chunked = false;
    for (const auto& [name, value] : answer) {
        if (name == "connection") connection.emplace_back(value);
        chunked = chunked || name == "transfer-encoding";
    }
    DownstreamHead head;
    for (const auto& [name, value] : answer) {
        if (name == "content-length" && !chunked) {
            std::uint64_t length = 0;
            const auto [end, fault] =
                std::from_chars(value.data(), value.data() + value.size(), length);
            if (fault == std::errc() && end == value.data() + value.size()) head.length = length;
        }
        if (isHopByHop(name, connection) || isOursToAnswer(name)) continue;
        if (!rules.ownService && name == "set-cookie") continue;
        head.headers.add(name, value);
    }
    if (!rules.ownService) {
        // A page of that server would run as one of ours, and could read our key's cookie.
        head.headers.set("Content-Security-Policy", "sandbox; default-src 'none'");
        head.headers.set("X-Content-Type-Options", "nosniff");
    }
    return head;
}

}  // namespace host::services
