#include "imaging/metadata_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "support/text.hpp"

namespace host::imaging {

namespace {

constexpr int kMaxDepth = 64;

void appendUtf8(std::string& out, std::uint32_t code) {
    if (code < 0x80) {
        out += static_cast<char>(code);
    } else if (code < 0x800) {
        out += static_cast<char>(0xc0 | code >> 6);
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        out += static_cast<char>(0xe0 | code >> 12);
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    } else {
        out += static_cast<char>(0xf0 | code >> 18);
        out += static_cast<char>(0x80 | (code >> 12 & 0x3f));
        out += static_cast<char>(0x80 | (code >> 6 & 0x3f));
        out += static_cast<char>(0x80 | (code & 0x3f));
    }
}

// Of valid UTF-8.
std::uint32_t nextCode(std::string_view text, std::size_t& at) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::uint32_t lead = byte(at);
    const std::size_t more = lead < 0x80 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    std::uint32_t code = more == 0 ? lead : lead & (0x3fU >> more);
    for (std::size_t i = 1; i <= more; ++i)
        code = code << 6 | (byte(at + i) & 0x3fU);
    at += more + 1;
    return code;
}

// The text with null for what Python writes but JSON has not; nothing when it nests too deep.
std::optional<std::string> prepared(std::string_view text) {
    constexpr std::string_view kWords[] = {"-Infinity", "Infinity", "NaN"};
    std::string out;
    out.reserve(text.size());
    int depth = 0;
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (quoted) {
            out += c;
            if (c == '\\' && i + 1 < text.size()) {
                out += text[++i];
            } else if (c == '"') {
                quoted = false;
            }
            continue;
        }
        if (c == '"') quoted = true;
        if ((c == '[' || c == '{') && ++depth > kMaxDepth) return std::nullopt;
        if (c == ']' || c == '}') --depth;
        const auto word = std::find_if(std::begin(kWords), std::end(kWords), [&](auto candidate) {
            return text.substr(i, candidate.size()) == candidate;
        });
        if (word == std::end(kWords)) {
            out += c;
        } else {
            out += "null";
            i += word->size() - 1;
        }
    }
    return out;
}

}  // namespace

std::string cleanText(std::string_view bytes) {
    std::string text;
    if (isValidUtf8(bytes)) {
        text = bytes;
    } else {
        for (const char c : bytes)
            appendUtf8(text, static_cast<unsigned char>(c));
    }
    std::erase(text, '\0');
    return text;
}

std::string fromUtf16(std::string_view bytes, bool bigEndian) {
    const auto unit = [&](std::size_t i) -> std::uint32_t {
        const std::uint32_t first = static_cast<unsigned char>(bytes[i]);
        const std::uint32_t second = static_cast<unsigned char>(bytes[i + 1]);
        return bigEndian ? first << 8 | second : second << 8 | first;
    };
    std::string text;
    for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
        std::uint32_t code = unit(i);
        if (code >= 0xd800 && code < 0xdc00 && i + 3 < bytes.size()) {
            const std::uint32_t low = unit(i + 2);
            if (low >= 0xdc00 && low < 0xe000) {
                code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                i += 2;
            }
        }
        if (code >= 0xd800 && code < 0xe000) code = 0xfffd;
        if (code != 0 && code != 0xfeff) appendUtf8(text, code);
    }
    return text;
}

std::string toUtf16(std::string_view utf8) {
    const std::string valid = replaceInvalidUtf8(utf8);
    std::string bytes;
    const auto add = [&](std::uint32_t unit) {
        bytes += static_cast<char>(unit >> 8);
        bytes += static_cast<char>(unit);
    };
    for (std::size_t at = 0; at < valid.size();) {
        const std::uint32_t code = nextCode(valid, at);
        if (code < 0x10000) {
            add(code);
        } else {
            add(0xd800 + ((code - 0x10000) >> 10));
            add(0xdc00 + ((code - 0x10000) & 0x3ff));
        }
    }
    return bytes;
}

std::optional<FoundJson> parseFound(std::string_view text) {
    const auto ready = prepared(text);
    if (!ready) return std::nullopt;
    FoundJson json = FoundJson::parse(*ready, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

std::string textOf(const FoundJson& object, const char* key) {
    if (!object.is_object()) return {};
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return {};
    return cleanText(found->get_ref<const std::string&>());
}

std::optional<double> numberOf(const FoundJson& object, const char* key) {
    if (!object.is_object()) return std::nullopt;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number()) return std::nullopt;
    const double number = found->get<double>();
    return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

std::optional<std::int64_t> integerOf(const FoundJson& object, const char* key) {
    if (!object.is_object()) return std::nullopt;
    const auto found = object.find(key);
    if (found == object.end() || !found->is_number_integer()) return std::nullopt;
    if (found->is_number_unsigned() &&
        found->get<std::uint64_t>() >
            static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) {
        return std::nullopt;
    }
    return found->get<std::int64_t>();
}

}  // namespace host::imaging
