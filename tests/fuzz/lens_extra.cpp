// What lens is told beside the pixels. The first line is the steering.
#include <algorithm>
#include <array>

#include "fuzz.hpp"
#include "lens/scene.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static constexpr std::array<std::uint8_t, 12> kPixels{250, 10, 10,  10, 250, 10,
                                                          10,  10, 250, 9,  9,   9};
    std::string_view extra = fuzz::text(data, size);
    lens::Order order;
    order.view = {2, 2, kPixels};
    order.steering = fuzz::takeLine(extra);
    order.extra = extra;
    static const auto kMeasured = lens::measure(order.view, [] { return true; });
    const auto scene = lens::sceneOf(order, *kMeasured, [] { return true; });
    check(scene.has_value(), "there is a scene for every picture");
    const std::string text = scene->dump(2);  // throws when a text is no UTF-8
    const auto characters = std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
    });
    check(static_cast<std::size_t>(characters) <= lens::kMaxScene, "a scene fits a prompt");
    for (const char* name : {"scene", "subjects", "color_palette", "camera"})
        check(scene->contains(name), "a scene is whole");
    return 0;
}
