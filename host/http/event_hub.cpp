#include "http/event_hub.hpp"

#include "http/stream_loop.hpp"

namespace host::http {

// The threads live in StreamLoop; this keeps them out of the header.
class EventHub::Impl : public StreamLoop {
  public:
    using StreamLoop::StreamLoop;
};

EventHub::EventHub(EventHubOptions options) : impl_(std::make_unique<Impl>(options)) {}

EventHub::~EventHub() {
    stop();
}

void EventHub::wake() {
    impl_->wake();
}

bool EventHub::reserve() {
    return impl_->reserve();
}

void EventHub::giveBack() {
    impl_->giveBack();
}

void EventHub::adopt(int socket, std::string unsentHead, std::shared_ptr<EventSource> source,
                     std::uint64_t cursor, std::function<void()> onClose) {
    impl_->adopt(socket, std::move(unsentHead), std::move(source), cursor, std::move(onClose));
}

std::size_t EventHub::streams() const {
    return impl_->streams();
}

void EventHub::stop() {
    impl_->stop();
}

}  // namespace host::http
