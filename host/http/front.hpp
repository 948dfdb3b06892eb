// What all servers of a process share: the worker threads, the event streams, the bounds on
// connections and on memory. Create it first, stop it after the servers; handlers may be running
// until stop() has returned. Public functions may be called from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "http/event_hub.hpp"

namespace host {
class MetricsRegistry;
}

namespace host::http {

class TaskPool;

struct FrontOptions {
    unsigned workers = 8;            // Lane::Worker
    std::size_t workerQueue = 1024;  // complete requests waiting; beyond it 503
    unsigned slowWorkers = 64;       // Lane::Slow, started when needed
    std::size_t slowQueue = 64;
    std::size_t maxConnections = 10'000;  // over all servers; beyond it 503 and close
    std::uint64_t maxBufferedBytes = 512ull
                                     << 20;  // requests being received or served, unsent answers
    EventHubOptions events;
    std::shared_ptr<MetricsRegistry> metrics;  // null: requests are not counted
};

struct FrontFigures {
    std::size_t connections = 0;  // including event streams
    std::size_t working = 0;      // connections whose request a worker has
    std::size_t eventStreams = 0;
    std::uint64_t bufferedBytes = 0;
    std::size_t queued = 0;      // complete requests waiting for a worker
    std::uint64_t requests = 0;  // answered since the start
};

class Front {
  public:
    explicit Front(FrontOptions options = {});
    ~Front();  // stops
    Front(const Front&) = delete;
    Front& operator=(const Front&) = delete;

    EventHub& events() { return events_; }
    FrontFigures figures() const;

    // Ends the event streams, finishes queued tasks and joins the workers. Safe to repeat.
    void stop();

    // For Server.
    const std::shared_ptr<MetricsRegistry>& metrics() const { return options_.metrics; }
    void addWorking(int change) { working_.fetch_add(change, std::memory_order_relaxed); }
    bool runOnWorker(std::function<void()> task);  // false: the queue is full
    bool runOnSlowWorker(std::function<void()> task);
    bool addConnection();  // false: at the bound
    void dropConnection();
    bool addBytes(std::uint64_t bytes);  // false and nothing added: over the bound
    void dropBytes(std::uint64_t bytes);
    void countRequest() { requests_.fetch_add(1, std::memory_order_relaxed); }

  private:
    const FrontOptions options_;
    std::unique_ptr<TaskPool> workers_;
    std::unique_ptr<TaskPool> slowWorkers_;
    EventHub events_;
    std::atomic<std::size_t> connections_{0};
    std::atomic<int> working_{0};
    std::atomic<std::uint64_t> bytes_{0};
    std::atomic<std::uint64_t> requests_{0};
};

}  // namespace host::http
