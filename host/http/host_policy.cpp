#include "http/host_policy.hpp"

#include <algorithm>

#include "http/text.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

// "studio.lan" of "Studio.lan.:5050", "::1" of "[::1]:5050".
std::string nameOf(std::string_view host) {
    if (host.starts_with('[')) {
        const std::size_t end = host.find(']');
        return std::string(host.substr(1, end == std::string_view::npos ? end : end - 1));
    }
    host = host.substr(0, host.find(':'));
    if (host.ends_with('.')) host.remove_suffix(1);
    return toLower(host);
}

}  // namespace

HostPolicy::HostPolicy(const std::vector<std::string>& allowed) {
    for (const std::string& name : allowed)
        allowed_.push_back(nameOf(name));
}

std::optional<Response> HostPolicy::check(const Request& request) const {
    if (allowed_.empty()) return std::nullopt;
    const std::string* host = request.headers.find("Host");
    if (host == nullptr || host->empty()) return std::nullopt;
    const std::string name = nameOf(*host);
    const bool local = name == "localhost" || name.ends_with(".localhost") || isIpAddress(name);
    if (local || std::find(allowed_.begin(), allowed_.end(), name) != allowed_.end())
        return std::nullopt;
    return Response::error({ErrorCode::Validation,
                            "This host is not to be called by that name; allowed_hosts in "
                            "config.json lists those that it answers to."},
                           403);
}

}  // namespace host::http
