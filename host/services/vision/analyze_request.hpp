// Reads the body of POST /api/analyze, JSON or form, into a validated request. All faults are found
// at once; a picture that is none is judged when nothing else is wrong. Pure, thread-safe.
#pragma once

#include <string>

#include "http/request.hpp"
#include "support/error.hpp"

namespace host::services {

inline constexpr std::size_t kMaxSteeringCharacters = 10'000;
inline constexpr std::size_t kMaxModelCharacters = 200;

struct AnalyzeRequest {
    std::string picture;  // bytes of a JPEG, PNG, WebP or GIF, at most 10 MB
    std::string model;    // empty = the configured one
    std::string steering;
};

// Takes the request's body.
Result<AnalyzeRequest> readAnalyzeRequest(http::Request& request);

}  // namespace host::services
