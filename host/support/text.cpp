#include "support/text.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <vector>

namespace host {

namespace {

constexpr std::size_t kMaxSlug = 40;
constexpr std::size_t kMaxEnding = 10;  // bytes of a file name's ending that survive a cut
constexpr char kUnnamed[] = "unnamed";

struct Piece {
    std::size_t size;
    bool valid;
};

bool isContinuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

// The code point, or the maximal invalid piece, at the start of `text`, which is not empty.
Piece nextPiece(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return {1, true};
    std::size_t size = 0;
    unsigned char low = 0x80;  // what the second byte may be
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        size = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        size = 3;
        if (lead == 0xE0) low = 0xA0;
        if (lead == 0xED) high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        size = 4;
        if (lead == 0xF0) low = 0x90;
        if (lead == 0xF4) high = 0x8F;
    } else {
        return {1, false};
    }
    for (std::size_t i = 1; i < size; ++i) {
        if (i == text.size()) return {i, false};
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < low || byte > high) return {i, false};
        low = 0x80;
        high = 0xBF;
    }
    return {size, true};
}

char lower(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool isLowerAlnum(char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool isSpace(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

}  // namespace

bool isValidUtf8(std::string_view text) {
    while (!text.empty()) {
        const Piece piece = nextPiece(text);
        if (!piece.valid) return false;
        text.remove_prefix(piece.size);
    }
    return true;
}

std::string replaceInvalidUtf8(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        const Piece piece = nextPiece(text);
        out += piece.valid ? text.substr(0, piece.size) : std::string_view("\xEF\xBF\xBD");
        text.remove_prefix(piece.size);
    }
    return out;
}

std::size_t utf8Length(std::string_view text) {
    std::size_t count = 0;
    for (; !text.empty(); ++count)
        text.remove_prefix(nextPiece(text).size);
    return count;
}

std::string_view utf8Prefix(std::string_view text, std::size_t maxBytes) {
    if (text.size() <= maxBytes) return text;
    std::size_t cut = maxBytes;
    for (int back = 0; back < 3 && cut > 0 && isContinuation(text[cut]); ++back)
        --cut;
    // Four continuation bytes in a row are no text: there is no boundary to respect.
    return text.substr(0, isContinuation(text[cut]) ? maxBytes : cut);
}

std::string_view utf8Head(std::string_view text, std::size_t codePoints) {
    std::size_t end = 0;
    for (; end < text.size() && codePoints > 0; --codePoints) {
        do {
            ++end;
        } while (end < text.size() && isContinuation(text[end]));
    }
    return text.substr(0, end);
}

std::string slug(std::string_view name) {
    std::string out;
    for (const char raw : name) {
        if (out.size() == kMaxSlug) break;
        const char c = lower(raw);
        if (isLowerAlnum(c) || c == '_') {
            out += c;
        } else if (!out.empty() && out.back() != '-') {
            out += '-';
        }
    }
    while (!out.empty() && out.back() == '-')
        out.pop_back();
    return out.empty() ? kUnnamed : out;
}

std::string safeFileName(std::string_view untrusted, std::size_t maxBytes) {
    maxBytes = std::max<std::size_t>(maxBytes, 1);
    untrusted.remove_prefix(untrusted.find_last_of("/\\") + 1);
    untrusted.remove_prefix(std::min(untrusted.find_first_not_of('.'), untrusted.size()));
    // What lies between the start and the ending cannot reach the result.
    std::string ending;
    const std::size_t dot = untrusted.rfind('.');
    if (dot != std::string_view::npos && dot > 0 && untrusted.size() - dot <= kMaxEnding &&
        untrusted.size() - dot < maxBytes) {
        ending = untrusted.substr(dot);
        untrusted = untrusted.substr(0, dot);
    }
    std::string out(untrusted.substr(0, maxBytes - ending.size()));
    out += ending;
    for (char& c : out) {
        const bool keep = isLowerAlnum(lower(c)) || c == '.' || c == '_' || c == '-';
        if (!keep) c = '_';
    }
    return out.empty() ? std::string(kUnnamed).substr(0, maxBytes) : out;
}

std::size_t editDistance(std::string_view a, std::string_view b, std::size_t limit) {
    const std::size_t gap = std::max(a.size(), b.size()) - std::min(a.size(), b.size());
    if (gap > limit) return limit + 1;
    // Three rows of the optimal string alignment table.
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j)
        last[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        std::size_t best = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replace = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
            best = std::min(best, row[j]);
        }
        // A swap can still reach back to the row before this one, at the price of one.
        if (best > limit && *std::min_element(last.begin(), last.end()) >= limit) return limit + 1;
        before.swap(last);
        last.swap(row);
    }
    return std::min(last[b.size()], limit + 1);
}

bool iequals(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
}

std::string toLower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), lower);
    return out;
}

std::string_view trim(std::string_view text) {
    while (!text.empty() && isSpace(text.front()))
        text.remove_prefix(1);
    while (!text.empty() && isSpace(text.back()))
        text.remove_suffix(1);
    return text;
}

bool isIpAddress(const std::string& text) {
    in6_addr buffer{};
    return ::inet_pton(AF_INET, text.c_str(), &buffer) == 1 ||
           ::inet_pton(AF_INET6, text.c_str(), &buffer) == 1;
}

std::string percentEncode(std::string_view text) {
    static constexpr char kHex[] = "0123456789ABCDEF";
    std::string out;
    for (const char c : text) {
        const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                           (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '~' || c == '-';
        if (plain) {
            out += c;
        } else {
            const auto byte = static_cast<unsigned char>(c);
            out += {'%', kHex[byte >> 4], kHex[byte & 15]};
        }
    }
    return out;
}

std::string isoTime(double epochSeconds) {
    constexpr double kFirst = -62167219200.0;   // 0000-01-01T00:00:00Z
    constexpr double kLast = 253402300799.999;  // 9999-12-31T23:59:59.999Z
    if (std::isnan(epochSeconds)) epochSeconds = 0;
    const long long ms = std::llround(std::clamp(epochSeconds, kFirst, kLast) * 1000.0);
    const long long part = ((ms % 1000) + 1000) % 1000;
    const std::time_t seconds = static_cast<std::time_t>((ms - part) / 1000);
    std::tm utc{};
    ::gmtime_r(&seconds, &utc);
    char buffer[96];
    const int size = std::snprintf(buffer, sizeof buffer, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ",
                                   utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday, utc.tm_hour,
                                   utc.tm_min, utc.tm_sec, static_cast<int>(part));
    return std::string(buffer, static_cast<std::size_t>(size));
}

std::string csvField(std::string_view field) {
    const bool plain = field.find_first_of(",\"\r\n") == std::string_view::npos &&
                       (field.empty() || (!isSpace(field.front()) && !isSpace(field.back())));
    if (plain) return std::string(field);
    std::string out = "\"";
    for (const char c : field) {
        if (c == '"') out += '"';
        out += c;
    }
    out += '"';
    return out;
}

}  // namespace host
