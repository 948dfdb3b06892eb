// The templates for plain checkpoints (SD 1.5, SDXL) that need no file, as "Export (API)" writes
// them.
#pragma once

#include <string_view>

namespace comfyui {

std::string_view textToImage();
std::string_view imageToImage();
std::string_view imageToImageWithMask();

}  // namespace comfyui
