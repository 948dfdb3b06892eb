#include "common/pixmap.hpp"

#include <cstddef>

namespace pixmap {

namespace {

bool isSpace(std::uint8_t byte) {
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// White space, a number of at most eight digits, one white space.
std::optional<int> number(std::span<const std::uint8_t>& rest) {
    constexpr std::size_t kMaxSpaces = 16;
    constexpr std::size_t kMaxDigits = 8;
    std::size_t at = 0;
    while (at < rest.size() && at < kMaxSpaces && isSpace(rest[at]))
        ++at;
    const std::size_t first = at;
    int value = 0;
    for (; at < rest.size() && at - first < kMaxDigits && rest[at] >= '0' && rest[at] <= '9'; ++at)
        value = value * 10 + (rest[at] - '0');
    if (at == first || at >= rest.size() || !isSpace(rest[at])) return std::nullopt;
    rest = rest.subspan(at + 1);
    return value;
}

}  // namespace

std::optional<Pixmap> readPixmap(std::span<const std::uint8_t> bytes) {
    if (bytes.size() < 3 || bytes[0] != 'P' || bytes[1] != '6' || !isSpace(bytes[2]))
        return std::nullopt;
    std::span<const std::uint8_t> rest = bytes.subspan(2);
    const auto width = number(rest);
    const auto height = width ? number(rest) : std::nullopt;
    const auto most = height ? number(rest) : std::nullopt;
    if (!most || *most != 255 || *width < 1 || *height < 1) return std::nullopt;
    const std::uint64_t pixels =
        static_cast<std::uint64_t>(*width) * static_cast<std::uint64_t>(*height);
    if (pixels > kMaxPixels || rest.size() != pixels * 3) return std::nullopt;
    return Pixmap{*width, *height, {rest.begin(), rest.end()}};
}

}  // namespace pixmap
