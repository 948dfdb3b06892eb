// The websockets of a simulated ComfyUI. Thread-safe; messages wait in each socket's own queue, the
// last 1000 of them, until its thread has sent them.
#pragma once

#include <condition_variable>
#include <deque>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "sim-common/server.hpp"

namespace sim {

class EventHub {
  public:
    // A whole socket, from its handshake to its end; always false, for the connection is used up.
    bool serve(Connection& connection, const Request& request, const std::string& client);
    // To the sockets of that client; an empty one means all.
    void send(const std::string& client, const std::string& text);
    // A PNG, as each socket wants to have it: with the prompt's id when it said that it knows how.
    void preview(const std::string& client, const std::string& prompt, const std::string& node,
                 std::string_view png);
    // Cuts every socket and grants none any more.
    void refuse();
    // Goes on granting them, but sends nothing.
    void mute();
    // Ends serve on every thread.
    void stop();

  private:
    struct Socket {
        std::string client;
        bool metadata = false;
        std::deque<std::pair<bool, std::string>> waiting;  // binary?, frame
    };
    void push(Socket& socket, bool binary, std::string frame);

    std::mutex mutex_;
    std::condition_variable changed_;
    std::list<Socket> sockets_;
    bool refusing_ = false;
    bool mute_ = false;
    bool stopping_ = false;
};

}  // namespace sim
