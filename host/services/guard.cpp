#include "services/guard.hpp"

#include <algorithm>

#include "services/common/signed_links.hpp"
#include "support/base64.hpp"
#include "support/secret.hpp"
#include "support/text.hpp"

namespace host::services {

namespace {

std::string keyOf(const http::Request& request) {
    if (std::string key = request.header("X-API-Key"); !key.empty()) return key;
    const std::string authorization = request.header("Authorization");
    constexpr std::string_view kBearer = "bearer ";
    if (authorization.size() > kBearer.size() &&
        iequals(std::string_view(authorization).substr(0, kBearer.size()), kBearer)) {
        return std::string(trim(std::string_view(authorization).substr(kBearer.size())));
    }
    const std::string cookies = request.header("Cookie");
    constexpr std::string_view kCookie = "ipl_key=";
    std::size_t at = 0;
    while (at < cookies.size()) {
        const std::size_t end = std::min(cookies.find(';', at), cookies.size());
        const std::string_view cookie = trim(std::string_view(cookies).substr(at, end - at));
        if (cookie.substr(0, kCookie.size()) == kCookie) {
            return std::string(cookie.substr(kCookie.size()));
        }
        at = end + 1;
    }
    return "";
}

bool isKnown(const std::vector<std::string>& keys, const std::string& given) {
    return std::any_of(keys.begin(), keys.end(),
                       [&](const std::string& key) { return sameSecret(given, key); });
}

}  // namespace

http::Handler guarded(const std::vector<std::string>& keys, http::Handler handler) {
    if (keys.empty()) return handler;
    return [keys, handler = std::move(handler)](http::Request& request) {
        const std::string given = keyOf(request);
        if (isKnown(keys, given)) return handler(request);
        http::Response refusal = http::Response::error(
            {ErrorCode::Unauthorized,
             given.empty() ? "This host asks for an API key: send it as \"Authorization: Bearer\"."
                           : "This API key is not known here."});
        refusal.headers.set("WWW-Authenticate", "Bearer");
        return refusal;
    };
}

http::Handler guardedBasic(const std::vector<std::string>& keys, http::Handler handler) {
    if (keys.empty()) return handler;
    return [guarded = guarded(keys, std::move(handler))](http::Request& request) {
        constexpr std::string_view kBasic = "basic ";
        const std::string authorization = request.header("Authorization");
        if (iequals(std::string_view(authorization).substr(0, kBasic.size()), kBasic)) {
            const auto plain =
                base64Decode(trim(std::string_view(authorization).substr(kBasic.size())));
            const std::size_t colon = plain ? plain->find(':') : std::string::npos;
            if (colon != std::string::npos)
                request.headers.set("X-API-Key", plain->substr(colon + 1));
        }
        http::Response response = guarded(request);
        if (response.status == 401) response.headers.set("WWW-Authenticate", "Basic");
        return response;
    };
}

http::Handler guardedLink(const std::vector<std::string>& keys, http::Handler handler) {
    if (keys.empty()) return handler;
    return [keys, handler, guarded = guarded(keys, handler)](http::Request& request) {
        return isSigned(keys, request) ? handler(request) : guarded(request);
    };
}

http::QuickHandler guardedQuick(const std::vector<std::string>& keys, http::QuickHandler handler) {
    if (keys.empty()) return handler;
    return [keys,
            handler = std::move(handler)](http::Request& request) -> std::optional<http::Response> {
        if (!isKnown(keys, keyOf(request))) return std::nullopt;
        return handler(request);
    };
}

}  // namespace host::services
