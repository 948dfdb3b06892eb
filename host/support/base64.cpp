#include "support/base64.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "support/base64_blocks.hpp"

namespace host {

namespace {

constexpr std::string_view kDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t kBad = 0xff;
constexpr std::uint8_t kSpace = 0xfe;
constexpr std::size_t kSlack = 16;  // see decodeBase64Blocks

constexpr std::array<std::uint8_t, 256> makeTable() {
    std::array<std::uint8_t, 256> table{};
    table.fill(kBad);
    for (std::size_t i = 0; i < kDigits.size(); ++i) {
        table[static_cast<unsigned char>(kDigits[i])] = static_cast<std::uint8_t>(i);
    }
    for (const char c : {' ', '\t', '\r', '\n'})
        table[static_cast<unsigned char>(c)] = kSpace;
    return table;
}

constexpr std::array<std::uint8_t, 256> kTable = makeTable();

std::uint8_t value(char c) {
    return kTable[static_cast<unsigned char>(c)];
}

// Writes to `out`, which may be where the text stands or before it, else must have room for
// kSlack bytes more than the text decodes to. Gives how many bytes came out.
std::optional<std::size_t> decode(std::string_view text, char* out) {
    char* to = out;
    std::size_t at = 0;
    std::uint32_t bits = 0;
    int digits = 0;
    int padding = 0;
    while (at < text.size()) {
        if (digits == 0 && padding == 0) {
            const std::size_t taken = decodeBase64Blocks(text.substr(at), to);
            at += taken;
            to += taken / 4 * 3;
        }
        // Four plain digits at a time.
        while (digits == 0 && padding == 0 && at + 4 <= text.size()) {
            const std::uint32_t a = value(text[at]);
            const std::uint32_t b = value(text[at + 1]);
            const std::uint32_t c = value(text[at + 2]);
            const std::uint32_t d = value(text[at + 3]);
            if ((a | b | c | d) >= 64) break;
            const std::uint32_t word = a << 18 | b << 12 | c << 6 | d;
            *to++ = static_cast<char>(word >> 16);
            *to++ = static_cast<char>(word >> 8);
            *to++ = static_cast<char>(word);
            at += 4;
        }
        if (at == text.size()) break;
        const char c = text[at++];
        const std::uint8_t digit = value(c);
        if (digit == kSpace) continue;
        if (c == '=') {
            if (++padding > 2 || digits < 2) return std::nullopt;
            continue;
        }
        if (digit == kBad || padding > 0) return std::nullopt;
        bits = bits << 6 | digit;
        if (++digits == 4) {
            *to++ = static_cast<char>(bits >> 16);
            *to++ = static_cast<char>(bits >> 8);
            *to++ = static_cast<char>(bits);
            bits = 0;
            digits = 0;
        }
    }
    if (digits == 1 || (padding > 0 && digits + padding != 4)) return std::nullopt;
    if (digits == 2) *to++ = static_cast<char>(bits >> 4);
    if (digits == 3) {
        *to++ = static_cast<char>(bits >> 10);
        *to++ = static_cast<char>(bits >> 2);
    }
    return static_cast<std::size_t>(to - out);
}

}  // namespace

std::optional<std::string> base64Decode(std::string_view text) {
    std::string out(text.size() / 4 * 3 + 3 + kSlack, '\0');
    const auto size = decode(text, out.data());
    if (!size) return std::nullopt;
    out.resize(*size);
    return out;
}

bool base64DecodeInPlace(std::string& text, std::size_t begin) {
    const auto size = decode(std::string_view(text).substr(begin), text.data());
    if (!size) return false;
    text.resize(*size);
    return true;
}

std::string base64Encode(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4, '=');
    char* to = text.data();
    std::size_t at = 0;
    const auto byte = [&](std::size_t i) -> std::uint32_t {
        return static_cast<unsigned char>(bytes[i]);
    };
    for (; at + 3 <= bytes.size(); at += 3) {
        const std::uint32_t word = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        *to++ = kDigits[word >> 18];
        *to++ = kDigits[word >> 12 & 63];
        *to++ = kDigits[word >> 6 & 63];
        *to++ = kDigits[word & 63];
    }
    if (at == bytes.size()) return text;
    const bool two = at + 2 == bytes.size();
    const std::uint32_t word = byte(at) << 16 | (two ? byte(at + 1) << 8 : 0);
    *to++ = kDigits[word >> 18];
    *to++ = kDigits[word >> 12 & 63];
    if (two) *to = kDigits[word >> 6 & 63];
    return text;
}

}  // namespace host
