// Files of one folder over HTTP: ETag, Last-Modified, conditional requests, one byte range, HEAD.
// Nothing outside the folder can be reached by any spelling or link, and no hidden file.
// Thread-safe. Blocks on the disk: use it on worker lanes.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "http/request.hpp"
#include "http/response.hpp"

namespace host::http {

class StaticFiles {
  public:
    // The folder need not exist yet: it is opened at each request.
    explicit StaticFiles(std::filesystem::path folder, std::string cacheControl = "no-cache")
        : folder_(std::move(folder)), cacheControl_(std::move(cacheControl)) {}

    // `name` is relative to the folder, decoded, with '/' between folders. A 404 NOT_FOUND when
    // there is no such regular file; a fault of the disk is a 500.
    Response get(std::string_view name, const Request& request) const;

  private:
    std::filesystem::path folder_;
    std::string cacheControl_;
};

// One file at a trusted path, with the same conditions and ranges.
Response fileResponse(const std::filesystem::path& file, const Request& request,
                      std::string_view cacheControl = "no-cache");

// By the name's ending; "application/octet-stream" when unknown.
std::string_view contentTypeOf(std::string_view fileName);

}  // namespace host::http
