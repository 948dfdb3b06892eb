// How an attempt ended, in the words of its rows: what the drawing and the prompt stage share. Pure
// functions.
#pragma once

#include <string>

#include "pipeline/work.hpp"
#include "plugins/call.hpp"
#include "store/records.hpp"
#include "support/clock.hpp"

namespace host::pipeline {

inline constexpr std::size_t kErrorBytes = 2000;

inline std::string shortError(const plugins::CallResult& call) {
    std::string text = call.message.empty() ? std::string(statusName(call.status)) : call.message;
    if (text.size() > kErrorBytes) text.resize(kErrorBytes);
    return text;
}

inline store::AttemptRow attemptOf(const Work& work, const std::string& outcome,
                                   const std::string& error) {
    return {.key = work.row.key,
            .number = work.row.tries,
            .endpoint = work.row.endpoint,
            .startedAt = work.startedAt,
            .endedAt = epochNow(),
            .outcome = outcome,
            .error = error};
}

// A call that was told to stop may end with any failure, such as a closed connection: what ended it
// is the cancel.
inline void noteCancel(const Work& work, plugins::CallResult& call) {
    const plugins::CancelReason reason = work.cancellation->reason();
    if (call.ok() ||
        (reason != plugins::CancelReason::User && reason != plugins::CancelReason::Shutdown)) {
        return;
    }
    call.status = plugins::CallStatus::Cancelled;
    call.cancelReason = reason;
}

}  // namespace host::pipeline
