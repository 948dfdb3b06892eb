#include "store/sqlite/cursor.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>

namespace host::store {

namespace {

constexpr std::size_t kMaxNameBytes = 255;
constexpr std::size_t kTimeDigits = 16;

Error badCursor() {
    return Error{ErrorCode::Validation, "cursor: not a cursor that this service has given"};
}

template <typename Number>
std::optional<Number> parseHex(std::string_view text) {
    Number number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, 16);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

void appendHex(std::string& to, unsigned char byte) {
    static constexpr char kDigits[] = "0123456789abcdef";
    to += kDigits[byte >> 4];
    to += kDigits[byte & 15];
}

}  // namespace

std::string jobCursor(std::int64_t seq) {
    return "j" + std::to_string(seq);
}

Result<std::int64_t> parseJobCursor(const std::string& cursor) {
    if (cursor.size() < 2 || cursor[0] != 'j') return badCursor();
    std::int64_t seq = 0;
    const char* end = cursor.data() + cursor.size();
    const auto [stop, error] = std::from_chars(cursor.data() + 1, end, seq);
    if (error != std::errc() || stop != end || seq < 1) return badCursor();
    return seq;
}

std::string imageCursor(const ImagePlace& place) {
    std::string cursor = "i";
    const auto bits = std::bit_cast<std::uint64_t>(place.mtime);
    for (int shift = 56; shift >= 0; shift -= 8)
        appendHex(cursor, static_cast<unsigned char>(bits >> shift));
    for (const char c : place.filename)
        appendHex(cursor, static_cast<unsigned char>(c));
    return cursor;
}

Result<ImagePlace> parseImageCursor(const std::string& cursor) {
    const std::string_view digits = std::string_view(cursor).substr(cursor.empty() ? 0 : 1);
    if (digits.size() <= kTimeDigits || digits.size() % 2 != 0 || cursor[0] != 'i' ||
        digits.size() > kTimeDigits + 2 * kMaxNameBytes) {
        return badCursor();
    }
    const auto bits = parseHex<std::uint64_t>(digits.substr(0, kTimeDigits));
    if (!bits) return badCursor();
    ImagePlace place;
    place.mtime = std::bit_cast<double>(*bits);
    if (!std::isfinite(place.mtime)) return badCursor();
    for (std::size_t at = kTimeDigits; at < digits.size(); at += 2) {
        const auto byte = parseHex<unsigned char>(digits.substr(at, 2));
        if (!byte) return badCursor();
        place.filename += static_cast<char>(*byte);
    }
    return place;
}

}  // namespace host::store
