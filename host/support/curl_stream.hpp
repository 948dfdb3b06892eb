// A byte stream over TCP or TLS to the host of a URL, by libcurl: what a protocol other than HTTP
// stands on. Nothing of it blocks but connect and wait, and these end at their time, or within
// milliseconds of a cancel. Used by one thread at a time. A process that uses https must ignore
// SIGPIPE.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "support/http_client.hpp"

namespace host {

// How a cancel is seen.
struct CancelLook {
    int fd = -1;                      // readable = cancelled; -1 = none
    std::function<bool()> cancelled;  // asked as well, where set

    bool isCancelled() const;
};

class CurlStream {
  public:
    using Clock = std::chrono::steady_clock;

    explicit CurlStream(CancelLook cancel);
    ~CurlStream();
    CurlStream(const CurlStream&) = delete;
    CurlStream& operator=(const CurlStream&) = delete;

    // url: http:// is plain TCP, https:// TLS; `where` is its host:port, for messages. Once.
    HttpResult connect(const std::string& url, const std::string& where, Clock::time_point until,
                       std::chrono::milliseconds connectTimeout);

    enum class Io { Done, Again, Lost };
    // At least one byte with Done.
    Io read(char* to, std::size_t size, std::size_t& got);
    Io write(std::string_view bytes, std::size_t& sent);

    enum class Wait { Ready, TimeUp, Cancelled };
    // Until there may be something to read, or room to write to.
    Wait wait(bool forWriting, Clock::time_point until) const;

  private:
    const CancelLook cancel_;
    CURLM* multi_ = nullptr;
    CURL* easy_ = nullptr;
    curl_socket_t socket_ = CURL_SOCKET_BAD;
};

}  // namespace host
