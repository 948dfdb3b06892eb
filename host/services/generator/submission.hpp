// From a validated request to what the engine takes, the same for every protocol by which jobs
// come in. Pure, thread-safe.
#pragma once

#include "config/settings.hpp"
#include "http/request.hpp"
#include "pipeline/engine.hpp"
#include "services/generator/generate_request.hpp"

namespace host::services {

GenerateRules rulesOf(const config::Settings& settings);

// With the client, correlation id and idempotency key of `request`. Error: Validation, for a key
// that is none.
Result<pipeline::Submission> submissionOf(const http::Request& request, GenerateRequest parsed);

}  // namespace host::services
