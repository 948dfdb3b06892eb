// Follows one prompt from the queue to its pictures: by the events of the websocket while there is
// one, and by asking for /queue and /history, which alone decide how it went. Used by one thread.
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "comfyui/event_socket.hpp"
#include "comfyui/events.hpp"
#include "comfyui/history.hpp"
#include "comfyui/server.hpp"
#include "comfyui/workflow.hpp"

namespace comfyui {

struct Followed {
    std::string promptId;
    const Workflow& flow;
    std::uint32_t steps;  // asked for, until the server tells its own count
    bool wantsPreview;
};

class Follower {
  public:
    Follower(const Server& server, EventSocket& socket, ipl::Call& call, Followed run)
        : server_(server), socket_(socket), call_(call), run_(std::move(run)) {}

    // The pictures of the prompt once it has ended. Throws what it ended with, or kUpstream when
    // the server does not know it any more.
    std::vector<RemotePicture> untilEnd();

  private:
    using Clock = std::chrono::steady_clock;
    std::optional<std::vector<RemotePicture>> look();
    // Until then, or until an event says that another look is worth it.
    void listen(Clock::time_point until);
    // True when the prompt is said to be over.
    bool take(const ipl::WebSocketMessage& message);
    // Of the whole run, which may draw with several samplers; never less than before.
    double reached(const Event& event);
    void show(const ipl::WebSocketMessage& message);

    const Server& server_;
    EventSocket& socket_;
    ipl::Call& call_;
    const Followed run_;
    int failures_ = 0;                // in a row
    int absent_ = 0;                  // likewise
    bool running_ = false;            // as an event told last
    bool heard_ = false;              // since the last look: it runs
    std::set<std::string> samplers_;  // that have told of a step
    double furthest_ = -1;            // of the run, 0 to 1; below 0: nothing is known
    bool hasSteps_ = false;           // events tell better than looking does
};

}  // namespace comfyui
