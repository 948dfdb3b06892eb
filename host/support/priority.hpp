// Threads whose work can wait.
#pragma once

#include <sys/resource.h>
#include <unistd.h>

namespace host {

// From here on the calling thread leaves the processor to the others, the more the higher `nice`
// is (1 to 19). Linux counts this by thread.
inline void standBack(int nice) {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), nice);
}

}  // namespace host
