// The parts of an http or https URL, and what may stand in a header. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace host {

struct HttpUrl {
    std::string scheme;  // "http" or "https"
    std::string user;    // as it stands there; empty without credentials
    std::string password;
    std::string host;    // an IPv6 address with its brackets; empty = this is no such URL
    std::string port;    // the scheme's own when the URL has none
    std::string target;  // path and query, at least "/"

    std::string where() const { return host + ":" + port; }
    bool hasOwnPort() const { return port != (scheme == "https" ? "443" : "80"); }
};

// Empty host when it is no http or https URL, longer than 8 KiB, or holds blanks.
HttpUrl parseHttpUrl(const std::string& text);

// A word that may stand as a method or as a header's name.
bool isHttpToken(std::string_view text);
// Whether it may stand as a header's value: no line break, no NUL.
bool isHttpFieldValue(std::string_view text);
// The status of "HTTP/1.1 200 OK", from 100 to 999, or 0.
int httpStatusOf(std::string_view line);

}  // namespace host
