#include "comfyui/event_socket.hpp"

#include "comfyui/events.hpp"
#include "common/upstream.hpp"

namespace comfyui {

namespace {

using ipl::Error;
using ipl::Status;
using std::chrono::milliseconds;
using namespace std::chrono_literals;

constexpr auto kOpenTime = 3000ms;  // the server's own work may hold it up
constexpr auto kConnectTime = 2000ms;
constexpr auto kRetryAfter = 2000ms;
constexpr auto kRefusedFor = 60'000ms;
constexpr std::uint64_t kMaxMessage = std::uint64_t{4} << 20;

std::int64_t nowMs() {
    return std::chrono::duration_cast<milliseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

}  // namespace

void SocketRefusals::note() {
    until_ = nowMs() + milliseconds(kRefusedFor).count();
}

bool SocketRefusals::mayTry() const {
    return nowMs() >= until_;
}

EventSocket::EventSocket(const ipl::Host& host, const ipl::Call& call, const std::string& serverUrl,
                         const std::string& clientId, SocketRefusals& refusals)
    : host_(host), call_(call), refusals_(refusals), nextTry_(Clock::now()) {
    // "http" becomes "ws", "https" "wss".
    request_.url = "ws" + serverUrl.substr(4) + "/ws?clientId=" + upstream::pathSegment(clientId);
    request_.maxMessage = kMaxMessage;
    request_.timeout = kOpenTime;
    request_.connectTimeout = kConnectTime;
}

void EventSocket::open() {
    const bool may = !socket_ && triesLeft_ > 0 && Clock::now() >= nextTry_ && refusals_.mayTry() &&
                     ipl::WebSocket::available(host_);
    if (!may) return;
    --triesLeft_;
    try {
        socket_.emplace(host_, call_, request_);
        socket_->sendText(kFeatureFlags);
    } catch (const Error& error) {
        if (!socket_) refusals_.note();
        lost(error);
    }
}

std::optional<ipl::WebSocketMessage> EventSocket::receive(milliseconds time) {
    try {
        return socket_->receive(time);
    } catch (const Error& error) {
        lost(error);
        return std::nullopt;
    }
}

void EventSocket::lost(const Error& error) {
    socket_.reset();
    nextTry_ = Clock::now() + kRetryAfter;
    if (error.status() == Status::kCancelled || call_.remaining() == 0ms) throw error;
    call_.log(ipl::Log::kInfo,
              "no websocket, asking over HTTP instead: " + std::string(error.message()));
}

}  // namespace comfyui
