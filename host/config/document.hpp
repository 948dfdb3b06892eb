// JSON text with the line of every value. Bounded in size and depth, strict: a key given twice is a
// fault, as is everything that is not JSON in UTF-8 (a byte order mark at the start is let pass).
// Pure function, thread-safe, never throws for any text.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "config/fault.hpp"
#include "config/load.hpp"

namespace host::config {

inline constexpr std::size_t kMaxConfigBytes = 1024 * 1024;
inline constexpr std::size_t kMaxConfigDepth = 64;

struct Document {
    std::optional<Json> root;   // absent when the text cannot be read as JSON
    LineMap lines;              // what was read before a syntax error, too
    std::vector<Fault> faults;  // the syntax error, keys given twice
};

Document parseDocument(std::string_view text);

}  // namespace host::config
