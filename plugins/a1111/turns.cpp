#include "a1111/turns.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <set>
#include <utility>

namespace a1111 {

namespace {

constexpr std::chrono::seconds kPatience{3};
// Between two looks at the call.
constexpr std::chrono::milliseconds kLook{50};

std::mutex mutex;
std::condition_variable freed;
std::set<std::string> taken;

}  // namespace

Turn::Turn(std::string server, const ipl::Call& call) : server_(std::move(server)) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::unique_lock lock(mutex);
    while (!taken.insert(server_).second) {
        freed.wait_for(lock, kLook);
        lock.unlock();
        call.throwIfCancelled();
        if (std::chrono::steady_clock::now() > until)
            throw ipl::Error(ipl::Status::kBusy, "another endpoint is drawing on this server", {},
                             R"({"retry_after_ms": 1000})");
        lock.lock();
    }
}

Turn::~Turn() {
    const std::lock_guard lock(mutex);
    taken.erase(server_);
    freed.notify_all();
}

}  // namespace a1111
