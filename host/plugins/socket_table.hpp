// The websockets of one call. Threads: thread-safe; one socket is never used by two threads at
// once. Ownership: a socket in use outlives its removal.
#pragma once

#include <cstdint>
#include <map>
#include <memory>

#include "support/sync.hpp"

namespace host {
class WebSocket;
struct WebSocketMessage;
}  // namespace host

namespace host::plugins {

class SocketTable {
  public:
    static constexpr std::size_t kMaxOpen = 4;

    // What one handle stands for. `message` is what receive gave last.
    struct Entry {
        Entry();
        ~Entry();
        std::unique_ptr<WebSocket> socket;
        std::unique_ptr<WebSocketMessage> message;
    };

    SocketTable();
    ~SocketTable();

    // Null when too many are open, or the call is over.
    std::shared_ptr<Entry> add(std::uint64_t& handle) IPL_EXCLUDES(mutex_);
    // Null when there is no such socket (any more), or another thread is at it. Until released it
    // is the caller's alone.
    std::shared_ptr<Entry> acquire(std::uint64_t handle) IPL_EXCLUDES(mutex_);
    void release(std::uint64_t handle) IPL_EXCLUDES(mutex_);
    void remove(std::uint64_t handle) IPL_EXCLUDES(mutex_);
    // Removes all, for good.
    void close() IPL_EXCLUDES(mutex_);

  private:
    struct Slot {
        std::shared_ptr<Entry> entry;
        bool busy = false;
    };
    Mutex mutex_;
    bool closed_ IPL_GUARDED_BY(mutex_) = false;
    std::uint64_t lastHandle_ IPL_GUARDED_BY(mutex_) = 0;
    std::map<std::uint64_t, Slot> slots_ IPL_GUARDED_BY(mutex_);
};

}  // namespace host::plugins
