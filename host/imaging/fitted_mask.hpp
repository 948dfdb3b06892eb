// A mask made to fit the picture that it belongs to. Any thread; one at a time, which bounds the
// memory.
#pragma once

#include <string>
#include <string_view>

#include "imaging/shrink.hpp"
#include "support/error.hpp"

namespace host::imaging {

// A PNG of that size, which is at most kMaxPixels; `inverted`: white becomes black. What is made
// smaller is averaged, what is made larger is blended. Errors: as decode(), and InvalidImageFormat
// for a size without pixels.
Result<std::string> fittedMask(std::string_view bytes, Size size, bool inverted);

}  // namespace host::imaging
