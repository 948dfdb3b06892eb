// The picture store on one machine's disks: pictures in the output folder, input pictures of jobs
// in a folder beside the database. See picture_store.hpp.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "store/picture_store.hpp"

namespace host::store {

struct PictureStoreOptions {
    std::uint64_t maxPictureBytes = std::uint64_t{256} << 20;
    std::uint64_t maxInputBytes = std::uint64_t{64} << 20;
};

// "<database without its ending>-data/inputs".
std::filesystem::path inputDirectoryFor(const std::filesystem::path& database);

// Makes both folders when they are missing. Errors are for operators and name paths.
Result<std::unique_ptr<PictureStore>> openDiskPictureStore(
    const std::filesystem::path& outputDirectory, const std::filesystem::path& inputDirectory,
    const PictureStoreOptions& options = {});

}  // namespace host::store
