// One decoder for each format, for decode() alone: it knows the format by the first bytes. Each
// checks the size that the file claims before it takes memory for it. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "imaging/pixels.hpp"
#include "imaging/shrink.hpp"

namespace host::imaging {

// No side longer than maxSide where that is not 0. Not yet turned upright.
Result<Pixels> decodePng(std::string_view bytes, std::uint32_t maxSide);
Result<Pixels> decodeJpeg(std::string_view bytes, std::uint32_t maxSide);
Result<Pixels> decodeWebp(std::string_view bytes, std::uint32_t maxSide);
Result<Pixels> decodeGif(std::string_view bytes, std::uint32_t maxSide);

// What they share.
Error brokenPicture(std::string_view format, std::string_view why);
Error tooManyPixels(std::uint64_t width, std::uint64_t height);
bool isTooLarge(std::uint64_t width, std::uint64_t height);
// A row of RGBA as RGB on white; `rgb` may be `rgba`.
void onWhite(const std::uint8_t* rgba, std::uint8_t* rgb, std::uint32_t width);

}  // namespace host::imaging
