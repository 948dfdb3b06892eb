#include "http/host_policy.hpp"

#include <algorithm>

#include "http/text.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

bool isPort(std::string_view text) {
    return text.empty() ||
           (text[0] == ':' && text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

// Nothing that ends a name in a URL, where "elsewhere.example?.localhost" is elsewhere.
bool isName(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 0x7f &&
               std::string_view("/?#@\\%[]").find(c) == std::string_view::npos;
    });
}

// "studio.lan" of "Studio.lan.:5050", "::1" of "[::1]:5050"; empty when it is neither a name nor
// one with a port: "studio.lan:80@elsewhere.example" leads elsewhere.
std::string nameOf(std::string_view host) {
    const bool bracketed = host.starts_with('[');
    const std::size_t end = std::min(host.find(bracketed ? ']' : ':'), host.size());
    std::string_view name = host.substr(0, end);
    std::string_view port = host.substr(end);
    if (bracketed) {
        if (port.empty()) return "";
        name.remove_prefix(1);
        port.remove_prefix(1);
    }
    if (!isPort(port) || !isName(name)) return "";
    if (name.ends_with('.')) name.remove_suffix(1);
    return toLower(name);
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
    const bool known = local || std::find(allowed_.begin(), allowed_.end(), name) != allowed_.end();
    if (known && !name.empty()) return std::nullopt;
    return Response::error({ErrorCode::Validation,
                            "This host is not to be called by that name; allowed_hosts in "
                            "config.json lists those that it answers to."},
                           403);
}

}  // namespace host::http
