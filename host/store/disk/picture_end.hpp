// Whether a picture's bytes go to its end: what breaks off in the middle of a download still has a
// good beginning. Pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "support/image_info.hpp"

namespace host::store {

// `head` and `tail` are the first and the last bytes of a file of `size` bytes; they may overlap.
bool isComplete(ImageFormat format, std::string_view head, std::string_view tail,
                std::uint64_t size);

}  // namespace host::store
