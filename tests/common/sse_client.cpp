#include "common/sse_client.hpp"

#include "common/api_check.hpp"
#include "support/text.hpp"

namespace test {

namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

SseClient::SseClient(const std::string& url, const std::string& path, const Headers& headers) {
    const Address address = Address::ofUrl(url);
    const auto until = Clock::now() + std::chrono::seconds(20);
    socket_ = TcpSocket(address, "", until);
    if (!socket_.isOpen()) return;
    std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + address.text() +
                          "\r\nAccept: text/event-stream\r\n";
    for (const auto& [name, value] : headers)
        request += name + ": " + value + "\r\n";
    socket_.send(request + "\r\n", until);
    head_ = receiveHead(socket_, raw_, until);
    if (head_.status == 200) expectDescribed(address.port, "GET", path, {200, head_.headers});
    for (const auto& [name, value] : head_.headers) {
        if (host::iequals(name, "Transfer-Encoding") && value == "chunked") chunked_ = true;
    }
}

std::optional<SseEvent> SseClient::next(std::chrono::milliseconds timeout) {
    const auto until = Clock::now() + timeout;
    while (true) {
        if (chunked_) {
            if (takeChunks(raw_, text_)) ended_ = true;
        } else {
            text_ += std::exchange(raw_, {});
        }
        while (true) {
            const std::size_t end = text_.find("\n\n");
            if (end == std::string::npos) break;
            const std::string block = text_.substr(0, end + 1);
            text_.erase(0, end + 2);
            SseEvent event;
            std::string data;
            for (std::size_t at = 0; at < block.size();) {
                const std::size_t stop = block.find('\n', at);
                const std::string line = block.substr(at, stop - at);
                at = stop + 1;
                if (line.starts_with("id: ")) event.id = std::stoull(line.substr(4));
                if (line.starts_with("event: ")) event.type = line.substr(7);
                if (line.starts_with("data: ")) data += line.substr(6);
            }
            if (event.type.empty() && data.empty()) continue;  // a comment that keeps it alive
            event.data = host::Json::parse(data, nullptr, false);
            lastId_ = event.id;
            return event;
        }
        if (ended_) return std::nullopt;
        if (!socket_.receive(raw_, until)) {
            if (!socket_.ended()) return std::nullopt;
            ended_ = true;
            if (raw_.empty()) return std::nullopt;
        }
    }
}

}  // namespace test
