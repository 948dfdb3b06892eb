// Where a page ends, as text for clients: opaque to them, safe in URLs and headers, checked when it
// comes back. Pure functions.
#pragma once

#include <cstdint>
#include <string>

#include "support/error.hpp"

namespace host::store {

std::string jobCursor(std::int64_t seq);
Result<std::int64_t> parseJobCursor(const std::string& cursor);

struct ImagePlace {
    double mtime = 0;
    std::string filename;
};
std::string imageCursor(const ImagePlace& place);
Result<ImagePlace> parseImageCursor(const std::string& cursor);

}  // namespace host::store
