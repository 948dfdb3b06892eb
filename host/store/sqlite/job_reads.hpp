// Reading jobs, items and attempts. Each function runs inside a read transaction of its caller; an
// error stays in the connection.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "store/job_store.hpp"
#include "store/sqlite/connection.hpp"

namespace host::store {

std::vector<JobDetail> readOpenJobs(Connection& connection);
std::optional<JobDetail> readJob(Connection& connection, const std::string& id);
std::vector<AttemptRow> readAttempts(Connection& connection, const std::string& jobId);
// Jobs below `belowSeq`, at most `limit`, newest first.
std::vector<JobRow> readJobs(Connection& connection, std::optional<JobStatus> status, int limit,
                             std::int64_t belowSeq);
std::vector<TimedAttempt> readRecentSuccesses(Connection& connection, int limit);
std::vector<JobRow> readRecentlyFinished(Connection& connection, int limit);

}  // namespace host::store
