// Random identifiers and the rules for those that come from outside. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace host {

// 2 * bytes lower-case hex digits from the kernel's random source.
std::string randomHex(std::size_t bytes);

// A random number in [0, 2^53).
std::int64_t randomSeed();

// Job ids are 8 hex digits.
inline std::string newJobId() {
    return randomHex(4);
}
inline std::string newCorrelationId() {
    return randomHex(16);
}

// 1-128 characters of [A-Za-z0-9._:-], the contract's rule for X-Correlation-ID.
bool isSaneCorrelationId(std::string_view id);

}  // namespace host
