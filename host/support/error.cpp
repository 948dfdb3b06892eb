#include "support/error.hpp"

namespace host {

namespace {

struct Row {
    std::string_view name;
    int status;
};

// In the order of ErrorCode.
constexpr Row kRows[] = {
    {"VALIDATION_ERROR", 400},
    {"IMAGE_TOO_LARGE", 400},
    {"INVALID_IMAGE_FORMAT", 400},
    {"JOB_NOT_FOUND", 404},
    {"NOT_FOUND", 404},
    {"METHOD_NOT_ALLOWED", 405},
    {"PAYLOAD_TOO_LARGE", 413},
    {"UNAUTHORIZED", 401},
    {"RATE_LIMITED", 429},
    {"SERVICE_UNAVAILABLE", 502},
    {"SERVICE_UNAVAILABLE", 503},
    {"LM_STUDIO_ERROR", 502},
    {"TIMEOUT", 504},
    {"INTERNAL_ERROR", 500},
};

const Row& row(ErrorCode code) {
    return kRows[static_cast<std::size_t>(code)];
}

}  // namespace

std::string_view codeName(ErrorCode code) {
    return row(code).name;
}

int httpStatus(ErrorCode code) {
    return row(code).status;
}

}  // namespace host
