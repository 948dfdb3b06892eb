// Looks at plugin files without taking their risks: each is loaded in a short-lived child process
// first. One that crashes, hangs, exits or misses a symbol while it is loaded is a fault to report,
// not the end of the host. Good verdicts are kept in a file and hold until the plugin's file
// changes. Threads: scan may be called from any thread; it starts a few of its own and joins them.
#pragma once

#include <chrono>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "plugins/entry.hpp"

namespace host::plugins {

struct ScanOptions {
    // Re-executed as `executable --scan-plugin FILE`; its main leads to scanMain.
    std::filesystem::path executable;
    std::filesystem::path cacheFile;  // empty = verdicts are not kept
    std::chrono::milliseconds timeout{5000};
};

// What the child does: loads the file, calls init, asks for its roles, prints the verdict as JSON
// on standard output. The exit code for the process: 0, also for a fault.
int scanMain(const std::filesystem::path& file);

using Verdicts = std::map<std::filesystem::path, Result<EntryInfo>>;

// One verdict for each file. Children run side by side; none outlives the call.
Verdicts scanFiles(const std::vector<std::filesystem::path>& files, const ScanOptions& options);

}  // namespace host::plugins
