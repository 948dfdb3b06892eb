// The writer of a streamed body over a non-blocking socket. Used by one worker thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace host::http {

// The other side closed the connection, or at least its half of it.
bool peerClosed(int socket);

class SocketStream : public StreamWriter {
  public:
    // `length`: of the whole body, where it was promised.
    SocketStream(int socket, bool chunked, std::optional<std::uint64_t> length,
                 std::chrono::milliseconds stall)
        : socket_(socket), chunked_(chunked), length_(length), stall_(stall) {}

    bool write(std::string_view part) override;
    bool clientGone() override;
    bool writeRaw(std::string_view bytes);
    // Ends the body. False when it was cut off.
    bool finish();
    // For a body that stays unfinished: a client that takes the connection's end for the body's is
    // told by a reset.
    void cut();

  private:
    const int socket_;
    const bool chunked_;
    const std::optional<std::uint64_t> length_;
    std::uint64_t written_ = 0;
    const std::chrono::milliseconds stall_;  // for each write that makes no progress
    bool broken_ = false;
};

}  // namespace host::http
