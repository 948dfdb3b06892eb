// A client of server-sent events, read one event at a time. Used by one thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "common/http_client.hpp"

namespace test {

struct SseEvent {
    std::uint64_t id = 0;
    std::string type;
    host::Json data;
};

class SseClient {
  public:
    // Connects and reads the answer's head: status() tells how that went.
    SseClient(const std::string& url, const std::string& path, const Headers& headers = {});

    int status() const { return head_.status; }
    const Headers& headers() const { return head_.headers; }
    // Nothing when the stream ended or the time was up; ended() tells which.
    std::optional<SseEvent> next(std::chrono::milliseconds timeout = std::chrono::seconds(20));
    bool ended() const { return ended_; }
    std::uint64_t lastId() const { return lastId_; }

  private:
    TcpSocket socket_;
    AnswerHead head_;
    std::string raw_;
    std::string text_;
    bool chunked_ = false;
    bool ended_ = false;
    std::uint64_t lastId_ = 0;
};

}  // namespace test
