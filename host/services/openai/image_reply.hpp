// What the OpenAI images API answers for a job that is over. Blocks on the disk for a moment.
// Thread-safe.
#pragma once

#include <filesystem>
#include <string>

#include "services/calls/job_answer.hpp"

namespace host::services {

struct ImageReplyOptions {
    std::string size;     // shown as it was made, such as "1024x1024"
    std::string urlBase;  // "http://HOST:PORT"; pictures come as links when set, else as base64
    std::filesystem::path outputDirectory;
    std::string correlationId;
    std::string path;  // of the call, for the shape of errors
};

JobReply imageReply(const Json& job, const ImageReplyOptions& options);

// Why a job has no picture to give, and with which status that is told.
struct JobFailure {
    Error error;
    int status = 500;
};
JobFailure failureOf(const Json& job);

// Adds `"b64_json": "...` or `"url": "...` and the closing quote; false when the file is gone.
bool addPictureField(AnswerBody& body, const std::string& filename,
                     const ImageReplyOptions& options);
// "png", "jpeg" or "webp", by a file's ending.
std::string outputFormat(const std::string& filename);

}  // namespace host::services
