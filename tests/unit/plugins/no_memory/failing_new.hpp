// The operator new of this program, which can be made to fail.
#pragma once

#include <cstdint>

namespace test {

// While it lives, so many more allocations of the whole process succeed, and none after them.
class NoMemoryAfter {
  public:
    explicit NoMemoryAfter(std::int64_t allocations);
    ~NoMemoryAfter();
    NoMemoryAfter(const NoMemoryAfter&) = delete;
    NoMemoryAfter& operator=(const NoMemoryAfter&) = delete;

    // Whether an allocation has failed.
    bool ranOut() const;
};

}  // namespace test
