#include "http/head_parser.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "http/forms.hpp"
#include "http/text.hpp"
#include "support/text.hpp"

namespace host::http {

namespace {

constexpr std::array<bool, 256> makeTokenTable() {
    std::array<bool, 256> table{};
    for (int c = '0'; c <= '9'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (int c = 'a'; c <= 'z'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (int c = 'A'; c <= 'Z'; ++c)
        table[static_cast<std::size_t>(c)] = true;
    for (const char c : std::string_view("!#$%&'*+-.^_`|~")) {
        table[static_cast<unsigned char>(c)] = true;
    }
    return table;
}

bool isToken(std::string_view text) {
    static constexpr auto kTable = makeTokenTable();
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return kTable[static_cast<unsigned char>(c)];
    });
}

// A header value may hold tabs but no other control character.
bool isFieldValue(std::string_view value) {
    return std::none_of(value.begin(), value.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
}

// Takes one line with its CRLF off the front. Every line feed here follows a carriage return.
std::string_view takeLine(std::string_view& text) {
    const std::size_t end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
    return line;
}

std::optional<Refusal> parseTarget(std::string_view target, Request& request) {
    if (target.size() > kMaxTargetBytes) return Refusal{414, "the URL is too long"};
    if (target.starts_with("http://") || target.starts_with("https://")) {
        const std::size_t path = target.find_first_of("/?", target.find("//") + 2);
        target = path == std::string_view::npos ? std::string_view() : target.substr(path);
        if (!target.starts_with('/')) request.rawTarget.push_back('/');
    } else if (target == "*" && request.method == "OPTIONS") {
        target = "/";
    } else if (!target.starts_with('/')) {
        return Refusal{400, "the request target must begin with '/'"};
    }
    request.rawTarget += target.substr(0, target.find('#'));
    const std::string_view whole = request.rawTarget;
    const std::size_t mark = whole.find('?');
    auto path = percentDecoded(whole.substr(0, mark), false);
    if (!path || !isValidUtf8(*path) || hasControls(*path)) {
        return Refusal{400, "the path holds a bad escape, a control character or is not UTF-8"};
    }
    request.path = std::move(*path);
    if (mark == std::string_view::npos) return std::nullopt;
    auto query = parseUrlEncoded(whole.substr(mark + 1));
    if (!query) return Refusal{400, "the query holds a bad escape, is not UTF-8 or is too long"};
    request.query = std::move(*query);
    return std::nullopt;
}

std::optional<Refusal> parseRequestLine(std::string_view line, Head& head) {
    const std::size_t first = line.find(' ');
    const std::size_t last = line.rfind(' ');
    if (first == std::string_view::npos || first == last) {
        return Refusal{400, "malformed request line"};
    }
    const std::string_view method = line.substr(0, first);
    const std::string_view target = line.substr(first + 1, last - first - 1);
    const std::string_view version = line.substr(last + 1);
    if (!isToken(method) || method.size() > 32) return Refusal{400, "malformed method"};
    if (target.find(' ') != std::string_view::npos || hasControls(target)) {
        return Refusal{400, "malformed request target"};
    }
    if (version == "HTTP/1.0") {
        head.http10 = true;
    } else if (version != "HTTP/1.1") {
        const bool other = version.starts_with("HTTP/") && version.size() == 8;
        return Refusal{other ? 505 : 400, "only HTTP/1.0 and HTTP/1.1 are served"};
    }
    head.request.method = method;
    return parseTarget(target, head.request);
}

std::optional<Refusal> parseFields(std::string_view text, Headers& headers) {
    while (true) {
        const std::string_view line = takeLine(text);
        if (line.empty()) return std::nullopt;
        if (headers.size() == kMaxHeaders) return Refusal{431, "too many header fields"};
        const std::size_t colon = line.find(':');
        // A line that begins with a space would continue the one before (obs-fold); no token does.
        if (colon == std::string_view::npos || !isToken(line.substr(0, colon))) {
            return Refusal{400, "malformed header field"};
        }
        const std::string_view value = trimmed(line.substr(colon + 1));
        if (!isFieldValue(value)) return Refusal{400, "control character in a header field"};
        headers.add(std::string(line.substr(0, colon)), std::string(value));
    }
}

// Decides where the request ends. Whatever could be read in two ways is refused.
std::optional<Refusal> parseFraming(Head& head) {
    const Headers& headers = head.request.headers;
    const auto lengths = headers.all("Content-Length");
    const auto encodings = headers.all("Transfer-Encoding");
    if (!encodings.empty()) {
        if (!lengths.empty()) return Refusal{400, "both Content-Length and Transfer-Encoding"};
        if (head.http10) return Refusal{400, "Transfer-Encoding in an HTTP/1.0 request"};
        if (encodings.size() > 1 || !iequals(encodings[0], "chunked")) {
            return Refusal{encodings.size() > 1 ? 400 : 501, "the only transfer coding is chunked"};
        }
        head.chunked = true;
    }
    if (lengths.size() > 1) return Refusal{400, "more than one Content-Length"};
    if (lengths.size() == 1) {
        const std::string_view text = lengths[0];
        const auto [end, fault] =
            std::from_chars(text.data(), text.data() + text.size(), head.contentLength);
        if (fault != std::errc() || end != text.data() + text.size()) {
            return Refusal{400, "malformed Content-Length"};
        }
    }
    const auto hosts = headers.all("Host");
    if (hosts.size() > 1 || (hosts.empty() && !head.http10)) {
        return Refusal{400, "exactly one Host header is needed"};
    }
    return std::nullopt;
}

}  // namespace

std::variant<std::size_t, Refusal> findHeadEnd(std::string_view in, std::size_t& scanned) {
    // Line ends before a request are tolerated by the standard; the caller skips them.
    while (true) {
        const std::size_t feed = in.find('\n', scanned);
        if (feed >= kMaxHeadBytes) break;  // also when there is none
        if (feed == 0 || in[feed - 1] != '\r') return Refusal{400, "bare line feed in the head"};
        if (feed >= 3 && in[feed - 2] == '\n') return feed + 1;
        scanned = feed + 1;
    }
    if (in.size() <= kMaxHeadBytes) return std::size_t{0};
    // What is too long is the URL when the first line never ended.
    if (in.substr(0, kMaxHeadBytes).find('\n') == std::string_view::npos) {
        return Refusal{414, "the URL is too long"};
    }
    return Refusal{431, "the request head is too long"};
}

std::variant<Head, Refusal> parseHead(std::string_view text) {
    Head head;
    if (auto refusal = parseRequestLine(takeLine(text), head)) return std::move(*refusal);
    if (auto refusal = parseFields(text, head.request.headers)) return std::move(*refusal);
    if (auto refusal = parseFraming(head)) return std::move(*refusal);
    const Headers& headers = head.request.headers;
    const std::string* connection = headers.find("Connection");
    head.keepAlive = head.http10 ? connection != nullptr && hasToken(*connection, "keep-alive")
                                 : connection == nullptr || !hasToken(*connection, "close");
    if (const std::string* expect = headers.find("Expect"); expect != nullptr && !head.http10) {
        if (!iequals(*expect, "100-continue")) return Refusal{417, "unknown expectation"};
        head.expectContinue = true;
    }
    return head;
}

std::string correlationIdIn(std::string_view head) {
    takeLine(head);
    for (std::size_t lines = 0; lines < kMaxHeaders && !head.empty(); ++lines) {
        const std::size_t end = head.find("\r\n");
        if (end == std::string_view::npos) break;
        const std::string_view line = takeLine(head);
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos && iequals(line.substr(0, colon), "X-Correlation-ID")) {
            return std::string(trimmed(line.substr(colon + 1)));
        }
    }
    return {};
}

}  // namespace host::http
