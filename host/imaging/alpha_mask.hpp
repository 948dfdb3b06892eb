// A mask that says by transparency what is to be repainted, as one that says it by white. Any
// thread; one picture at a time, which bounds the memory.
#pragma once

#include <string>
#include <string_view>

#include "support/error.hpp"

namespace host::imaging {

// A PNG of the same size, white where `bytes` is transparent and black where it is opaque; empty
// when nothing in it is transparent or it is no PNG: then it is a mask already. Errors:
// InvalidImageFormat, ImageTooLarge, as decode().
Result<std::string> maskOfAlpha(std::string_view bytes);

}  // namespace host::imaging
