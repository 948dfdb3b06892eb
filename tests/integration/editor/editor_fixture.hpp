// What the tests of the scene editor share: a model server that writes down what it was asked, and
// a host that runs nothing but the editor.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "common/host_process.hpp"
#include "integration/support/generator.hpp"
#include "sim-common/server.hpp"

namespace test {

// Where nobody listens.
inline constexpr const char* kNobody = "http://127.0.0.1:1";

// Answers as it is told, and remembers all requests. `answer` runs on the connection's thread.
class RecordingServer {
  public:
    using Answer = std::function<bool(sim::Connection&, const sim::Request&)>;

    explicit RecordingServer(Answer answer = {})
        : answer_(std::move(answer)),
          server_(sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
              {
                  const std::lock_guard lock(mutex_);
                  requests_.push_back(request);
              }
              if (answer_) return answer_(connection, request);
              return connection.reply(200, "application/json", R"({"ok":true})");
          })) {}

    std::string url() const { return server_.url(); }
    std::string authority() const { return server_.url().substr(7); }
    int connections() const { return server_.connections(); }
    std::vector<sim::Request> requests() const {
        const std::lock_guard lock(mutex_);
        return requests_;
    }
    // The last one; an empty request when there was none.
    sim::Request last() const {
        const auto all = requests();
        return all.empty() ? sim::Request{} : all.back();
    }

  private:
    const Answer answer_;
    mutable std::mutex mutex_;
    std::vector<sim::Request> requests_;
    sim::Server server_;
};

// A configuration that runs the editor alone; `more` is laid over it.
inline host::Json editorOnly(const std::string& modelServer,
                             const host::Json& more = host::Json::object()) {
    host::Json config = {{"services", {{"dual_gen", false}, {"json_from_image", false}}},
                         {"generator_url", kNobody},
                         {"lm_studio_url", modelServer},
                         {"lm_studio_model", "the-model"}};
    config.merge_patch(more);
    return config;
}

inline HttpClient editorOf(const HostProcess& host) {
    return HttpClient(host.url("create_json"));
}

inline std::string codeOf(const HttpAnswer& answer) {
    const host::Json body = answer.json();
    return body.is_object() && body.contains("error") ? body["error"].value("code", "") : "";
}

// The contract's error, and nothing about this machine in it.
inline void expectError(const HttpAnswer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status) << answer.body;
    EXPECT_EQ(codeOf(answer), code) << answer.body;
    EXPECT_EQ(answer.body.find("/tmp/"), std::string::npos) << answer.body;
}

// A request whose answer is read piece by piece.
class OpenRequest {
  public:
    OpenRequest(const std::string& url, const std::string& request)
        : socket_(Address::ofUrl(url), "", until_) {
        socket_.send(request, until_);
    }

    AnswerHead head() { return receiveHead(socket_, raw_, until_); }
    // Receives until the body so far ends with `text`. False when the connection ended before.
    bool readUpTo(const std::string& text) {
        do {
            if (takeChunks(raw_, body_)) whole_ = true;
            if (body_.ends_with(text)) return true;
        } while (!whole_ && socket_.receive(raw_, until_));
        return false;
    }
    // Receives up to the end of the connection or of the chunked body; tells whether it was whole.
    bool readToEnd() {
        do {
            if (takeChunks(raw_, body_)) whole_ = true;
        } while (!whole_ && socket_.receive(raw_, until_));
        return whole_;
    }
    const std::string& body() const { return body_; }
    bool ended() const { return socket_.ended(); }
    void hangUp() { socket_.close(); }
    TcpSocket& socket() { return socket_; }
    std::chrono::steady_clock::time_point until() const { return until_; }

  private:
    const std::chrono::steady_clock::time_point until_ =
        std::chrono::steady_clock::now() + std::chrono::seconds(40);
    TcpSocket socket_;
    std::string raw_;
    std::string body_;
    bool whole_ = false;
};

inline std::string getRequest(const std::string& target, const std::string& lines = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + lines + "\r\n";
}

}  // namespace test
