#include "common/base64.hpp"

#include <array>
#include <cstddef>
#include <cstdint>

namespace upstream {

namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kNone = 0xFF;

constexpr std::array<std::uint8_t, 256> valuesOfAlphabet() {
    std::array<std::uint8_t, 256> values{};
    for (std::uint8_t& value : values)
        value = kNone;
    for (std::size_t i = 0; i < kAlphabet.size(); ++i)
        values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
    return values;
}

constexpr std::array<std::uint8_t, 256> kValues = valuesOfAlphabet();

}  // namespace

std::string base64(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        std::uint32_t group = 0;
        for (std::size_t j = 0; j < 3; ++j) {
            group <<= 8;
            if (i + j < bytes.size()) group |= static_cast<unsigned char>(bytes[i + j]);
        }
        for (std::size_t j = 0; j < 4; ++j) {
            const bool padding = i + j > bytes.size();
            out.push_back(padding ? '=' : kAlphabet[group >> (18 - 6 * j) & 63]);
        }
    }
    return out;
}

std::optional<std::string> fromBase64(std::string_view text) {
    if (text.starts_with("data:")) {
        const std::size_t comma = text.substr(0, 256).find(',');
        if (comma == text.npos) return std::nullopt;
        text.remove_prefix(comma + 1);
    }
    std::string out(text.size() / 4 * 3 + 3, '\0');
    // Four characters at a time for as long as all are of the alphabet: nearly always to the end.
    const auto valueAt = [text](std::size_t i) -> std::uint32_t {
        return kValues[static_cast<unsigned char>(text[i])];
    };
    std::size_t read = 0;
    std::size_t written = 0;
    for (; read + 4 <= text.size(); read += 4) {
        const std::uint32_t a = valueAt(read);
        const std::uint32_t b = valueAt(read + 1);
        const std::uint32_t c = valueAt(read + 2);
        const std::uint32_t d = valueAt(read + 3);
        if ((a | b | c | d) > 63) break;
        out[written++] = static_cast<char>(a << 2 | b >> 4);
        out[written++] = static_cast<char>(b << 4 | c >> 2);
        out[written++] = static_cast<char>(c << 6 | d);
    }
    out.resize(written);
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text.substr(read)) {
        if (c == '=' || c == '\n' || c == '\r' || c == ' ') continue;
        const std::uint8_t value = kValues[static_cast<unsigned char>(c)];
        if (value == kNone) return std::nullopt;
        group = (group << 6 | value) & 0xFFFFFF;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out.push_back(static_cast<char>(group >> bits & 0xFF));
        }
    }
    return out;
}

}  // namespace upstream
