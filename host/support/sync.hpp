// Mutex, lock and condition variable that clang's thread-safety analysis understands. Members that
// a mutex guards are marked IPL_GUARDED_BY(mutex_); functions that need it held
// IPL_REQUIRES(mutex_). The macros are empty on other compilers.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define IPL_TSA(x) __attribute__((x))
#else
#define IPL_TSA(x)
#endif

#define IPL_CAPABILITY(x) IPL_TSA(capability(x))
#define IPL_SCOPED_CAPABILITY IPL_TSA(scoped_lockable)
#define IPL_GUARDED_BY(x) IPL_TSA(guarded_by(x))
#define IPL_REQUIRES(...) IPL_TSA(requires_capability(__VA_ARGS__))
#define IPL_ACQUIRE(...) IPL_TSA(acquire_capability(__VA_ARGS__))
#define IPL_RELEASE(...) IPL_TSA(release_capability(__VA_ARGS__))
#define IPL_EXCLUDES(...) IPL_TSA(locks_excluded(__VA_ARGS__))

namespace host {

class IPL_CAPABILITY("mutex") Mutex {
  public:
    void lock() IPL_ACQUIRE() { mutex_.lock(); }
    void unlock() IPL_RELEASE() { mutex_.unlock(); }

  private:
    friend class CondVar;
    std::mutex mutex_;
};

class IPL_SCOPED_CAPABILITY MutexLock {
  public:
    explicit MutexLock(Mutex& mutex) IPL_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
    ~MutexLock() IPL_RELEASE() { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

  private:
    Mutex& mutex_;
};

// Waits release the mutex while they sleep; it is held again when they return. Wakes may be
// spurious: wait in a loop over the condition (a predicate in a lambda would escape the analysis).
class CondVar {
  public:
    void wait(Mutex& mutex) IPL_REQUIRES(mutex) {
        std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
        condition_.wait(lock);
        lock.release();
    }
    // False when the time was up.
    bool waitUntil(Mutex& mutex, std::chrono::steady_clock::time_point until) IPL_REQUIRES(mutex) {
        std::unique_lock<std::mutex> lock(mutex.mutex_, std::adopt_lock);
        const bool woken = condition_.wait_until(lock, until) == std::cv_status::no_timeout;
        lock.release();
        return woken;
    }
    void notifyOne() { condition_.notify_one(); }
    void notifyAll() { condition_.notify_all(); }

  private:
    std::condition_variable condition_;
};

}  // namespace host
