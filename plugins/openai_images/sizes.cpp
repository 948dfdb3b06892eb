#include "openai_images/sizes.hpp"

#include <charconv>
#include <cmath>

namespace openai_images {

namespace {

constexpr std::uint32_t kLeastSide = 16;
constexpr std::uint32_t kMostSide = 16384;

std::optional<std::uint32_t> sideOf(std::string_view text) {
    std::uint32_t side = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), side);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    if (side < kLeastSide || side > kMostSide) return std::nullopt;
    return side;
}

// How far apart two sizes are: any difference in shape counts for more than one in area.
double distance(Size a, Size b) {
    const auto shape = [](Size s) { return std::log(double{1} * s.width / s.height); };
    const auto area = [](Size s) { return std::log(double{1} * s.width * s.height); };
    constexpr double kShapeFirst = 1000;
    return kShapeFirst * std::abs(shape(a) - shape(b)) + std::abs(area(a) - area(b));
}

}  // namespace

std::optional<Size> readSize(std::string_view text) {
    const std::size_t cross = text.find('x');
    if (cross == text.npos) return std::nullopt;
    const auto width = sideOf(text.substr(0, cross));
    const auto height = sideOf(text.substr(cross + 1));
    if (!width || !height) return std::nullopt;
    return Size{*width, *height};
}

std::string textOf(Size size) {
    return std::to_string(size.width) + "x" + std::to_string(size.height);
}

std::string_view withoutMaker(std::string_view model) {
    return model.substr(model.find_last_of('/') + 1);
}

bool isGptImage(std::string_view model) {
    model = withoutMaker(model);
    return model.starts_with("gpt-image") || model.starts_with("chatgpt-image");
}

bool isDallE(std::string_view model) {
    return withoutMaker(model).starts_with("dall-e-");
}

std::vector<Size> sizesOf(std::string_view model) {
    model = withoutMaker(model);
    if (model == "dall-e-2") return {{256, 256}, {512, 512}, {1024, 1024}};
    if (model == "dall-e-3") return {{1024, 1024}, {1792, 1024}, {1024, 1792}};
    if (isGptImage(model)) return {{1024, 1024}, {1536, 1024}, {1024, 1536}};
    return {};
}

Size nearestOf(const std::vector<Size>& sizes, Size wanted) {
    if (sizes.empty() || wanted.width == 0 || wanted.height == 0)
        return sizes.empty() ? wanted : sizes.front();
    Size best = sizes.front();
    for (const Size size : sizes) {
        if (distance(size, wanted) < distance(best, wanted)) best = size;
    }
    return best;
}

}  // namespace openai_images
