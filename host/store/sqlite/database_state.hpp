// What keeps the one database from being written or read, as its connections have found: told to
// operators in /health and, at most twice a minute for each kind, in the log. Thread-safe.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>

#include "support/sync.hpp"

namespace host::store {

enum class Trouble : unsigned char {
    None,
    Full,
    Locked,
    ReadOnly,
    Unreachable,
    Memory,
    Damaged,
    Other,  // the last
};

// What it is and what to do, for clients and operators; "" for None. Lives for ever.
std::string_view adviceOn(Trouble trouble);

class DatabaseState {
  public:
    // Damage stays until the next start, whoever found it; the rest counts when it kept somebody
    // from writing. True when it is worth a line in the log.
    bool failed(Trouble trouble, bool writing);
    // Something was committed.
    void written();

    Trouble trouble() const { return trouble_.load(std::memory_order_relaxed); }
    // Something is wrong, and a write that succeeds would show that it is over.
    bool mayPass() const { return trouble() != Trouble::None && trouble() != Trouble::Damaged; }

  private:
    using Time = std::chrono::steady_clock::time_point;

    std::atomic<Trouble> trouble_{Trouble::None};
    Mutex mutex_;
    static constexpr std::size_t kKinds = static_cast<std::size_t>(Trouble::Other) + 1;
    std::array<std::optional<Time>, kKinds> lines_ IPL_GUARDED_BY(mutex_);  // the last, by kind
};

}  // namespace host::store
