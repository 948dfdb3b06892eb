#include "support/websocket_frames.hpp"

#include <sys/random.h>
#include <wslay/wslay.h>

#include <algorithm>
#include <cstring>
#include <new>

namespace host {

struct WebSocketFrames::Context {
    wslay_event_context_ptr wslay = nullptr;
    ~Context() {
        if (wslay != nullptr) wslay_event_context_free(wslay);
    }
};

// Called by the library, which is C: nothing may be thrown through it.
struct WebSocketFrames::Callbacks {
    static WebSocketFrames& of(void* self) { return *static_cast<WebSocketFrames*>(self); }

    template <typename Work>
    static bool guarded(WebSocketFrames& frames, const Work& work) noexcept {
        try {
            work();
            return true;
        } catch (const std::bad_alloc&) {
            frames.outOfMemory_ = true;
            return false;
        }
    }
    static ssize_t receive(wslay_event_context_ptr context, std::uint8_t* to, std::size_t size,
                           int /*flags*/, void* self) {
        auto& frames = of(self);
        if (frames.incoming_.empty() || frames.outOfMemory_ || frames.tooLarge_) {
            wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
            return -1;
        }
        size = std::min(size, frames.incoming_.size());
        std::memcpy(to, frames.incoming_.data(), size);
        frames.incoming_.remove_prefix(size);
        return static_cast<ssize_t>(size);
    }
    static ssize_t send(wslay_event_context_ptr context, const std::uint8_t* bytes,
                        std::size_t size, int /*flags*/, void* self) {
        auto& frames = of(self);
        const bool kept = guarded(
            frames, [&] { frames.outgoing_.append(reinterpret_cast<const char*>(bytes), size); });
        if (kept) return static_cast<ssize_t>(size);
        wslay_event_set_error(context, WSLAY_ERR_CALLBACK_FAILURE);
        return -1;
    }
    static int mask(wslay_event_context_ptr /*context*/, std::uint8_t* to, std::size_t size,
                    void* /*self*/) {
        return ::getrandom(to, size, 0) == static_cast<ssize_t>(size) ? 0 : -1;
    }
    static void frameStart(wslay_event_context_ptr /*context*/,
                           const wslay_event_on_frame_recv_start_arg* frame, void* self) {
        auto& frames = of(self);
        frames.control_ = wslay_is_ctrl_frame(frame->opcode);
        if (frame->opcode != WSLAY_TEXT_FRAME && frame->opcode != WSLAY_BINARY_FRAME) return;
        frames.partial_.kind = frame->opcode == WSLAY_TEXT_FRAME ? WebSocketMessage::Kind::Text
                                                                 : WebSocketMessage::Kind::Binary;
        frames.partial_.bytes.clear();
    }
    static void frameChunk(wslay_event_context_ptr /*context*/,
                           const wslay_event_on_frame_recv_chunk_arg* chunk, void* self) {
        auto& frames = of(self);
        if (frames.control_ || frames.tooLarge_) return;
        // The library bounds a frame; a message of many is bounded here.
        frames.tooLarge_ = chunk->data_length > frames.maxMessage_ - frames.partial_.bytes.size();
        if (frames.tooLarge_) return;
        guarded(frames, [&] {
            frames.partial_.bytes.append(reinterpret_cast<const char*>(chunk->data),
                                         chunk->data_length);
        });
    }
    static void message(wslay_event_context_ptr /*context*/,
                        const wslay_event_on_msg_recv_arg* message, void* self) {
        auto& frames = of(self);
        if (wslay_is_ctrl_frame(message->opcode) || frames.tooLarge_) return;
        guarded(frames, [&] {
            frames.ready_.push_back(std::move(frames.partial_));
            frames.partial_ = {};
        });
    }
};

WebSocketFrames::WebSocketFrames(std::size_t maxMessage)
    : maxMessage_(maxMessage), context_(std::make_unique<Context>()) {
    static constexpr wslay_event_callbacks kCallbacks{
        &Callbacks::receive,    &Callbacks::send, &Callbacks::mask,   &Callbacks::frameStart,
        &Callbacks::frameChunk, nullptr,          &Callbacks::message};
    if (wslay_event_context_client_init(&context_->wslay, &kCallbacks, this) != 0)
        throw std::bad_alloc();
    wslay_event_config_set_max_recv_msg_length(context_->wslay, maxMessage);
    // Its own buffer costs a multiple of the bytes when they come in small fragments.
    wslay_event_config_set_no_buffering(context_->wslay, 1);
}

WebSocketFrames::~WebSocketFrames() = default;

void WebSocketFrames::feed(std::string_view bytes) {
    if (state_ != State::Open) return;
    incoming_ = bytes;
    run();
    incoming_ = {};
}

void WebSocketFrames::run() {
    auto* wslay = context_->wslay;
    const bool failed = wslay_event_recv(wslay) != 0;
    if (tooLarge_) wslay_event_queue_close(wslay, WSLAY_CODE_MESSAGE_TOO_BIG, nullptr, 0);
    // Pongs, and the close with which it answers a close or a breach.
    while (wslay_event_want_write(wslay) != 0 && wslay_event_send(wslay) == 0) {
    }
    if (outOfMemory_) {
        state_ = State::Broken;
        throw std::bad_alloc();
    }
    if (tooLarge_) {
        state_ = State::TooLarge;
    } else if (wslay_event_get_close_received(wslay) != 0) {
        state_ = State::Closed;
        closeCode_ = wslay_event_get_status_code_received(wslay);
    } else if (failed || wslay_event_get_read_enabled(wslay) == 0) {
        const bool size = wslay_event_get_status_code_sent(wslay) == WSLAY_CODE_MESSAGE_TOO_BIG;
        state_ = size ? State::TooLarge : State::Broken;
    }
    if (state_ != State::Open) partial_ = {};
}

std::optional<WebSocketMessage> WebSocketFrames::next() {
    if (ready_.empty()) return std::nullopt;
    WebSocketMessage message = std::move(ready_.front());
    ready_.pop_front();
    return message;
}

bool WebSocketFrames::sendText(std::string_view text) {
    if (state_ != State::Open) return false;
    const wslay_event_msg message{WSLAY_TEXT_FRAME,
                                  reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
    if (wslay_event_queue_msg(context_->wslay, &message) != 0) return false;
    run();
    return state_ == State::Open;
}

void WebSocketFrames::sendClose() {
    if (state_ != State::Open) return;
    wslay_event_queue_close(context_->wslay, WSLAY_CODE_NORMAL_CLOSURE, nullptr, 0);
    run();
}

}  // namespace host
