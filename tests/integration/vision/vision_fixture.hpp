// What the tests of the vision service share: a host with a chat model behind it, pictures, and a
// model server of the test's own that shows who waits.
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "common/host_process.hpp"
#include "integration/support/generator.hpp"
#include "integration/support/simulator.hpp"
#include "sim-common/server.hpp"

namespace test {

inline std::string samplePicture(const std::string& name) {
    return readFile(std::string(IPL_TEST_DATA) + "/pictures/" + name);
}

inline host::Json chatAt(const std::string& url, int timeoutSeconds = 20) {
    return {{"plugin", "chat"},
            {"settings", {{"url", url}, {"model", "sim-model"}}},
            {"timeout_seconds", timeoutSeconds}};
}

// `more` is laid over the role's entry.
inline host::Json withEye(const Simulator& llm, const host::Json& more = host::Json::object()) {
    host::Json vision = llm.prompt();
    vision["timeout_seconds"] = 20;
    vision.merge_patch(more);
    return {{"vision", vision}, {"endpoints", {{{"name", "E"}, {"plugin", "echo"}}}}};
}

inline HttpClient visionOf(const HostProcess& host) {
    HttpClient client(host.url("json_from_image"));
    client.timeout = std::chrono::seconds(60);
    return client;
}

inline HttpAnswer analyze(const HttpClient& client, const std::string& picture,
                          const std::string& steering = "", const Headers& headers = {}) {
    Form form;
    form.file("image", "picture", "application/octet-stream", picture);
    if (!steering.empty()) form.field("steering", steering);
    Headers all = form.headers();
    all.insert(all.end(), headers.begin(), headers.end());
    return client.send("POST", "/api/analyze", all, form.body());
}

inline HttpAnswer analyze(const HostProcess& host, const std::string& steering = "") {
    return analyze(visionOf(host), samplePicture("plain.jpg"), steering);
}

// What the model was asked, `count` times at least: it writes that down after it has answered.
inline std::vector<host::Json> askedOf(const Simulator& llm, std::size_t count) {
    EXPECT_TRUE(eventually([&] { return llm.log().size() >= count; }));
    return llm.log();
}

inline std::string codeOf(const HttpAnswer& answer) {
    const host::Json body = answer.json();
    return body.is_object() && body.contains("error") ? body["error"].value("code", "") : "";
}

// A chat server that holds every completion until it is told to answer, and sees who leaves.
class HoldingModel {
  public:
    HoldingModel()
        : server_(sim::keepAlive([this](sim::Connection& connection, const sim::Request& request) {
              return answer(connection, request);
          })) {}
    ~HoldingModel() { release(); }

    std::string url() const { return server_.url(); }
    void release() { released_ = true; }
    int asked() const { return asked_; }    // completions so far
    int atOnce() const { return atOnce_; }  // the most that were held together
    int left() const { return left_; }      // clients that went before they had an answer

  private:
    bool answer(sim::Connection& connection, const sim::Request& request) {
        if (request.method == "GET")
            return connection.reply(200, "application/json", R"({"data":[{"id":"sim-model"}]})");
        ++asked_;
        const int held = ++held_;
        int most = atOnce_;
        while (held > most && !atOnce_.compare_exchange_weak(most, held)) {
        }
        while (!released_) {
            if (connection.waitFor(sim::Milliseconds(5)) != sim::Connection::Wait::Elapsed) {
                --held_;
                ++left_;
                return false;
            }
        }
        --held_;
        return connection.reply(
            200, "application/json",
            R"({"choices":[{"message":{"content":"{\"scene\":\"a pier\",\"mood\":\"calm\"}"},)"
            R"("finish_reason":"stop"}]})");
    }

    std::atomic<bool> released_{false};
    std::atomic<int> asked_{0};
    std::atomic<int> held_{0};
    std::atomic<int> atOnce_{0};
    std::atomic<int> left_{0};
    sim::Server server_;
};

}  // namespace test
