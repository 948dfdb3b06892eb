#include "plugins/abi_text.hpp"

#include <algorithm>
#include <array>

#include "support/text.hpp"

namespace host::plugins {

namespace {

using namespace std::string_view_literals;

// Far below what makes the recursive parts of the JSON library run out of stack.
constexpr int kMaxDepth = 32;

bool isTooDeep(std::string_view json) {
    int depth = 0;
    bool inString = false;
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (inString) {
            if (c == '\\') ++i;
            if (c == '"') inString = false;
        } else if (c == '"') {
            inString = true;
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) return true;
        } else if (c == ']' || c == '}') {
            --depth;
        }
    }
    return false;
}

bool isSystemPath(std::string_view path) {
    constexpr std::array kRoots{"/home/"sv, "/root/"sv,  "/tmp/"sv,   "/var/"sv, "/usr/"sv,
                                "/opt/"sv,  "/etc/"sv,   "/srv/"sv,   "/mnt/"sv, "/media/"sv,
                                "/run/"sv,  "/proc/"sv,  "/dev/"sv,   "/sys/"sv, "/boot/"sv,
                                "/lib/"sv,  "/lib64/"sv, "/Users/"sv, "/nix/"sv};
    return std::any_of(kRoots.begin(), kRoots.end(),
                       [&](std::string_view root) { return path.starts_with(root); });
}

}  // namespace

std::string cleanText(std::string_view text, std::size_t maxBytes, bool* wasValid) {
    // The cut comes first: a hostile text may be huge.
    text = text.substr(0, std::min(text.size(), maxBytes + 4));
    std::string out(text);
    if (!isValidUtf8(utf8Prefix(text, maxBytes))) {
        if (wasValid != nullptr) *wasValid = false;
        out = replaceInvalidUtf8(text);
    }
    out = std::string(utf8Prefix(out, maxBytes));
    for (char& c : out) {
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    }
    return out;
}

std::optional<Json> parseObject(std::string_view text, std::size_t maxBytes) {
    if (text.size() > maxBytes || isTooDeep(text)) return std::nullopt;
    Json value = Json::parse(replaceInvalidUtf8(text), nullptr, false);
    if (!value.is_object()) return std::nullopt;
    return value;
}

std::size_t incompleteTail(std::string_view text) {
    const std::size_t look = std::min<std::size_t>(3, text.size());
    for (std::size_t back = 1; back <= look; ++back) {
        const auto byte = static_cast<unsigned char>(text[text.size() - back]);
        if ((byte & 0xc0) == 0x80) continue;
        const std::size_t length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
        return length > back ? back : 0;
    }
    return 0;
}

std::string withoutPaths(std::string_view text, const std::vector<std::string>& folders) {
    std::string out;
    std::size_t at = 0;
    while (at < text.size()) {
        const bool begins = text[at] == '/' && (at == 0 || " \t\"'`(=[{<:,;"sv.find(text[at - 1]) !=
                                                               std::string_view::npos);
        if (!begins) {
            out += text[at++];
            continue;
        }
        const std::size_t end = std::min(text.find_first_of(" \t\"'`)]}>:,;", at), text.size());
        const std::string_view path = text.substr(at, end - at);
        const bool hidden =
            isSystemPath(path) ||
            std::any_of(folders.begin(), folders.end(), [&](const std::string& folder) {
                return folder.size() > 1 && path.starts_with(folder);
            });
        out += hidden ? path.substr(path.rfind('/') + 1) : path;
        at = end;
    }
    return out;
}

}  // namespace host::plugins
