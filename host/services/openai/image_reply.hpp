// What the OpenAI images API answers for a job that is over. Blocks on the disk for a moment.
// Thread-safe.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "services/calls/job_answer.hpp"
#include "services/calls/picture_conversions.hpp"

namespace host::services {

struct ImageReplyOptions {
    std::string size;     // that endpoints were asked for, such as "1024x1024"
    std::string urlBase;  // "http://HOST:PORT"; pictures come as links when set, else as base64
    std::string linkKey;  // links are signed with it where there is one
    std::filesystem::path outputDirectory;
    std::string correlationId;
    std::string path;  // of the call, for the shape of errors
    // Of those pictures that the client wants in another format; null when there are none.
    std::shared_ptr<const PictureConversion> converted;
};

JobReply imageReply(const Json& job, const ImageReplyOptions& options);

// Why a job has no picture to give, and with which status that is told.
struct JobFailure {
    Error error;
    int status = 500;
};
JobFailure failureOf(const Json& job);

// The names of a job's pictures that are not stored as the client wants them.
std::vector<std::string> picturesToConvert(const Json& job, const PictureEncoding& encoding);

// Of a picture of the job's results, as it came; what was asked for where nobody knows it.
std::string sizeOf(const Json& image, const ImageReplyOptions& options);

// Adds `"b64_json": "...` or `"url": "...` and the closing quote; false when the file is gone or
// could not be converted.
bool addPictureField(AnswerBody& body, const std::string& filename,
                     const ImageReplyOptions& options);
// What addPictureField() gives: "png", "jpeg" or "webp".
std::string formatGiven(const std::string& filename, const ImageReplyOptions& options);

}  // namespace host::services
