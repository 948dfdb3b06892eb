// Form bodies: multipart/form-data and application/x-www-form-urlencoded, over a body that is whole
// in memory. Parts are views into that body, which must outlive them. Plain functions, thread-safe.
// A malformed body is a VALIDATION_ERROR.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "http/fields.hpp"
#include "support/error.hpp"

namespace host::http {

struct Part {
    std::string name;         // decoded; valid UTF-8
    std::string fileName;     // as the client says: never a path to trust
    bool isFile = false;      // a file name was given, be it empty
    std::string contentType;  // as the client says; empty when absent
    std::string_view data;
};

inline constexpr std::size_t kMaxParts = 100;

class Multipart {
  public:
    // `contentType` is the whole header value with its boundary parameter.
    static Result<Multipart> parse(std::string_view contentType, std::string_view body);

    const std::vector<Part>& parts() const { return parts_; }
    // The first part of that name, or nullptr.
    const Part* find(std::string_view name) const;
    std::vector<const Part*> all(std::string_view name) const;

  private:
    std::vector<Part> parts_;
};

// At most 1,000 fields.
Result<Params> parseUrlEncoded(std::string_view body);

}  // namespace host::http
