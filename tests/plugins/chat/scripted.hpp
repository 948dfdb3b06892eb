// Chat servers that a test scripts: every request is kept, every byte of an answer is the test's.
#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "common/recording.hpp"
#include "sim-common/server.hpp"

namespace test {

inline constexpr const char* kOneWord =
    "data: {\"choices\":[{\"delta\":{\"content\":\"cat\"},\"finish_reason\":\"stop\"}]}\n\n"
    "data: [DONE]\n\n";

inline bool play(sim::Connection& connection, const Recording& recording) {
    if (!recording.chunked) return connection.send(recording.answer()) && !recording.closes;
    connection.send(recording.head + "Transfer-Encoding: chunked\r\n\r\n");
    for (const auto& piece : recording.pieces)
        connection.sendChunk(piece);
    return connection.endChunked() && false;  // llama-server closes after a stream
}

inline bool streamWord(sim::Connection& connection) {
    connection.beginChunked(200, "text/event-stream");
    connection.sendChunk(kOneWord);
    return connection.endChunked();
}

// Keeps the requests; answers with the function.
class Scripted {
  public:
    using Answer = std::function<bool(sim::Connection&, const sim::Request&, int number)>;
    explicit Scripted(Answer answer)
        : server_(sim::keepAlive([this, answer = std::move(answer)](sim::Connection& connection,
                                                                    const sim::Request& request) {
              int number;
              {
                  std::lock_guard lock(mutex_);
                  requests_.push_back(request);
                  number = static_cast<int>(requests_.size());
              }
              return answer(connection, request, number);
          })) {}

    const sim::Server& server() const { return server_; }
    std::vector<sim::Request> requests() {
        std::lock_guard lock(mutex_);
        return requests_;
    }

  private:
    std::mutex mutex_;
    std::vector<sim::Request> requests_;
    sim::Server server_;
};

inline Scripted::Answer recorded(const std::string& name) {
    return [recording = readRecording(IPL_TEST_DATA, "llama-server/" + name)](
               sim::Connection& connection, const sim::Request&, int) {
        return play(connection, recording);
    };
}

}  // namespace test
