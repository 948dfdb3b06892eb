// What GET /sdapi/v1/progress and POST /internal/progress say of a job. Blocks on the database.
// Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "services/context.hpp"

namespace host::services {

// Nothing runs when `jobId` is empty or the job is over. `withPicture`: the latest preview, as
// base64.
Json drawingProgress(const Context& context, const std::string& jobId, bool withPicture);

// What /internal/progress is asked for.
struct TaskQuestion {
    bool withPicture = true;
    std::int64_t lastPicture = -1;  // the client has it already
};

// Of a task's job; "" is a task that is not known.
Json taskProgress(const Context& context, const std::string& jobId, const TaskQuestion& question);

}  // namespace host::services
