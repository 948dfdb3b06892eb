#include "http/text.hpp"

#include <algorithm>

#include "support/text.hpp"

namespace host::http {

namespace {

int hexValue(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

}  // namespace

std::string_view trimmed(std::string_view text) {
    const std::size_t first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool hasToken(std::string_view list, std::string_view token) {
    while (true) {
        const std::size_t comma = list.find(',');
        if (iequals(trimmed(list.substr(0, comma)), token)) return true;
        if (comma == std::string_view::npos) return false;
        list.remove_prefix(comma + 1);
    }
}

bool hasControls(std::string_view text) {
    return std::any_of(text.begin(), text.end(),
                       [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

std::optional<std::string> percentDecoded(std::string_view text, bool plusIsSpace) {
    std::string decoded;
    decoded.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '+' && plusIsSpace) {
            decoded += ' ';
        } else if (text[i] != '%') {
            decoded += text[i];
        } else {
            if (text.size() - i < 3) return std::nullopt;
            const int high = hexValue(text[i + 1]);
            const int low = hexValue(text[i + 2]);
            if (high < 0 || low < 0) return std::nullopt;
            decoded += static_cast<char>(high * 16 + low);
            i += 2;
        }
    }
    return decoded;
}

std::optional<std::string> headerParameter(std::string_view value, std::string_view name) {
    std::size_t at = value.find(';');
    while (at != std::string_view::npos && at < value.size()) {
        value.remove_prefix(at + 1);
        const std::size_t nameEnd = value.find_first_of("=;");
        if (nameEnd == std::string_view::npos) return std::nullopt;
        const bool wanted = iequals(trimmed(value.substr(0, nameEnd)), name);
        at = nameEnd;
        if (value[nameEnd] == ';') continue;
        value = value.substr(nameEnd + 1);
        value.remove_prefix(std::min(value.find_first_not_of(" \t"), value.size()));
        std::string found;
        if (!value.empty() && value.front() == '"') {
            std::size_t i = 1;
            // Browsers send backslashes of file names as they are; only quote and backslash are
            // escaped by those that escape.
            for (; i < value.size() && value[i] != '"'; ++i) {
                const bool escape = value[i] == '\\' && i + 1 < value.size() &&
                                    (value[i + 1] == '"' || value[i + 1] == '\\');
                if (escape) ++i;
                found += value[i];
            }
            if (i >= value.size()) return std::nullopt;  // no closing quote
            at = value.find(';', i);
        } else {
            at = value.find(';');
            found = trimmed(value.substr(0, at));
        }
        if (wanted) return found;
    }
    return std::nullopt;
}

}  // namespace host::http
