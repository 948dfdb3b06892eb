// PNG files to pixels and back. Any thread; no length in a file is trusted.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "ipl/views.hpp"

namespace pictures {

// 8 bits a channel, rows from the top, no padding: rgba.size() == width * height * 4.
struct Pixels {
    std::uint32_t width = 0;
    std::uint32_t height = 0;
    std::vector<std::uint8_t> rgba;
};

// `what` begins the message of an Error: kImageFormat when it is no PNG that can be read, kTooLarge
// above maxPixels, kOutOfMemory.
Pixels readPng(ipl::Bytes png, std::uint64_t maxPixels, const std::string& what);
std::string writePng(const Pixels& pixels, const std::string& what);

}  // namespace pictures
