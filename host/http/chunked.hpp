// Takes the chunked coding off a request body as it arrives. One body per object; not thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace host::http {

class ChunkedDecoder {
  public:
    enum class State { Size, Data, DataEnd, Trailer, Done, Malformed, TooLong };

    // Appends what `in` holds of the body to `body`, which may reach `limit` bytes, and gives how
    // many bytes of `in` it used. Trailer fields are dropped.
    std::size_t feed(std::string_view in, std::string& body, std::uint64_t limit);

    State state() const { return state_; }

  private:
    void endLine(std::uint64_t bodySize, std::uint64_t limit);

    State state_ = State::Size;
    std::string line_;
    std::uint64_t left_ = 0;  // of the current chunk
    std::size_t trailerBytes_ = 0;
};

}  // namespace host::http
