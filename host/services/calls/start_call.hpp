// The first half of a call that waits for a whole job: a place among the waiting, and the job.
// Thread-safe. Blocks on the disk.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "http/request.hpp"
#include "services/calls/waiting_calls.hpp"
#include "services/context.hpp"
#include "services/generator/generate_request.hpp"

namespace host::services {

struct StartedCall {
    std::unique_ptr<WaitingCalls::Place> place;
    std::string jobId;
    std::string correlationId;
    std::uint64_t cursor = 0;  // of the event log, before any event of the job
};

// Errors: as those of Engine::submit(), and Validation for an idempotency key that is none.
Result<StartedCall> startCall(const Context& context, const http::Request& request,
                              std::unique_ptr<WaitingCalls::Place> place, GenerateRequest wanted);

// True when the job's row says so. A repeat by idempotency key may be of a job whose last event is
// long gone, so whoever waits looks once before reading events.
std::optional<bool> isOver(const Context& context, const std::string& jobId);

}  // namespace host::services
