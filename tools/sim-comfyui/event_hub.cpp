#include "sim-comfyui/event_hub.hpp"

#include <nlohmann/json.hpp>

#include "sim-common/websocket.hpp"

namespace sim {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kWaiting = 1000;
constexpr Milliseconds kLook{50};  // for what the client sends, and whether it is there

std::string bigEndian(std::size_t value) {
    std::string out;
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<char>(value >> shift));
    return out;
}

}  // namespace

bool EventHub::serve(Connection& connection, const Request& request, const std::string& client) {
    std::unique_lock lock(mutex_);
    if (refusing_ || !asksForWebSocket(request)) {
        lock.unlock();
        connection.reply(403, "application/octet-stream", "");
        return false;
    }
    auto self = sockets_.insert(sockets_.end(), Socket{client, false, {}});
    push(*self, false,
         Json{{"type", "status"},
              {"data", {{"status", {{"exec_info", {{"queue_remaining", 0}}}}}, {"sid", client}}}}
             .dump());
    lock.unlock();
    WebSocketPeer peer(connection);
    bool there = peer.accept(request);
    lock.lock();
    while (there && !stopping_ && !refusing_) {
        if (self->waiting.empty()) {
            changed_.wait_for(lock, kLook);
            lock.unlock();
            if (auto frame = peer.receive(Milliseconds(0))) {
                const Json said = Json::parse(frame->payload, nullptr, false);
                const Json::json_pointer wish("/data/supports_preview_metadata");
                lock.lock();
                if (said.is_object() && said.contains(wish)) self->metadata = said[wish] == true;
                lock.unlock();
                there = (frame->first & 0x0f) != 8;
            } else {
                there = connection.waitFor(Milliseconds(0)) == Connection::Wait::Elapsed;
            }
            lock.lock();
            continue;
        }
        auto [binary, frame] = std::move(self->waiting.front());
        self->waiting.pop_front();
        lock.unlock();
        there = binary ? peer.sendBinary(frame) : peer.sendText(frame);
        lock.lock();
    }
    if (refusing_) connection.reset();
    sockets_.erase(self);
    return false;
}

// Holds mutex_.
void EventHub::push(Socket& socket, bool binary, std::string frame) {
    if (mute_) return;
    socket.waiting.emplace_back(binary, std::move(frame));
    if (socket.waiting.size() > kWaiting) socket.waiting.pop_front();
    changed_.notify_all();
}

void EventHub::send(const std::string& client, const std::string& text) {
    std::lock_guard lock(mutex_);
    for (auto& socket : sockets_)
        if (client.empty() || socket.client == client) push(socket, false, text);
}

void EventHub::preview(const std::string& client, const std::string& prompt,
                       const std::string& node, std::string_view png) {
    const std::string about =
        Json{{"node_id", node}, {"prompt_id", prompt}, {"image_type", "image/png"}}.dump();
    const std::string plain = bigEndian(1) + bigEndian(2) + std::string(png);
    const std::string named = bigEndian(4) + bigEndian(about.size()) + about + std::string(png);
    std::lock_guard lock(mutex_);
    for (auto& socket : sockets_)
        if (client.empty() || socket.client == client)
            push(socket, true, socket.metadata ? named : plain);
}

void EventHub::refuse() {
    std::lock_guard lock(mutex_);
    refusing_ = true;
    changed_.notify_all();
}

void EventHub::mute() {
    std::lock_guard lock(mutex_);
    mute_ = true;
}

void EventHub::stop() {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
}

}  // namespace sim
