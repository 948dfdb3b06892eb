// What GET /sdapi/v1/progress says of a job. Blocks on the database. Thread-safe.
#pragma once

#include <string>

#include "services/context.hpp"

namespace host::services {

// Nothing runs when `jobId` is empty or the job is over. `withPicture`: the latest preview, as
// base64.
Json drawingProgress(const Context& context, const std::string& jobId, bool withPicture);

}  // namespace host::services
