// The generator service as a client sees it, and what it leaves on the disk.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "common/host_process.hpp"

namespace test {

// The id of an accepted job; "" when it was refused or no answer came.
std::string submit(const HttpClient& client, const host::Json& request,
                   const Headers& headers = {});
host::Json statusOf(const HttpClient& client, const std::string& jobId);
bool isOver(const host::Json& status);
// Polls until the job is over; fails the test, and gives the last status, when it is not in time.
host::Json waitForEnd(const HttpClient& client, const std::string& jobId,
                      std::chrono::milliseconds timeout = std::chrono::seconds(60));
// submit and waitForEnd.
host::Json run(const HttpClient& client, const host::Json& request,
               std::chrono::milliseconds timeout = std::chrono::seconds(60));

// All images of all results, in order.
std::vector<host::Json> imagesOf(const host::Json& status);

// Names in the output folder but for the result log, sorted.
std::vector<std::string> outputFiles(const HostProcess& host);
// Files under a temporary name anywhere below the folder: none while nothing is being written.
std::vector<std::string> partsBelow(const std::filesystem::path& folder);
// Rows of a CSV file by RFC 4180, the header first.
std::vector<std::vector<std::string>> readCsv(const std::filesystem::path& file);
inline std::filesystem::path resultLog(const HostProcess& host) {
    return host.output() / "generation_log.csv";
}

// What the sqlite3 shell answers, as an array of objects.
host::Json query(const std::filesystem::path& database, const std::string& sql);

// A valid PNG of one pixel, followed by `padding` bytes in a chunk that readers skip.
std::string tinyPng(std::size_t padding = 0);
std::string base64(std::string_view bytes);

}  // namespace test
