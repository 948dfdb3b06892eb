// The conditional and range parts of RFC 9110 for a file that has an ETag and a modification time.
// Pure functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.hpp"

namespace host::http {

struct Validators {
    std::string etag;           // with its quotes
    std::int64_t modified = 0;  // seconds since the epoch
};

std::string httpTime(std::int64_t seconds);

// The client's copy is still good: answer 304.
bool isNotModified(const Request& request, const Validators& file);

struct ByteRange {
    enum class Kind { Whole, Part, Unsatisfiable };
    Kind kind = Kind::Whole;
    std::uint64_t offset = 0;
    std::uint64_t length = 0;
};
// What the request wants of a file of that size. Several ranges, malformed ones and ones whose
// If-Range fails mean the whole file.
ByteRange wantedRange(const Request& request, const Validators& file, std::uint64_t size);

}  // namespace host::http
