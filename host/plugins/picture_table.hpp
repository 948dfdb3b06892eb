// The pictures of one call on their way from the plugin to the observer's writers.
// Threads: thread-safe; one writer is never used by two threads at once, and no lock is held while
// it works. After close nothing reaches a writer any more.
#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <span>

#include "plugins/call.hpp"
#include "support/sync.hpp"

namespace host::plugins {

class PictureTable {
  public:
    // What came of an operation; `broke` names the rule that the plugin broke, a literal or null.
    struct Outcome {
        CallStatus status = CallStatus::Ok;
        const char* broke = nullptr;
    };

    static constexpr std::size_t kMaxPictures = 64;  // of one call, with those that came to nothing

    Outcome begin(CallObserver& observer, const PictureInfo& info, std::uint64_t& handle);
    Outcome write(std::uint64_t handle, std::span<const std::byte> bytes);
    Outcome commit(std::uint64_t handle);
    Outcome abort(std::uint64_t handle);

    // Drops what is not committed; true when there was any. Waits at most `patience` for a writer
    // that is at work on another thread.
    bool close(std::chrono::milliseconds patience);
    std::uint32_t committed() const;

  private:
    enum class State { Open, Committed, Failed, Aborted };
    struct Picture {
        State state = State::Open;
        bool busy = false;
        std::unique_ptr<PictureWriter> writer;
    };
    struct Turn;
    // Marks the picture busy. Null with `outcome` set when it cannot be used.
    std::shared_ptr<Picture> acquire(std::uint64_t handle, const char* afterCommit,
                                     Outcome& outcome) IPL_EXCLUDES(mutex_);
    void release(Picture& picture, State state) IPL_EXCLUDES(mutex_);

    mutable Mutex mutex_;
    CondVar idle_;
    bool closed_ IPL_GUARDED_BY(mutex_) = false;
    std::uint64_t lastHandle_ IPL_GUARDED_BY(mutex_) = 0;
    std::uint32_t committed_ IPL_GUARDED_BY(mutex_) = 0;
    std::map<std::uint64_t, std::shared_ptr<Picture>> pictures_ IPL_GUARDED_BY(mutex_);
};

}  // namespace host::plugins
