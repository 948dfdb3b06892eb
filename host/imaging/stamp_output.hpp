// Writing a stamped picture: pieces of ours, and stretches of the original copied through a buffer
// of a fixed size. Belongs to one thread; the first error stays.
#pragma once

#include <string_view>
#include <vector>

#include "imaging/metadata.hpp"
#include "support/error.hpp"

namespace host::imaging {

class StampOutput {
  public:
    // Borrows both.
    StampOutput(ByteSource& from, int to) : from_(from), to_(to) {}
    void write(std::string_view bytes);
    void copy(std::uint64_t begin, std::uint64_t end);
    const Status& status() const { return status_; }

  private:
    ByteSource& from_;
    const int to_;
    std::vector<char> buffer_;
    Status status_ = Unit{};
};

}  // namespace host::imaging
