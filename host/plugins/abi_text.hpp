// Text and JSON on their way across the plugin ABI: spans out, checked and bounded copies in.
// Pure functions, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipl/ipl.h"
#include "support/error.hpp"

namespace host::plugins {

inline ipl_span spanOf(std::string_view text) {
    return {text.data(), text.size()};
}

inline std::string_view viewOf(const ipl_span& span) {
    return span.data == nullptr ? std::string_view()
                                : std::string_view(span.data, static_cast<std::size_t>(span.size));
}

// A struct of the other side as this host knows it: what it lacks is zero. `size` is its
// struct_size.
template <typename T>
T checkedCopy(const T* from, std::size_t size) {
    T copy{};
    std::char_traits<char>::copy(reinterpret_cast<char*>(&copy),
                                 reinterpret_cast<const char*>(from),
                                 size < sizeof(T) ? size : sizeof(T));
    return copy;
}

// Valid UTF-8 without control characters (a space instead), at most maxBytes. `wasValid` is cleared
// when bytes had to be replaced.
std::string cleanText(std::string_view text, std::size_t maxBytes, bool* wasValid = nullptr);

// The JSON object in `text`; nothing when it is none, longer than maxBytes or nested over 32
// levels.
std::optional<Json> parseObject(std::string_view text, std::size_t maxBytes);

// How many bytes at the end begin a code point that is not all there yet, 0 to 3.
std::size_t incompleteTail(std::string_view text);

// Absolute paths of this machine cut down to their last part, so that a client never sees them.
// `folders` are cut as well, wherever they lie.
std::string withoutPaths(std::string_view text, const std::vector<std::string>& folders);

}  // namespace host::plugins
