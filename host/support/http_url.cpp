#include "support/http_url.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <cstring>

namespace host {

namespace {

constexpr std::size_t kMaxUrl = 8 * 1024;

std::string urlPart(CURLU* url, CURLUPart part, unsigned flags = 0) {
    char* text = nullptr;
    if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return {};
    std::string copy = text;
    curl_free(text);
    return copy;
}

}  // namespace

HttpUrl parseHttpUrl(const std::string& text) {
    HttpUrl parts;
    const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
        return static_cast<unsigned char>(c) > ' ' && c != 0x7f;
    });
    if (!plain || text.size() > kMaxUrl) return parts;
    CURLU* url = curl_url();
    if (url == nullptr) return parts;
    if (curl_url_set(url, CURLUPART_URL, text.c_str(), CURLU_PATH_AS_IS) == CURLUE_OK) {
        parts.scheme = urlPart(url, CURLUPART_SCHEME);
        if (parts.scheme == "http" || parts.scheme == "https") {
            parts.host = urlPart(url, CURLUPART_HOST);
            parts.port = urlPart(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
            parts.user = urlPart(url, CURLUPART_USER);
            parts.password = urlPart(url, CURLUPART_PASSWORD);
            parts.target = urlPart(url, CURLUPART_PATH);
            if (parts.target.empty()) parts.target = "/";
            const std::string query = urlPart(url, CURLUPART_QUERY);
            if (!query.empty()) parts.target += "?" + query;
        }
    }
    curl_url_cleanup(url);
    return parts;
}

bool isHttpToken(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != '\0' && std::strchr("!#$%&'*+-.^_`|~", c) != nullptr);
    });
}

bool isHttpFieldValue(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

int httpStatusOf(std::string_view line) {
    const std::size_t space = line.find(' ');
    int status = 0;
    if (!line.starts_with("HTTP/") || space == std::string_view::npos) return 0;
    line.remove_prefix(space + 1);
    std::from_chars(line.data(), line.data() + std::min<std::size_t>(3, line.size()), status);
    return status >= 100 ? status : 0;
}

}  // namespace host
