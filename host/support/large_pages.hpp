// Memory of megabytes that is about to be written from end to end.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>

namespace host {

// Asks the system to give it in pages of 2 MB where it can: one fault in place of 512. A hint;
// nothing happens for less than one such page.
inline void preferLargePages(char* memory, std::size_t size) {
    constexpr std::uintptr_t kLarge = std::uintptr_t{2} << 20;
    const auto begin = reinterpret_cast<std::uintptr_t>(memory);
    const std::uintptr_t first = (begin + kLarge - 1) / kLarge * kLarge;
    const std::uintptr_t last = (begin + size) / kLarge * kLarge;
    if (first < last) ::madvise(memory + (first - begin), last - first, MADV_HUGEPAGE);
}

}  // namespace host
