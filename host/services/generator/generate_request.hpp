// Reads the body of POST /api/v1/generate, JSON or form, into a validated request. All faults are
// found at once. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "http/request.hpp"
#include "pipeline/job_spec.hpp"
#include "support/error.hpp"

namespace host::services {

struct GenerateRules {
    config::Limits count;
    config::Limits steps;
    std::vector<std::string> endpoints;  // in config order
};

struct GenerateRequest {
    pipeline::JobSpec spec;
    std::string picture;    // bytes of the input picture, or empty
    std::string extension;  // ".png", ...

    // Equal for requests that mean the same, however they are encoded.
    std::string fingerprint() const;
};

inline constexpr std::size_t kMaxPictureBytes = 10 * 1024 * 1024;
inline constexpr std::size_t kMaxPromptCharacters = 10'000;

Result<GenerateRequest> readGenerateRequest(const http::Request& request,
                                            const GenerateRules& rules);

}  // namespace host::services
