// What happens after a failed attempt, by its class (the table stands in
// docs/decisions/retries.md). Pure functions; no threads, no state.
#pragma once

#include <chrono>

#include "plugins/call.hpp"

namespace host::pipeline {

// What a failure says about where and whether to go on.
struct FailureClass {
    int attempts = 1;             // how many attempts this class allows in all
    bool blamesEndpoint = false;  // counts towards its circuit breaker
    bool elsewhere = false;       // another endpoint may do better, where the job allows one
    bool counts = true;           // false: waiting, not failing (a busy backend)
    bool takesItsTime = false;    // it fails at the end of its time: not to be had from everybody
};

FailureClass classify(plugins::CallStatus status);

// Attempts are 1 s and 4 s apart; `attempt` is the one that just failed, from 1.
std::chrono::milliseconds retryDelay(int attempt);

// How long a busy backend asked to be left alone (details.retry_after_ms), within 0.2 s to 60 s.
std::chrono::milliseconds busyDelay(const Json& details);

inline constexpr int kMaxAttempts = 3;
// A busy backend is asked again for so long, then its item fails.
inline constexpr std::chrono::minutes kBusyLimit{10};
// ... counted anew when nobody asked for so long after it was due.
inline constexpr std::chrono::minutes kBusyGap{1};
// Attempts cut short by the host's own death do not count, up to this many.
inline constexpr int kMaxHostDeaths = 5;
// A job with no picture after so many failed items on each of its endpoints is stopped.
inline constexpr int kHopelessFailures = 5;
// How long an item waits for the open circuit of the one endpoint that may do it.
inline constexpr std::chrono::seconds kCircuitPatience{30};

}  // namespace host::pipeline
