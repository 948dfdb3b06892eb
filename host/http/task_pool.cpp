#include "http/task_pool.hpp"

#include <spdlog/spdlog.h>

#include <system_error>

namespace host::http {

bool TaskPool::post(std::function<void()> task) {
    MutexLock lock(mutex_);
    // A task goes ahead when a thread is waiting for it, when one can still be started, or when
    // there is room to wait.
    const bool mayStart = threads_.size() < maxThreads_;
    if (stopping_ || (!mayStart && tasks_.size() >= idle_ + maxQueue_)) return false;
    if (tasks_.size() >= idle_ && mayStart) {
        try {
            threads_.emplace_back([this] { run(); });
        } catch (const std::system_error& fault) {
            spdlog::warn("cannot start another HTTP worker: {}", fault.what());
            if (threads_.empty() || tasks_.size() >= maxQueue_) return false;
        }
    }
    tasks_.push_back(std::move(task));
    ready_.notifyOne();
    return true;
}

void TaskPool::run() {
    while (true) {
        std::function<void()> task;
        {
            MutexLock lock(mutex_);
            ++idle_;
            while (tasks_.empty() && !stopping_)
                ready_.wait(mutex_);
            --idle_;
            if (tasks_.empty()) return;
            task = std::move(tasks_.front());
            tasks_.pop_front();
        }
        task();
    }
}

void TaskPool::stop() {
    std::vector<std::thread> threads;
    {
        MutexLock lock(mutex_);
        stopping_ = true;
        threads.swap(threads_);
        ready_.notifyAll();
    }
    for (std::thread& thread : threads)
        thread.join();
}

std::size_t TaskPool::queued() const {
    MutexLock lock(mutex_);
    return tasks_.size();
}

}  // namespace host::http
