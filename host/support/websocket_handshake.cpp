#include "support/websocket_handshake.hpp"

#include <Poco/Base64Encoder.h>
#include <Poco/Exception.h>
#include <Poco/SHA1Engine.h>
#include <Poco/URI.h>
#include <sys/random.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "support/text.hpp"

namespace host {

namespace {

constexpr std::size_t kMaxHeaders = 100;

std::string base64(std::string_view bytes) {
    std::ostringstream out;
    Poco::Base64Encoder encoder(out);
    encoder.rdbuf()->setLineLength(0);
    encoder << bytes;
    encoder.close();
    return out.str();
}

std::string decoded(const std::string& text) {
    std::string out;
    try {
        Poco::URI::decode(text, out);
    } catch (const Poco::Exception&) {
        return text;
    }
    return out;
}

// Whether the comma-separated list holds the word.
bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t end = std::min(list.find(','), list.size());
        if (iequals(trim(list.substr(0, end)), word)) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

bool isOurs(const std::string& name) {
    const std::string key = toLower(name);
    return key == "host" || key == "upgrade" || key == "connection" || key == "content-length" ||
           key == "transfer-encoding" || key == "expect" || key.starts_with("sec-websocket-");
}

}  // namespace

std::string websocketKey() {
    std::array<char, 16> bytes{};
    std::size_t filled = 0;
    while (filled < bytes.size()) {
        const ssize_t got = ::getrandom(bytes.data() + filled, bytes.size() - filled, 0);
        if (got > 0) filled += static_cast<std::size_t>(got);
    }
    return base64({bytes.data(), bytes.size()});
}

std::string websocketAccept(std::string_view key) {
    Poco::SHA1Engine sha1;
    sha1.update(std::string(key));
    sha1.update(std::string("258EAFA5-E914-47DA-95CA-C5AB0DC85B11"));  // RFC 6455, 1.3
    const auto& digest = sha1.digest();
    return base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::optional<std::string> websocketRequest(const HttpUrl& url, const HttpHeaders& headers,
                                            std::string_view key) {
    std::string out = "GET " + url.target + " HTTP/1.1\r\nHost: " + url.host;
    if (url.hasOwnPort()) out += ":" + url.port;
    out += "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n";
    out.append("Sec-WebSocket-Key: ").append(key).append("\r\n");
    bool hasAuthorization = false;
    for (const auto& [name, value] : headers) {
        if (headers.size() > kMaxHeaders || !isHttpToken(name) || !isHttpFieldValue(value))
            return std::nullopt;
        if (isOurs(name)) continue;
        hasAuthorization = hasAuthorization || iequals(name, "authorization");
        out.append(name).append(": ").append(value).append("\r\n");
    }
    if (!url.user.empty() && !hasAuthorization) {
        out += "Authorization: Basic " + base64(decoded(url.user) + ":" + decoded(url.password)) +
               "\r\n";
    }
    return out + "\r\n";
}

HttpResult judgeWebsocketAnswer(std::string_view head, std::string_view key,
                                const std::string& where) {
    HttpResult result;
    result.outcome = HttpOutcome::Unavailable;
    const std::size_t firstEnd = std::min(head.find('\n'), head.size());
    result.status = httpStatusOf(trim(head.substr(0, firstEnd)));
    if (result.status == 0) {
        result.message = where + " does not speak HTTP. Are address and port right?";
        return result;
    }
    if (result.status != 101) {
        result.message =
            where + " answered " + std::to_string(result.status) +
            " to the request for a websocket. Does a proxy before it let them through?";
        return result;
    }
    bool upgrades = false;
    bool connects = false;
    bool accepts = false;
    bool extends = false;
    head.remove_prefix(std::min(firstEnd + 1, head.size()));
    while (!head.empty()) {
        const std::size_t end = std::min(head.find('\n'), head.size());
        const std::string_view line = head.substr(0, end);
        head.remove_prefix(std::min(end + 1, head.size()));
        const std::size_t colon = line.find(':');
        if (colon == std::string_view::npos) continue;
        const std::string_view name = trim(line.substr(0, colon));
        const std::string_view value = trim(line.substr(colon + 1));
        upgrades = upgrades || (iequals(name, "upgrade") && lists(value, "websocket"));
        connects = connects || (iequals(name, "connection") && lists(value, "upgrade"));
        accepts =
            accepts || (iequals(name, "sec-websocket-accept") && value == websocketAccept(key));
        extends = extends || (iequals(name, "sec-websocket-extensions") && !value.empty());
    }
    if (upgrades && connects && accepts && !extends) {
        result.outcome = HttpOutcome::Ok;
    } else {
        result.message = where + " answered 101, but not as RFC 6455 wants it. Is it a websocket?";
    }
    return result;
}

}  // namespace host
