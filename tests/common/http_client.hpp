// A small HTTP client for tests: sends exactly the path and headers it is given, from the source
// address it is given, one connection for each request. May be copied and used by any thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/tcp_socket.hpp"
#include "support/error.hpp"

namespace test {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct HttpAnswer {
    int status = 0;  // 0: no whole answer came
    Headers headers;
    std::string body;
    double seconds = 0;  // from the connect to the last byte

    // The first one of that name, without regard to case; "" when there is none.
    std::string header(std::string_view name) const;
    bool has(std::string_view name) const;
    // Discarded when it is none.
    host::Json json() const { return host::Json::parse(body, nullptr, false); }
};

class HttpClient {
  public:
    explicit HttpClient(const std::string& url, std::string sourceAddress = "");

    HttpAnswer get(const std::string& path, const Headers& headers = {}) const;
    HttpAnswer del(const std::string& path, const Headers& headers = {}) const;
    HttpAnswer post(const std::string& path, const host::Json& body,
                    const Headers& headers = {}) const;
    HttpAnswer send(const std::string& method, const std::string& path, const Headers& headers,
                    std::string_view body = {}) const;

    const Address& address() const { return address_; }
    std::chrono::milliseconds timeout{30'000};
    // Answers of a HostProcess are held against docs/openapi.json, see api_check.hpp.
    bool checked = true;

  private:
    Address address_;
    std::string source_;
};

// A multipart/form-data body, part by part.
class Form {
  public:
    Form& field(const std::string& name, const std::string& value);
    Form& file(const std::string& name, const std::string& fileName, const std::string& type,
               std::string_view bytes);
    std::string body() const { return body_ + "--" + kBoundary + "--\r\n"; }
    Headers headers() const {
        return {{"Content-Type", std::string("multipart/form-data; boundary=") + kBoundary}};
    }

  private:
    static constexpr const char* kBoundary = "----a-boundary-of-the-tests";
    std::string body_;
};

// For clients that read an answer piece by piece.
struct AnswerHead {
    int status = 0;
    Headers headers;
};
// Receives up to the end of the head; `rest` gets what follows it. Status 0 when none came.
AnswerHead receiveHead(TcpSocket& socket, std::string& rest,
                       std::chrono::steady_clock::time_point until);
// Takes whole chunks off the front of `raw` into `body`. True at the last chunk.
bool takeChunks(std::string& raw, std::string& body);

}  // namespace test
