// The two threads behind EventHub. The sender owns all streams and their sockets; the reader asks
// the sources and owns nothing. They talk through three lists under one mutex. Internal.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "http/event_hub.hpp"
#include "support/sync.hpp"

namespace host::http {

class StreamLoop {
  public:
    explicit StreamLoop(EventHubOptions options);
    ~StreamLoop();
    StreamLoop(const StreamLoop&) = delete;
    StreamLoop& operator=(const StreamLoop&) = delete;

    void wake();
    bool reserve();
    void giveBack() { streams_.fetch_sub(1); }
    void adopt(int socket, std::string unsentHead, std::shared_ptr<EventSource> source,
               std::uint64_t cursor, std::function<void()> onClose) IPL_EXCLUDES(mutex_);
    std::size_t streams() const { return streams_.load(); }
    void stop() IPL_EXCLUDES(mutex_);

  private:
    using Clock = std::chrono::steady_clock;
    using Id = std::uint64_t;
    using Text = std::shared_ptr<const std::string>;

    struct Stream {
        int socket = -1;
        std::shared_ptr<EventSource> source;
        std::uint64_t cursor = 0;
        std::function<void()> onClose;
        Text pending;  // being sent, from `sent` on
        std::size_t sent = 0;
        bool reading = false;   // a read is under way
        bool caughtUp = false;  // the last read found nothing; it began at generation `seen`
        std::uint64_t seen = 0;
        bool finished = false;
        Clock::time_point progress{};
    };
    // One read for all streams at the same place of the same source.
    struct Read {
        std::shared_ptr<EventSource> source;
        std::uint64_t cursor = 0;
        std::uint64_t generation = 0;
        std::vector<Id> streams;
    };
    struct ReadResult {
        Read read;
        EventBatch batch;
        bool failed = false;
    };

    void start() IPL_REQUIRES(mutex_);
    void signal();
    void send() IPL_EXCLUDES(mutex_);         // the sender's function
    void readSources() IPL_EXCLUDES(mutex_);  // the reader's function
    void takeNews() IPL_EXCLUDES(mutex_);
    void apply(const ReadResult& result);
    void askForMore() IPL_EXCLUDES(mutex_);
    void flush(Id id, Stream& stream);
    void onEvent(Id id, std::uint32_t events);
    void keepTime();
    void close(Id id);

    const EventHubOptions options_;
    std::atomic<std::size_t> streams_{0};
    std::atomic<std::uint64_t> generation_{1};
    std::atomic<bool> signalled_{false};
    int epoll_ = -1;
    int wakeup_ = -1;

    Mutex mutex_;
    CondVar toRead_;
    std::vector<Stream> adopted_ IPL_GUARDED_BY(mutex_);
    std::deque<Read> reads_ IPL_GUARDED_BY(mutex_);  // at most one entry for each stream
    std::vector<ReadResult> results_ IPL_GUARDED_BY(mutex_);
    bool started_ IPL_GUARDED_BY(mutex_) = false;
    bool stopping_ IPL_GUARDED_BY(mutex_) = false;
    std::thread sender_ IPL_GUARDED_BY(mutex_);
    std::thread reader_ IPL_GUARDED_BY(mutex_);

    // The sender's own.
    std::unordered_map<Id, Stream> open_;
    Id nextId_ = 1;
    bool hungry_ = false;      // some stream may want a read
    std::uint64_t asked_ = 0;  // the generation of the last round of reads
    Clock::time_point nextTick_{};
    Text heartbeat_;
};

}  // namespace host::http
