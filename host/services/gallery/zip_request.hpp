// POST /api/v1/gallery/zip: which pictures are wanted.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "http/request.hpp"
#include "store/job_store.hpp"
#include "support/error.hpp"

namespace host::services {

struct ZipPicture {
    std::string filename;
    std::string entryName;  // in the archive; different for each, also where case does not count
    std::uint64_t size = 0;
};

// JSON or a form with `filenames`, 1 to 1000 of pictures that are there. All faults at once.
Result<std::vector<ZipPicture>> readZipRequest(const http::Request& request, store::JobStore& store,
                                               const std::filesystem::path& outputDirectory);

}  // namespace host::services
