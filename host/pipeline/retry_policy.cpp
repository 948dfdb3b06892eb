#include "pipeline/retry_policy.hpp"

#include <algorithm>

namespace host::pipeline {

using plugins::CallStatus;

FailureClass classify(CallStatus status) {
    switch (status) {
        case CallStatus::Ok:
        case CallStatus::InvalidArgument:
        case CallStatus::ImageFormat:
        case CallStatus::TooLarge:
        case CallStatus::Cancelled:
            return {};
        case CallStatus::Unsupported:
            return {.attempts = 1, .elsewhere = true};
        case CallStatus::Busy:
            return {.attempts = kMaxAttempts, .elsewhere = true, .counts = false};
        case CallStatus::Unavailable:
            return {.attempts = kMaxAttempts, .blamesEndpoint = true, .elsewhere = true};
        case CallStatus::Timeout:
            return {.attempts = kMaxAttempts,
                    .blamesEndpoint = true,
                    .elsewhere = true,
                    .takesItsTime = true};
        case CallStatus::Upstream:
            return {.attempts = kMaxAttempts, .elsewhere = true};
        case CallStatus::BadOutput:
        case CallStatus::OutOfMemory:
            return {.attempts = 2, .elsewhere = true};
        case CallStatus::Hung:
            return {.attempts = 2, .blamesEndpoint = true, .elsewhere = true, .takesItsTime = true};
        case CallStatus::Internal:
        case CallStatus::Crashed:
        case CallStatus::Protocol:
            return {.attempts = 2, .blamesEndpoint = true, .elsewhere = true};
    }
    return {.attempts = 2, .blamesEndpoint = true, .elsewhere = true};
}

std::chrono::milliseconds retryDelay(int attempt) {
    return attempt <= 1 ? std::chrono::milliseconds(1000) : std::chrono::milliseconds(4000);
}

std::chrono::milliseconds busyDelay(const Json& details) {
    std::int64_t ms = 1000;
    if (details.is_object()) {
        if (const auto found = details.find("retry_after_ms");
            found != details.end() && found->is_number()) {
            ms = static_cast<std::int64_t>(std::clamp(found->get<double>(), 0.0, 60'000.0));
        }
    }
    return std::chrono::milliseconds(std::clamp<std::int64_t>(ms, 200, 60'000));
}

}  // namespace host::pipeline
