// How a request says the size of a picture: a size class and an orientation of the contract's
// table, or WIDTHxHEIGHT in pixels. Pure, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "plugins/picture_size.hpp"

namespace host::pipeline {

using PixelSize = plugins::PictureSize;

// What WIDTHxHEIGHT may be: both sides in this range and multiples of the step, in no more pixels
// than the table's largest has.
inline constexpr std::uint32_t kLeastSide = 64;
inline constexpr std::uint32_t kMostSide = 4096;
inline constexpr std::uint32_t kSideStep = 8;
inline constexpr std::uint32_t kMostPixels = 2048 * 2048;

// The words of the contract, in its order.
std::span<const std::string_view> sizeNames();
std::span<const std::string_view> orientationNames();

// WIDTHxHEIGHT within the bounds above; empty for anything else.
std::optional<PixelSize> exactSize(std::string_view size);
// Of the contract's table, or the exact size, which needs no orientation. Empty for other words.
std::optional<PixelSize> pixelSize(std::string_view size, std::string_view orientation);

std::string sizeText(PixelSize size);  // "768x512"
std::string_view orientationOf(PixelSize size);

// The nearest to so many pixels (more than 0) that keeps to the bounds of an exact size: in the
// ratio of the sides as far as they allow.
PixelSize drawableSize(std::uint32_t width, std::uint32_t height);

struct SizeWords {
    std::string size;
    std::string orientation;
};
// The drawable size as a request says it: by the table's words where it is in there.
SizeWords sizeWords(std::uint32_t width, std::uint32_t height);
// The nearest of the table's, for backends that only know those.
SizeWords nearestClass(PixelSize size);
// The nearest in shape among the table's of one size class.
SizeWords nearestShape(std::uint32_t width, std::uint32_t height, std::string_view size = "1mp");

}  // namespace host::pipeline
