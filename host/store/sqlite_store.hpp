// Opens the SQLite job store of one host. What it does with the file that it finds: nothing there,
// an empty file: a new database; our own: brought to the newest schema version; the old system's (a
// `jobs` table that is not ours): renamed to <name>.old, with a warning; from a newer version,
// damaged, another program's, a folder, unreadable: refused and left untouched. A second host on
// the same database is refused while the first lives. Errors of opening are for operators and name
// paths.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>

#include "store/job_store.hpp"

namespace host {
class MetricsRegistry;
}

namespace host::store {

struct OpenOptions {
    // Seconds since the epoch, for the ages of idempotency keys. Empty: the system's clock at the
    // opening, and from there on steadily, whatever that clock is set to.
    std::function<double()> now;
    int readers = 4;
    std::chrono::milliseconds readPatience{5000};  // for a free reader
    std::chrono::milliseconds busyTimeout{5000};   // for a lock that another program holds
    std::size_t maxWaiting = 20000;                // change sets in the writer's queue
    std::size_t maxWaitingBytes = std::size_t{64} << 20;
    std::size_t maxGroup = 512;  // change sets in one transaction
    std::uint64_t keepEvents = 100000;
    // Where commits, attempts and jobs are counted; null = nowhere. Outlives the store.
    MetricsRegistry* metrics = nullptr;
};

Result<std::unique_ptr<JobStore>> openSqliteStore(const std::filesystem::path& database,
                                                  const OpenOptions& options = {});

}  // namespace host::store
