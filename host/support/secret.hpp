// Comparison of secrets. A pure function.
#pragma once

#include <cstddef>
#include <string_view>

namespace host {

// Whether they are equal, in time that does not depend on where they differ.
inline bool sameSecret(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    unsigned difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        difference |= static_cast<unsigned char>(a[i] ^ b[i]);
    return difference == 0;
}

}  // namespace host
