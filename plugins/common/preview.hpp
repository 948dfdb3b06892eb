// Pictures of the work so far, made small enough to be shown. Any thread; no length in a picture is
// trusted.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "ipl/call.hpp"

namespace pictures {

inline constexpr std::size_t kMaxPreview = 256 * 1024;  // bytes; see ipl.h, preview

// At most 512 pixels a side and kMaxPreview bytes, as JPEG, of a PNG, JPEG or WebP of at most 16
// million pixels; empty when it is none that can be read.
std::string smallJpeg(std::string_view picture);

// Hands it to the host: as it is, or small when it is larger than a preview may be. What is no such
// picture is left out: the finished one may come all the same.
void showPreview(ipl::Call& call, std::string_view picture);

}  // namespace pictures
