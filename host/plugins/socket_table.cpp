#include "plugins/socket_table.hpp"

#include "support/websocket.hpp"

namespace host::plugins {

SocketTable::Entry::Entry() : message(std::make_unique<WebSocketMessage>()) {}
SocketTable::Entry::~Entry() = default;
SocketTable::SocketTable() = default;
SocketTable::~SocketTable() = default;

std::shared_ptr<SocketTable::Entry> SocketTable::add(std::uint64_t& handle) {
    auto entry = std::make_shared<Entry>();
    MutexLock lock(mutex_);
    if (closed_ || slots_.size() >= kMaxOpen) return nullptr;
    handle = ++lastHandle_;
    slots_[handle] = {entry, true};
    return entry;
}

std::shared_ptr<SocketTable::Entry> SocketTable::acquire(std::uint64_t handle) {
    MutexLock lock(mutex_);
    const auto slot = slots_.find(handle);
    if (slot == slots_.end() || slot->second.busy) return nullptr;
    slot->second.busy = true;
    return slot->second.entry;
}

void SocketTable::release(std::uint64_t handle) {
    MutexLock lock(mutex_);
    const auto slot = slots_.find(handle);
    if (slot != slots_.end()) slot->second.busy = false;
}

void SocketTable::remove(std::uint64_t handle) {
    std::shared_ptr<Entry> gone;  // ends without the lock
    MutexLock lock(mutex_);
    const auto slot = slots_.find(handle);
    if (slot == slots_.end()) return;
    gone = std::move(slot->second.entry);
    slots_.erase(slot);
}

void SocketTable::close() {
    std::map<std::uint64_t, Slot> gone;
    MutexLock lock(mutex_);
    closed_ = true;
    gone.swap(slots_);
}

}  // namespace host::plugins
