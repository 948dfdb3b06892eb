// What A1111's API answers for a job that is over: the pictures, the parameters, and `info` as JSON
// in a string. A job that was interrupted gives what it has. Blocks on the disk for a moment.
// Thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "services/calls/job_answer.hpp"

namespace host::services {

struct DrawingReplyOptions {
    Json parameters;
    bool sendImages = true;
    std::uint32_t width = 0;  // that endpoints were asked for
    std::uint32_t height = 0;
    std::filesystem::path outputDirectory;
    std::string correlationId;
    std::string path;  // of the call, for the shape of errors
};

JobReply drawingReply(const Json& job, const DrawingReplyOptions& options);

// "20261122080124", in UTC.
std::string jobTimestamp(double seconds);

}  // namespace host::services
