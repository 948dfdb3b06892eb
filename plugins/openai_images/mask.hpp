// Masks as OpenAI's API wants them. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "ipl/views.hpp"

namespace openai_images {

// A PNG of the same size, transparent where the mask is white (to be repainted) and opaque where
// it is black, in between by its brightness; its colours stay, made grey. Throws ipl::Error
// kImageFormat when the mask is no PNG that can be read, kTooLarge above 64 million pixels.
std::string transparentWhereWhite(const ipl::ImageInput& mask);

}  // namespace openai_images
