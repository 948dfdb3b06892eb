// A blocking TCP connection for tests, on which every wait has an end. Used by one thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace test {

// "http://127.0.0.1:5050" taken apart.
struct Address {
    std::string host;
    int port = 0;

    static Address ofUrl(const std::string& url);
    std::string text() const { return host + ":" + std::to_string(port); }
};

class TcpSocket {
  public:
    TcpSocket() = default;
    // Not connected (isOpen is false) when nobody listens there. `source` is the local address to
    // come from, such as "127.0.0.2"; empty: the kernel's choice.
    TcpSocket(const Address& address, const std::string& source,
              std::chrono::steady_clock::time_point until);
    ~TcpSocket() { close(); }
    TcpSocket(TcpSocket&& other) noexcept;
    TcpSocket& operator=(TcpSocket&& other) noexcept;

    bool isOpen() const { return fd_ >= 0; }
    void close();
    bool send(std::string_view bytes, std::chrono::steady_clock::time_point until) const;
    // Appends what came. False when the other side closed or the time was up.
    bool receive(std::string& into, std::chrono::steady_clock::time_point until);
    // The last receive met the end of the connection, not the end of the time.
    bool ended() const { return ended_; }

  private:
    int fd_ = -1;
    bool ended_ = false;
};

}  // namespace test
