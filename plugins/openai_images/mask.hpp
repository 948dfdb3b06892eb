// Masks as OpenAI's API wants them. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "ipl/views.hpp"

namespace openai_images {

inline constexpr std::uint64_t kMaxMaskPixels = 64ULL * 1000 * 1000;

// A PNG of the same size, transparent where the mask is white (to be repainted) and opaque where
// it is black, in between by its brightness. Throws ipl::Error kImageFormat when the mask is no PNG
// that can be read, kTooLarge above kMaxMaskPixels.
std::string transparentWhereWhite(const ipl::ImageInput& mask);

}  // namespace openai_images
