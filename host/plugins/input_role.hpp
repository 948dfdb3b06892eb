// What a picture of a request is for: the values of the ABI and the words of the HTTP API.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace host::plugins {

// Values as in ipl_image_in.role.
enum class InputRole : std::uint32_t { None = 0, Start = 1, Mask = 2, Reference = 3, Control = 4 };

// At most this many in one request, the start picture among them.
inline constexpr std::size_t kMaxInputs = 8;

inline constexpr std::array<std::string_view, 4> kInputRoleNames{"start", "mask", "reference",
                                                                 "control"};

// The word for a role that is not None.
constexpr std::string_view nameOf(InputRole role) {
    return kInputRoleNames[static_cast<std::size_t>(role) - 1];
}

constexpr std::optional<InputRole> inputRoleFrom(std::string_view word) {
    for (std::size_t i = 0; i < kInputRoleNames.size(); ++i) {
        if (kInputRoleNames[i] == word) return static_cast<InputRole>(i + 1);
    }
    return std::nullopt;
}

}  // namespace host::plugins
