#include "http/origin_policy.hpp"

#include <algorithm>

#include "http/text.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

// The host and port of "scheme://host:port", without the scheme's default port.
std::string_view authority(std::string_view origin) {
    const bool secure = origin.starts_with("https://");
    const std::size_t scheme = origin.find("://");
    if (scheme == std::string_view::npos) return {};
    origin.remove_prefix(scheme + 3);
    const std::string_view port = secure ? ":443" : ":80";
    if (origin.ends_with(port)) origin.remove_suffix(port.size());
    return origin;
}

std::string_view withoutDefaultPort(std::string_view host, bool secure) {
    const std::string_view port = secure ? ":443" : ":80";
    if (host.ends_with(port)) host.remove_suffix(port.size());
    return host;
}

}  // namespace

OriginPolicy::OriginPolicy(std::vector<std::string> allowed) : allowed_(std::move(allowed)) {
    for (std::string& origin : allowed_) {
        if (origin == "*") any_ = true;
        while (origin.ends_with('/'))
            origin.pop_back();
    }
}

bool OriginPolicy::sameOrigin(const std::string& origin, const Request& request) const {
    const std::string_view own = authority(origin);
    const std::string* host = request.headers.find("Host");
    return !own.empty() && host != nullptr &&
           iequals(own, withoutDefaultPort(*host, origin.starts_with("https://")));
}

bool OriginPolicy::listed(const std::string& origin) const {
    return any_ || std::any_of(allowed_.begin(), allowed_.end(), [&](const std::string& allowed) {
               return iequals(allowed, origin);
           });
}

std::optional<Response> OriginPolicy::check(const Request& request,
                                            const std::string& allow) const {
    const std::string* origin = request.headers.find("Origin");
    const bool options = request.method == "OPTIONS";
    if (origin != nullptr && !sameOrigin(*origin, request) && !listed(*origin)) {
        return Response::error({ErrorCode::Validation, "cross-origin requests are not allowed"},
                               403);
    }
    if (!options || allow.empty()) return std::nullopt;
    Response response = Response::empty(204);
    response.headers.add("Allow", allow);
    if (origin != nullptr && request.headers.has("Access-Control-Request-Method")) {
        response.headers.add("Access-Control-Allow-Methods", allow);
        response.headers.add("Access-Control-Max-Age", "600");
        if (const auto* wanted = request.headers.find("Access-Control-Request-Headers")) {
            response.headers.add("Access-Control-Allow-Headers", *wanted);
        }
    }
    return response;
}

void OriginPolicy::decorate(const Request& request, Headers& headers) const {
    const std::string* origin = request.headers.find("Origin");
    if (origin == nullptr || !listed(*origin)) return;
    headers.set("Access-Control-Allow-Origin", *origin);
    headers.add("Vary", "Origin");
    headers.set("Access-Control-Expose-Headers",
                "X-Correlation-ID, X-Next-Cursor, X-API-Deprecated, Retry-After, ETag");
}

}  // namespace host::http
