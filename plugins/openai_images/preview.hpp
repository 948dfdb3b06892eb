// Partial images made small enough to be shown. Any thread.
#pragma once

#include <string>
#include <string_view>

namespace openai_images {

// At most 512 pixels a side, as JPEG, of a PNG; empty when it is none that can be read.
std::string smallJpeg(std::string_view png);

}  // namespace openai_images
