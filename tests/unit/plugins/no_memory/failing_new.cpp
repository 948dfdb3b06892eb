#include "unit/plugins/no_memory/failing_new.hpp"

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace {

constexpr std::int64_t kNever = INT64_MAX;
std::atomic<std::int64_t> left{kNever};

void* allocate(std::size_t size) {
    if (left.load(std::memory_order_relaxed) != kNever && left.fetch_sub(1) <= 0) return nullptr;
    return std::malloc(size == 0 ? 1 : size);  // NOLINT(cppcoreguidelines-no-malloc)
}

}  // namespace

namespace test {

NoMemoryAfter::NoMemoryAfter(std::int64_t allocations) {
    left = allocations;
}

NoMemoryAfter::~NoMemoryAfter() {
    left = kNever;
}

bool NoMemoryAfter::ranOut() const {
    return left < 0;
}

}  // namespace test

// NOLINTBEGIN(cppcoreguidelines-no-malloc)
void* operator new(std::size_t size) {
    void* memory = allocate(size);
    if (memory == nullptr) throw std::bad_alloc();
    return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
    return allocate(size);
}
void operator delete(void* memory) noexcept {
    std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
    std::free(memory);
}
// NOLINTEND(cppcoreguidelines-no-malloc)
