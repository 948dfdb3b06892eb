// A running server for tests, on a free port, with room to change its options before start().
#pragma once

#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>

#include "http/server.hpp"
#include "unit/http/raw_client.hpp"

namespace test {

// Opens once, for any number of waiting handlers; waits are bounded.
class Gate {
  public:
    void open() {
        const std::lock_guard lock(mutex_);
        open_ = true;
        changed_.notify_all();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        ++waiting_;
        changed_.notify_all();
        return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return open_; });
    }
    // That many handlers have arrived.
    bool awaitWaiting(int count) {
        std::unique_lock lock(mutex_);
        return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return waiting_ >= count; });
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool open_ = false;
    int waiting_ = 0;
};

class ServerTest : public ::testing::Test {
  protected:
    using Request = host::http::Request;
    using Response = host::http::Response;
    using Lane = host::http::Lane;

    ServerTest() {
        router->add("GET", "/health", [](Request&) { return Response::jsonText(R"({"ok":true})"); },
                    {Lane::Loop});
        router->add("POST", "/echo", [](Request& request) {
            return Response::text(std::move(request.body), "text/plain");
        });
    }

    void start() {
        front = std::make_unique<host::http::Front>(frontOptions);
        auto started = host::http::Server::start(options, *front, router);
        ASSERT_TRUE(started.ok()) << started.error().message;
        server = std::move(*started);
    }

    RawClient client(int receiveBuffer = 0) { return RawClient(server->port(), receiveBuffer); }
    Answer ask(const std::string& request) { return client().ask(request); }

    void TearDown() override {
        if (server) server->stop(std::chrono::milliseconds(0));
        if (front) front->stop();
    }

    host::http::ServerOptions options;
    host::http::FrontOptions frontOptions;
    std::shared_ptr<host::http::Router> router = std::make_shared<host::http::Router>();
    std::unique_ptr<host::http::Front> front;
    std::unique_ptr<host::http::Server> server;
};

inline std::string post(const std::string& path, const std::string& body,
                        const std::string& headers = {}) {
    return "POST " + path +
           " HTTP/1.1\r\nHost: test\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
           headers + "\r\n" + body;
}

inline std::string errorCode(const Answer& answer) {
    const auto json = nlohmann::json::parse(answer.body, nullptr, false);
    if (!json.is_object() || json.value("success", true)) return "no error: " + answer.body;
    if (json.value("correlation_id", "") != answer.header("x-correlation-id")) return "wrong id";
    return json["error"].value("code", "");
}

}  // namespace test
