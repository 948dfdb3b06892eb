// Runs a program to its end, with a bound on time and output. Thread-safe.
#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace host::plugins {

struct ChildEnd {
    std::string output;   // the first maxOutput bytes of its standard output
    std::string failure;  // "" = it ended with status 0; else "died of SIGSEGV", ...
};

ChildEnd runChild(const std::vector<std::string>& command, std::chrono::milliseconds timeout,
                  std::size_t maxOutput);

}  // namespace host::plugins
