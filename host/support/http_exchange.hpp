// One HTTP exchange over libcurl; the inside of HttpClient. Used by one thread.
#pragma once

#include <curl/curl.h>

#include <chrono>
#include <string>

#include "support/http_answer_head.hpp"
#include "support/http_client.hpp"

namespace host {

// A multi handle and the easy handle that runs on it; the multi keeps one connection for reuse.
struct CurlSlot {
    explicit CurlSlot(std::string to);
    ~CurlSlot();
    CurlSlot(const CurlSlot&) = delete;
    CurlSlot& operator=(const CurlSlot&) = delete;

    CURLM* multi;
    CURL* easy;
    std::string origin;
    std::chrono::steady_clock::time_point idleSince;
};

class HttpExchange {
  public:
    HttpExchange(const HttpRequest& request, const HttpSink& sink);
    ~HttpExchange();
    HttpExchange(const HttpExchange&) = delete;
    HttpExchange& operator=(const HttpExchange&) = delete;

    // Checks the request. False: result() says what is wrong with it.
    bool prepare();
    void run(CurlSlot& slot, bool freshConnection);
    // As run(), but stops once the head of the answer is there, before any of the body went to the
    // sink. It is then to be resumed or abandoned, unless that was the end already.
    void runToHead(CurlSlot& slot, bool freshConnection);
    void resume(CurlSlot& slot, std::chrono::steady_clock::time_point deadline);
    void abandon(CurlSlot& slot);
    bool ended() const { return ended_; }
    const HttpHeaders& headers() const { return head_.headers(); }
    // True when the last run failed on a reused connection before any byte came back.
    bool wasStaleConnection() const { return stale_; }
    // Scheme, host, port and credentials: what may share a connection.
    const std::string& origin() const { return origin_; }
    HttpResult result() const { return result_; }

  private:
    static std::size_t onHeader(char* data, std::size_t size, std::size_t count, void* self);
    static std::size_t onBody(char* data, std::size_t size, std::size_t count, void* self);

    bool addHeaders();
    void setOptions(CurlSlot& slot, bool freshConnection);
    void begin(CurlSlot& slot, bool freshConnection);
    void drive(CurlSlot& slot);
    bool takeHeaderLine(std::string_view line);
    bool endOfHeaders();
    bool takeBody(std::string_view piece);
    bool isCancelled() const;
    // The first end counts.
    void end(HttpOutcome outcome, std::string message);
    void judge(CURLcode code, CURL* easy);

    const HttpRequest& request_;
    const HttpSink& sink_;
    HttpResult result_;
    bool ended_ = false;
    bool stale_ = false;
    std::string origin_;
    std::string where_;  // host:port, for messages
    curl_slist* headerList_ = nullptr;
    HttpAnswerHead head_;
    bool holdBody_ = false;  // the body waits for resume()
    std::chrono::steady_clock::time_point deadline_;
    std::uint64_t bodyBytes_ = 0;
    std::chrono::steady_clock::time_point lastByte_;
};

}  // namespace host
