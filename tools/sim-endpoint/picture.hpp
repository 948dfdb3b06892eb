// A small valid PNG that looks different for every seed.
#pragma once

#include <cstdint>
#include <string>

namespace sim {

std::string makePicture(std::uint32_t width, std::uint32_t height, std::uint64_t seed);

}  // namespace sim
