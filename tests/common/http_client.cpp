#include "common/http_client.hpp"

#include <algorithm>
#include <cstdlib>

#include "common/api_check.hpp"
#include "support/text.hpp"

namespace test {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

std::string HttpAnswer::header(std::string_view name) const {
    for (const auto& [key, value] : headers) {
        if (host::iequals(key, name)) return value;
    }
    return "";
}

bool HttpAnswer::has(std::string_view name) const {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& header) { return host::iequals(header.first, name); });
}

AnswerHead receiveHead(TcpSocket& socket, std::string& rest, Clock::time_point until) {
    AnswerHead head;
    std::size_t end = std::string::npos;
    while ((end = rest.find("\r\n\r\n")) == std::string::npos) {
        if (!socket.receive(rest, until)) return head;
    }
    const std::string text = rest.substr(0, end + 2);
    rest.erase(0, end + 4);
    if (text.size() > 12) head.status = std::atoi(text.c_str() + 9);
    std::size_t at = text.find("\r\n") + 2;
    while (at < text.size()) {
        const std::size_t stop = text.find("\r\n", at);
        const std::string line = text.substr(at, stop - at);
        const std::size_t colon = std::min(line.find(':'), line.size() - 1);
        head.headers.emplace_back(
            line.substr(0, colon),
            std::string(host::trim(std::string_view(line).substr(colon + 1))));
        at = stop + 2;
    }
    return head;
}

bool takeChunks(std::string& raw, std::string& body) {
    while (true) {
        const std::size_t line = raw.find("\r\n");
        if (line == std::string::npos) return false;
        const std::size_t size = std::strtoul(raw.c_str(), nullptr, 16);
        if (raw.size() < line + 2 + size + 2) return false;
        body.append(raw, line + 2, size);
        raw.erase(0, line + 2 + size + 2);
        if (size == 0) return true;
    }
}

HttpClient::HttpClient(const std::string& url, std::string sourceAddress)
    : address_(Address::ofUrl(url)), source_(std::move(sourceAddress)) {}

HttpAnswer HttpClient::get(const std::string& path, const Headers& headers) const {
    return send("GET", path, headers);
}

HttpAnswer HttpClient::del(const std::string& path, const Headers& headers) const {
    return send("DELETE", path, headers);
}

HttpAnswer HttpClient::post(const std::string& path, const host::Json& body,
                            const Headers& headers) const {
    Headers all = headers;
    all.emplace_back("Content-Type", "application/json");
    return send("POST", path, all, body.dump());
}

HttpAnswer HttpClient::send(const std::string& method, const std::string& path,
                            const Headers& headers, std::string_view body) const {
    const auto begun = Clock::now();
    const auto until = begun + timeout;
    HttpAnswer answer;
    TcpSocket socket(address_, source_, until);
    if (!socket.isOpen()) return answer;
    std::string request = method + " " + path + " HTTP/1.1\r\nConnection: close\r\n";
    bool hasHost = false;
    for (const auto& [name, value] : headers) {
        request += name + ": " + value + "\r\n";
        hasHost = hasHost || host::iequals(name, "Host");
    }
    if (!hasHost) request += "Host: " + address_.text() + "\r\n";
    if (!body.empty() || method == "POST") {
        request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    }
    request += "\r\n";
    request += body;
    // A server may refuse a body early: what it answers counts, not that it stopped reading.
    socket.send(request, until);

    std::string raw;
    AnswerHead head;
    do {
        head = receiveHead(socket, raw, until);
    } while (head.status / 100 == 1);
    if (head.status == 0) return answer;
    answer.headers = std::move(head.headers);
    bool whole = false;
    if (method == "HEAD" || head.status == 204 || head.status == 304) {
        whole = true;
    } else if (answer.header("Transfer-Encoding") == "chunked") {
        while (!(whole = takeChunks(raw, answer.body)) && socket.receive(raw, until)) {
        }
    } else if (answer.has("Content-Length")) {
        const std::size_t length = std::stoul(answer.header("Content-Length"));
        while (raw.size() < length && socket.receive(raw, until)) {
        }
        whole = raw.size() == length;
        answer.body = std::move(raw);
    } else {
        while (socket.receive(raw, until)) {
        }
        whole = socket.ended();
        answer.body = std::move(raw);
    }
    if (whole) answer.status = head.status;
    if (whole && checked) expectDescribed(address_.port, method, path, answer);
    answer.seconds = std::chrono::duration<double>(Clock::now() - begun).count();
    return answer;
}

Form& Form::field(const std::string& name, const std::string& value) {
    body_ += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + name +
             "\"\r\n\r\n" + value + "\r\n";
    return *this;
}

Form& Form::file(const std::string& name, const std::string& fileName, const std::string& type,
                 std::string_view bytes) {
    body_ += std::string("--") + kBoundary + "\r\nContent-Disposition: form-data; name=\"" + name +
             "\"; filename=\"" + fileName + "\"\r\nContent-Type: " + type + "\r\n\r\n";
    body_ += bytes;
    body_ += "\r\n";
    return *this;
}

}  // namespace test
