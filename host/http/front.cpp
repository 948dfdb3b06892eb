#include "http/front.hpp"

#include <algorithm>
#include <utility>

#include "http/task_pool.hpp"

namespace host::http {

Front::Front(FrontOptions options)
    : options_(std::move(options)),
      workers_(std::make_unique<TaskPool>(options_.workers, options_.workerQueue)),
      slowWorkers_(std::make_unique<TaskPool>(options_.slowWorkers, options_.slowQueue)),
      events_(options_.events) {}

Front::~Front() {
    stop();
}

void Front::stop() {
    events_.stop();
    slowWorkers_->stop();
    workers_->stop();
}

FrontFigures Front::figures() const {
    FrontFigures figures;
    figures.connections = connections_.load();
    figures.working = static_cast<std::size_t>(std::max(working_.load(), 0));
    figures.eventStreams = events_.streams();
    figures.bufferedBytes = bytes_.load();
    figures.queued = workers_->queued() + slowWorkers_->queued();
    figures.requests = requests_.load();
    return figures;
}

bool Front::runOnWorker(std::function<void()> task) {
    return workers_->post(std::move(task));
}

bool Front::runOnSlowWorker(std::function<void()> task) {
    return slowWorkers_->post(std::move(task));
}

bool Front::addConnection() {
    if (connections_.fetch_add(1) < options_.maxConnections) return true;
    connections_.fetch_sub(1);
    return false;
}

void Front::dropConnection() {
    connections_.fetch_sub(1);
}

bool Front::addBytes(std::uint64_t bytes) {
    if (bytes_.fetch_add(bytes) + bytes <= options_.maxBufferedBytes) return true;
    bytes_.fetch_sub(bytes);
    return false;
}

void Front::dropBytes(std::uint64_t bytes) {
    bytes_.fetch_sub(bytes);
}

}  // namespace host::http
