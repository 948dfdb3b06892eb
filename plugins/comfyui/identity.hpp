// Names made of contents: the same run gets the same seed and the same prompt id after a restart,
// so that the picture of a run that went on without us is found again. Not for secrets. Pure
// functions, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace comfyui {

std::uint64_t hash(std::string_view text, std::uint64_t salt);
// 16 hexadecimal digits.
std::string hashText(std::string_view bytes);
// In the form of a UUID (version 8: own contents).
std::string uuidOf(std::string_view text);

}  // namespace comfyui
