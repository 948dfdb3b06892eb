// What the kernel says of a running process.
#pragma once

#include <sys/types.h>

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

}  // namespace test
