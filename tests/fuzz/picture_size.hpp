// Which pictures take too long to be worth it.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/image_info.hpp"

namespace fuzz {

// Large ones that are read show nothing more than small ones; those of more than `largest` pixels
// are to be refused, which is quick.
inline bool takesLong(std::string_view bytes, std::uint64_t largest) {
    constexpr std::uint64_t kQuick = 100'000;
    const auto info = host::readImageInfo(bytes);
    if (!info) return false;
    const std::uint64_t pixels = std::uint64_t{info->width} * info->height;
    return pixels > kQuick && pixels <= largest;
}

}  // namespace fuzz
