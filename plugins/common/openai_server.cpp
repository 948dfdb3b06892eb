#include "common/openai_server.hpp"

#include <algorithm>

#include "common/web_address.hpp"

namespace upstream {

namespace {

bool isControl(char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F;
}

// True for "v1", "v2" and the like.
bool isVersion(std::string_view segment) {
    return segment.size() > 1 && segment[0] == 'v' &&
           std::all_of(segment.begin() + 1, segment.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string apiBase(std::string_view url, std::string_view route) {
    while (!url.empty() && isControl(url.front()))
        url.remove_prefix(1);
    while (!url.empty() && (isControl(url.back()) || url.back() == '/'))
        url.remove_suffix(1);
    std::string base(url);
    if (base.ends_with(':')) return {};  // "http://" without its slashes
    if (base.find("://") == base.npos) base.insert(0, "http://");
    base = webAddress(base);
    if (base.empty()) return {};
    if (removeRoute(base, route)) return base;
    const std::size_t hostAt = base.find("://") + 3;
    const std::size_t slash = base.rfind('/');
    if (slash < hostAt || !isVersion(std::string_view(base).substr(slash + 1))) base += "/v1";
    return base;
}

bool isApiKey(std::string_view key) {
    return std::ranges::none_of(key, isControl);
}

}  // namespace upstream
