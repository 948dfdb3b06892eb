// The writer of a streamed body over a non-blocking socket. Used by one worker thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "http/response.hpp"

namespace host::http {

class SocketStream : public StreamWriter {
  public:
    SocketStream(int socket, bool chunked, std::chrono::milliseconds stall)
        : socket_(socket), chunked_(chunked), stall_(stall) {}

    bool write(std::string_view part) override;
    bool clientGone() override;
    bool writeRaw(std::string_view bytes);
    // Ends the body. False when it was cut off.
    bool finish();

  private:
    const int socket_;
    const bool chunked_;
    const std::chrono::milliseconds stall_;  // for each write that makes no progress
    bool broken_ = false;
};

}  // namespace host::http
