#include "services/common/links.hpp"

#include <algorithm>
#include <cctype>

#include "support/text.hpp"

namespace host::services {

namespace {

// Of "name:port" or "[v6]:port"; empty when it is anything but a plain name or address.
std::string_view hostName(std::string_view authority) {
    const bool bracketed = authority.starts_with('[');
    const std::size_t end = bracketed ? authority.find(']') : authority.find(':');
    if (bracketed && end == std::string_view::npos) return {};
    const std::string_view name = authority.substr(0, bracketed ? end + 1 : end);
    const std::string_view inner = bracketed ? name.substr(1, name.size() - 2) : name;
    const bool plain = std::all_of(inner.begin(), inner.end(), [&](unsigned char c) {
        return std::isalnum(c) != 0 || c == '.' || (bracketed ? c == ':' : c == '-' || c == '_');
    });
    return plain && !inner.empty() && name.size() <= 253 ? name : std::string_view();
}

bool meansThisMachine(std::string_view name) {
    return name == "localhost" || name == "[::1]" || name.starts_with("127.");
}

}  // namespace

std::string asSeenBy(const http::Request& request, const std::string& url) {
    const std::size_t begin = url.find("://");
    if (begin == std::string::npos) return url;
    const std::string_view authority = std::string_view(url).substr(begin + 3);
    const std::string_view own = hostName(authority.substr(0, authority.find('/')));
    const std::string host = request.header("Host");
    const std::string_view theirs = hostName(host);
    if (theirs.empty() || !meansThisMachine(own)) return url;
    std::string seen = url.substr(0, begin + 3);
    seen += theirs;
    seen += authority.substr(own.size());
    return seen;
}

void Links::set(const std::string& service, const std::string& url) {
    MutexLock lock(mutex_);
    const auto known = std::find_if(urls_.begin(), urls_.end(),
                                    [&](const auto& entry) { return entry.first == service; });
    if (known == urls_.end()) {
        urls_.emplace_back(service, url);
    } else {
        known->second = url;
    }
}

std::string Links::get(const std::string& service) const {
    MutexLock lock(mutex_);
    for (const auto& [name, url] : urls_) {
        if (name == service) return url;
    }
    return "";
}

Json Links::seenBy(const http::Request& request) const {
    MutexLock lock(mutex_);
    Json all = Json::object();
    for (const auto& [name, url] : urls_)
        all[name] = asSeenBy(request, url);
    return all;
}

}  // namespace host::services
