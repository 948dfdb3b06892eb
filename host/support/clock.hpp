// Wall-clock time as the API gives it. Waits and deadlines use std::chrono::steady_clock instead,
// so a clock that is set back or forward changes time stamps and nothing else.
#pragma once

#include <chrono>

namespace host {

// Seconds since the epoch, UTC.
inline double epochNow() {
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch())
        .count();
}

}  // namespace host
