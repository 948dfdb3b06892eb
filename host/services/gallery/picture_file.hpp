// Names that clients give for pictures of the output folder, and their files. Thread-safe. Blocks
// on the disk.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "http/response.hpp"
#include "support/error.hpp"

namespace host::services {

// Not hidden, with the ending of a picture. May still lead into a folder: what is shown is for
// StaticFiles to judge.
bool isPictureName(const std::string& name);

Error noPicture();

// The regular file of that name in the output folder itself; links are not followed. Errors:
// NotFound, RefusingWork when too many files are open.
Result<std::unique_ptr<const http::Descriptor>> openPicture(
    const std::filesystem::path& outputDirectory, const std::string& name);

}  // namespace host::services
