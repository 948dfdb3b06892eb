// Pictures as one ZIP archive, written while it is sent: constant memory, one open file at a time,
// nothing compressed (pictures are already), ZIP64 where it is needed.
#pragma once

#include <filesystem>
#include <vector>

#include "http/response.hpp"
#include "services/gallery/zip_request.hpp"

namespace host::services {

// Ends early when the client is gone, or far too slow. Throws std::runtime_error when a picture
// cannot be read any more: the connection is then cut off, so that nobody takes the archive for
// whole.
void streamZip(const std::filesystem::path& folder, const std::vector<ZipPicture>& pictures,
               http::StreamWriter& writer);

}  // namespace host::services
