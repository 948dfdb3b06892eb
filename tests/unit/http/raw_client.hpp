// A plain blocking TCP client for tests that need to send exactly these bytes. Every wait is
// bounded.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace test {

struct Answer {
    int status = 0;                              // 0: none came
    std::map<std::string, std::string> headers;  // names in lower case
    std::string body;

    std::string header(const std::string& name) const {
        const auto place = headers.find(name);
        return place != headers.end() ? place->second : std::string();
    }
};

class RawClient {
  public:
    // receiveBuffer above 0 keeps the kernel's buffer small, for clients that do not read.
    explicit RawClient(std::uint16_t port, int receiveBuffer = 0);
    ~RawClient();
    RawClient(RawClient&& other) noexcept;
    RawClient(const RawClient&) = delete;
    RawClient& operator=(const RawClient&) = delete;

    // False when the other side has closed.
    bool send(std::string_view bytes);
    void shutdownWrite();
    // The next answer. `head`: it has no body.
    Answer read(bool head = false);
    // Sends and reads.
    Answer ask(std::string_view bytes, bool head = false);
    // Everything up to the end, or what came before the time was up.
    std::string readAll();
    // Reads until `text` has come; everything so far. Stops at the end or when the time is up.
    std::string readUntil(std::string_view text);
    // The other side closes within the bound.
    bool closedByPeer();

    int fd() const { return socket_; }

  private:
    bool more();

    int socket_ = -1;
    std::string buffer_;
};

inline std::string get(const std::string& path, const std::string& headers = {}) {
    return "GET " + path + " HTTP/1.1\r\nHost: test\r\n" + headers + "\r\n";
}

}  // namespace test
