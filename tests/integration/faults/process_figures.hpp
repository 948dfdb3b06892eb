// What the kernel says of a running process.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <sys/types.h>
#include <algorithm>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>

#include "common/host_process.hpp"
#include "common/sanitized.hpp"

namespace test {

// Open descriptors.
inline std::size_t descriptors(pid_t pid) {
    const std::filesystem::directory_iterator entries("/proc/" + std::to_string(pid) + "/fd");
    return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// "VmSize" or "VmRSS", in bytes; 0 when there is no such process.
inline std::uint64_t memory(pid_t pid, const std::string& figure) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    std::string word;
    std::uint64_t kilobytes = 0;
    while (status >> word) {
        if (word == figure + ":" && status >> kilobytes) return kilobytes * 1024;
    }
    return 0;
}

// What a process holds.
struct Figures {
    std::size_t descriptors = 0;
    std::size_t threads = 0;
    std::uint64_t resident = 0;  // bytes
};

inline Figures figuresOf(pid_t pid) {
    const std::filesystem::directory_iterator tasks("/proc/" + std::to_string(pid) + "/task");
    return {descriptors(pid), static_cast<std::size_t>(std::distance(begin(tasks), end(tasks))),
            memory(pid, "VmRSS")};
}

// What it holds with nothing to do: the least of what is seen until there was no less for half a
// second. A connection that is just being closed does not count.
inline Figures atRest(pid_t pid) {
    using Clock = std::chrono::steady_clock;
    Figures least = figuresOf(pid);
    const auto limit = Clock::now() + std::chrono::seconds(10);
    for (auto last = Clock::now();
         Clock::now() < last + std::chrono::milliseconds(500) && Clock::now() < limit;) {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        const Figures now = figuresOf(pid);
        if (now.descriptors < least.descriptors || now.threads < least.threads) last = Clock::now();
        least.descriptors = std::min(least.descriptors, now.descriptors);
        least.threads = std::min(least.threads, now.threads);
        least.resident = now.resident;
    }
    return least;
}

inline constexpr std::uint64_t kMegabyte = std::uint64_t{1} << 20;

// What may be more than before for good: bounded, and none of it a fault's.
struct Growth {
    std::uint64_t resident = 16 * kMegabyte;  // caches that fill, what the allocator keeps
    std::size_t threads = 8;      // HTTP workers, which are started when they are first needed
    std::size_t connections = 0;  // to endpoints: one for each call at a time waits for the next
};

// After a fault, awaited: back to what it held at rest before. Take `before` when what is lazily
// made has been made, and repeat the fault so often that each time's leftovers would show.
inline void expectBackToRest(pid_t pid, const Figures& before, const Growth& growth = {}) {
    Figures now;
    const bool back = eventually([&] {
        now = figuresOf(pid);
        return now.descriptors <= before.descriptors + growth.connections &&
               now.threads <= before.threads + growth.threads &&
               (kSanitized || now.resident <= before.resident + growth.resident);
    });
    std::ostringstream text;
    text << "descriptors " << before.descriptors << " -> " << now.descriptors << ", threads "
         << before.threads << " -> " << now.threads << ", resident " << before.resident / kMegabyte
         << " -> " << now.resident / kMegabyte << " MB";
    ::testing::Test::RecordProperty("figures", text.str());
    EXPECT_TRUE(back) << text.str();
}

// Sets a limit of a running process; gives back what it was.
inline rlimit limited(pid_t pid, __rlimit_resource what, rlim_t soft) {
    rlimit before{};
    ::prlimit(pid, what, nullptr, &before);
    rlimit now = before;
    now.rlim_cur = std::min(soft, before.rlim_max);
    EXPECT_EQ(::prlimit(pid, what, &now, nullptr), 0);
    return before;
}

}  // namespace test
