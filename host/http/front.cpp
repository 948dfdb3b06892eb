#include "http/front.hpp"

#include "http/task_pool.hpp"

namespace host::http {

Front::Front(FrontOptions options)
    : options_(options),
      workers_(std::make_unique<TaskPool>(options.workers, options.workerQueue)),
      slowWorkers_(std::make_unique<TaskPool>(options.slowWorkers, options.slowQueue)),
      events_(options.events) {}

Front::~Front() {
    stop();
}

void Front::stop() {
    events_.stop();
    slowWorkers_->stop();
    workers_->stop();
}

FrontFigures Front::figures() const {
    return {connections_.load(), events_.streams(), bytes_.load(),
            workers_->queued() + slowWorkers_->queued(), requests_.load()};
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
