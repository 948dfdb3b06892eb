#include "common/web_address.hpp"

#include <algorithm>

namespace upstream {

std::string webAddress(std::string_view url) {
    const std::size_t host = url.find("://") + 3;
    if (!url.starts_with("http://") && !url.starts_with("https://")) return {};
    while (url.size() > host && url.ends_with('/'))
        url.remove_suffix(1);
    const auto foreign = [](char c) {
        return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '?' || c == '#';
    };
    if (url.size() == host || url[host] == '/' || url[host] == ':' ||
        std::ranges::any_of(url, foreign))
        return {};
    return std::string(url);
}

bool removeRoute(std::string& address, std::string_view route) {
    const std::size_t host = address.find("://") + 3;
    if (!address.ends_with(route) || address.size() <= host + route.size()) return false;
    address.resize(address.size() - route.size());
    return true;
}

}  // namespace upstream
