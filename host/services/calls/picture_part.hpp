// Reads pictures of the output folder piece by piece. Thread-safe. Blocks on the disk.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace host::services {

// Bytes; nothing when there is no such picture.
std::optional<std::uint64_t> pictureSize(const std::filesystem::path& folder,
                                         const std::string& name);

// `count` bytes from `offset` on, of a picture that has `length`. Throws std::runtime_error when
// the file is gone or is another by now. Opened anew for each part: whoever reads slowly keeps no
// descriptor.
std::string readPicturePart(const std::filesystem::path& folder, const std::string& name,
                            std::uint64_t length, std::uint64_t offset, std::size_t count);

}  // namespace host::services
