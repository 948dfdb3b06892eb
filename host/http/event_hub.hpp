// Owns every open event stream: one epoll thread sends without blocking, one reader thread asks the
// sources. Each stream holds at most one shared batch, so a client that never reads costs a bounded
// buffer and is dropped after a while without progress. Call wake() after events became readable.
// Public functions may be called from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "http/event_stream.hpp"

namespace host::http {

struct EventHubOptions {
    std::size_t batchBytes = 64 * 1024;  // asked of a source in one read; bounds a stream's buffer
    std::size_t maxStreams = 4000;       // beyond it a new stream is answered 503
    std::chrono::milliseconds heartbeat{15'000};
    std::chrono::milliseconds stallLimit{60'000};  // pending bytes and no progress: dropped
};

class EventHub {
  public:
    explicit EventHub(EventHubOptions options = {});
    ~EventHub();  // stops
    EventHub(const EventHub&) = delete;
    EventHub& operator=(const EventHub&) = delete;

    // New events may be readable. Cheap; calls are merged; never blocks.
    void wake();

    // Reserves a place; false when full or stopped. Followed by adopt() or giveBack().
    bool reserve();
    void giveBack();
    // Takes the connected non-blocking socket, whose unsent head bytes (if any) go out first.
    // `onClose` runs on the hub's thread once the socket is closed.
    void adopt(int socket, std::string unsentHead, std::shared_ptr<EventSource> source,
               std::uint64_t cursor, std::function<void()> onClose);

    std::size_t streams() const;

    // Closes all streams and ends the threads. Safe to repeat.
    void stop();

  private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace host::http
