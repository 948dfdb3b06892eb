#include "services/calls/start_call.hpp"

#include "services/generator/submission.hpp"

namespace host::services {

Result<StartedCall> startCall(const Context& context, const http::Request& request,
                              std::unique_ptr<WaitingCalls::Place> place, GenerateRequest wanted) {
    auto submission = submissionOf(request, std::move(wanted));
    if (!submission) return submission.error();
    StartedCall call;
    call.correlationId = request.correlationId;
    call.cursor = context.events.cursorNow();
    const bool keyed = !submission->idempotencyKey.empty();
    const auto receipt = context.engine.submit(std::move(*submission));
    if (!receipt) return receipt.error();
    call.place = std::move(place);
    call.jobId = receipt->jobId;
    call.place->waitFor(call.jobId);
    // The key is there for connections that are lost: the client comes again for the same job.
    if (keyed) call.place->over();
    return call;
}

std::optional<bool> isOver(const Context& context, const std::string& jobId) {
    const auto job = context.store.job(jobId);
    if (!job) return std::nullopt;
    return *job && !store::isOpen((*job)->job.status);
}

}  // namespace host::services
