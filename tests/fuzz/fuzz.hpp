// What the fuzz targets share. A target feeds one parser with any bytes; what must hold of the
// result beside not crashing it says with check(), which ends the process as a finding.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iterator>
#include <string_view>
#include <vector>

namespace fuzz {

inline void check(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "FINDING: it does not hold that %s\n", what);
    std::abort();
}

inline std::string_view text(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

// One status code of a refusal, by the bytes: all of them for each input would be slow.
inline int refusalStatus(std::string_view body) {
    constexpr int kStatuses[] = {400, 401, 404, 429, 500, 503};
    return kStatuses[(body.size() + (body.empty() ? 0 : static_cast<unsigned char>(body.back()))) %
                     std::size(kStatuses)];
}

// Takes the first line off, for targets with several inputs; seeds stay readable that way.
inline std::string_view takeLine(std::string_view& rest) {
    const std::size_t end = rest.find('\n');
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    return line;
}

// The bytes as a network might hand them over; where they are cut depends on nothing but them.
inline std::vector<std::string_view> pieces(std::string_view whole) {
    std::uint32_t state = 2166136261U;
    for (const char c : whole)
        state = (state ^ static_cast<unsigned char>(c)) * 16777619U;
    std::vector<std::string_view> parts;
    while (!whole.empty()) {
        state = state * 1664525U + 1013904223U;
        const bool tiny = (state >> 30) != 0;
        const std::size_t length = 1 + (state >> 8) % (tiny ? 7 : 200);
        parts.push_back(whole.substr(0, length));
        whole.remove_prefix(parts.back().size());
    }
    return parts;
}

}  // namespace fuzz

// libFuzzer's entry, defined by each target.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);
