// The head of an HTTP answer, read line by line as libcurl hands it over. Its server may be
// anybody: what is no header, or could not be passed on as one, is left out. One thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/http_client.hpp"

namespace host {

class HttpAnswerHead {
  public:
    static constexpr std::size_t kMaxBytes = 64 * 1024;  // of all lines, trailers included

    enum class State { Open, Whole, TooLarge };
    // A line with its end. An interim answer (1xx) leaves nothing behind; lines after the end are
    // trailers, which are counted alone. TooLarge: ask no further.
    State take(std::string_view line);

    State state() const { return state_; }
    bool isWhole() const { return state_ == State::Whole; }
    int status() const { return status_; }  // of the last status line; 0 before the first
    std::size_t bytes() const { return bytes_; }
    // Names are tokens in lower case, values one line, without blanks around them.
    const HttpHeaders& headers() const { return headers_; }
    // Whether it tells of a body of more bytes than that.
    bool announcesMoreThan(std::uint64_t bytes) const;

  private:
    State state_ = State::Open;
    int status_ = 0;
    std::size_t bytes_ = 0;
    HttpHeaders headers_;
};

}  // namespace host
