// The input pictures that a job was given, as long as they are kept: with its row. They have
// numbers from 1, the start picture first, then the others in the order in which they were given.
// Thread-safe. Blocks on the disk.
#pragma once

#include <string>

#include "http/response.hpp"
#include "store/picture_store.hpp"
#include "store/records.hpp"
#include "support/error.hpp"

namespace host::services {

// [{"number", "role", "mime", "width", "height", "url"}]
Json jobInputsJson(const store::JobRow& job);

// Errors: NotFound when there is none of that number, or its file is gone.
Result<http::Response> jobInput(const store::JobRow& job, const std::string& number,
                                store::PictureStore& pictures);

}  // namespace host::services
