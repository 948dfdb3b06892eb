// Masks as OpenAI's API wants them, out of PNG files.
#include "common/png.hpp"
#include "fuzz.hpp"
#include "openai_images/mask.hpp"
#include "picture_size.hpp"
#include "plugin_errors.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::uint64_t kLargest = 64'000'000;
    const std::string_view bytes = fuzz::text(data, size);
    if (fuzz::takesLong(bytes, kLargest)) return 0;
    fuzz::expectErrors([&] {
        const ipl::ImageInput mask{"image/png", ipl::bytesOf(bytes)};
        const std::string made = openai_images::transparentWhereWhite(mask);
        const auto was = pictures::readPng(mask.bytes, kLargest, "the mask");
        const auto now = pictures::readPng(ipl::bytesOf(made), kLargest, "what was made");
        check(was.width == now.width && was.height == now.height, "a mask keeps its size");
        check(now.rgba.size() == std::size_t{4} * now.width * now.height, "and has every pixel");
        for (std::size_t i = 0; i < now.rgba.size(); i += 4) {
            check(now.rgba[i] == now.rgba[i + 1] && now.rgba[i] == now.rgba[i + 2], "it is grey");
            check(now.rgba[i] + now.rgba[i + 3] == 255, "what is white is transparent");
        }
    });
    return 0;
}
