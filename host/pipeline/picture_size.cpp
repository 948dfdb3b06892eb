#include "pipeline/picture_size.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>

namespace host::pipeline {

namespace {

struct SizeRow {
    std::string_view size;
    PixelSize landscape;
    std::uint32_t square;
};

constexpr std::array<SizeRow, 4> kSizes{{{"0.5mp", {864, 576}, 704},
                                         {"1mp", {1216, 832}, 1024},
                                         {"2mp", {1728, 1152}, 1408},
                                         {"4mp", {2432, 1664}, 2048}}};

constexpr std::array<std::string_view, 4> kSizeNames{kSizes[0].size, kSizes[1].size, kSizes[2].size,
                                                     kSizes[3].size};
constexpr std::array<std::string_view, 3> kOrientations{"landscape", "portrait", "square"};

bool isSide(std::uint32_t side) {
    return side >= kLeastSide && side <= kMostSide && side % kSideStep == 0;
}

bool isTooMuch(PixelSize size) {
    return std::uint64_t{size.width} * size.height > kMostPixels;
}

std::uint32_t nearestSide(double pixels) {
    const double within = std::clamp<double>(pixels, kLeastSide, kMostSide);
    return static_cast<std::uint32_t>(std::round(within / kSideStep)) * kSideStep;
}

// The one of the table that is off the least.
template <typename Distance>
SizeWords nearestOf(std::string_view onlySize, const Distance& distance) {
    SizeWords best;
    double least = std::numeric_limits<double>::infinity();
    for (const std::string_view size : kSizeNames) {
        if (!onlySize.empty() && size != onlySize) continue;
        for (const std::string_view orientation : kOrientations) {
            const PixelSize pixels = pixelSize(size, orientation).value();
            const double off = distance(pixels);
            if (off >= least) continue;
            least = off;
            best = {std::string(size), std::string(orientation)};
        }
    }
    return best;
}

}  // namespace

std::span<const std::string_view> sizeNames() {
    return kSizeNames;
}

std::span<const std::string_view> orientationNames() {
    return kOrientations;
}

std::optional<PixelSize> exactSize(std::string_view size) {
    const std::size_t cross = size.find('x');
    if (cross == size.npos) return std::nullopt;
    PixelSize pixels;
    std::from_chars(size.data(), size.data() + cross, pixels.width);
    std::from_chars(size.data() + cross + 1, size.data() + size.size(), pixels.height);
    if (!isSide(pixels.width) || !isSide(pixels.height)) return std::nullopt;
    // One spelling each, so that the same requests are the same.
    if (isTooMuch(pixels) || sizeText(pixels) != size) return std::nullopt;
    return pixels;
}

std::optional<PixelSize> pixelSize(std::string_view size, std::string_view orientation) {
    for (const SizeRow& row : kSizes) {
        if (row.size != size) continue;
        if (orientation == "landscape") return row.landscape;
        if (orientation == "portrait") return PixelSize{row.landscape.height, row.landscape.width};
        if (orientation == "square") return PixelSize{row.square, row.square};
        return std::nullopt;
    }
    return exactSize(size);
}

std::string sizeText(PixelSize size) {
    return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::string_view orientationOf(PixelSize size) {
    if (size.width == size.height) return "square";
    return size.width > size.height ? "landscape" : "portrait";
}

PixelSize drawableSize(std::uint32_t width, std::uint32_t height) {
    const double longer = std::max({width, height, 1U});
    const double shorter = std::max(std::min(width, height), 1U);
    double scale = std::max(1.0, kLeastSide / shorter);
    scale = std::min(scale, kMostSide / longer);
    scale = std::min(scale, std::sqrt(kMostPixels / (longer * shorter)));
    PixelSize size{nearestSide(width * scale), nearestSide(height * scale)};
    // Rounding may have gone over the number of pixels.
    std::uint32_t& side = size.width >= size.height ? size.width : size.height;
    while (isTooMuch(size))
        side -= kSideStep;
    return size;
}

SizeWords sizeWords(std::uint32_t width, std::uint32_t height) {
    const PixelSize pixels = drawableSize(width, height);
    const std::string orientation(orientationOf(pixels));
    for (const std::string_view size : kSizeNames) {
        if (pixelSize(size, orientation) == pixels) return {std::string(size), orientation};
    }
    return {sizeText(pixels), orientation};
}

SizeWords nearestClass(PixelSize wanted) {
    return nearestOf("", [&](PixelSize pixels) { return plugins::distance(pixels, wanted); });
}

SizeWords nearestShape(std::uint32_t width, std::uint32_t height, std::string_view size) {
    const double shape = std::log(static_cast<double>(width) / height);
    return nearestOf(size, [&](PixelSize pixels) {
        return std::abs(std::log(static_cast<double>(pixels.width) / pixels.height) - shape);
    });
}

}  // namespace host::pipeline
