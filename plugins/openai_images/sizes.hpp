// The sizes that models of the images API draw. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace openai_images {

struct Size {
    std::uint32_t width = 0;  // pixels
    std::uint32_t height = 0;
    bool operator==(const Size&) const = default;
};

// "1536x1024"; nothing for anything else or sides outside of 16..16384.
std::optional<Size> readSize(std::string_view text);
std::string textOf(Size size);

// Routers put the maker's name before a model's own: openai/gpt-image-1.
std::string_view withoutMaker(std::string_view model);

// What OpenAI's API reference lists for a model ("Create image", size); empty for a model of
// another maker: then any size may be asked for.
std::vector<Size> sizesOf(std::string_view model);

// The one nearest in shape, then in area; `wanted` itself when there is nothing to choose from.
Size nearestOf(const std::vector<Size>& sizes, Size wanted);

// True for the models of OpenAI that stream partial images and always answer in base64.
bool isGptImage(std::string_view model);
bool isDallE(std::string_view model);

}  // namespace openai_images
