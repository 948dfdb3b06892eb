// What the kernel says of a running process.
#pragma once

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <sys/types.h>
#include <algorithm>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>

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
