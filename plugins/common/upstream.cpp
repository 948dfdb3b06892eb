#include "common/upstream.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

#include "common/base64.hpp"
#include "common/large_json.hpp"

namespace upstream {

namespace {

constexpr int kMaxDepth = 64;
constexpr int kMostMembers = 10'000;
constexpr std::size_t kLargeText = 64 * 1024;

// Where the string that begins at `quote` ends; far away when it does not.
std::size_t endOfString(std::string_view text, std::size_t quote) {
    for (std::size_t end = text.find('"', quote + 1); end != text.npos;
         end = text.find('"', end + 1)) {
        std::size_t escapes = 0;
        while (text[end - 1 - escapes] == '\\')
            ++escapes;
        if (escapes % 2 == 0) return end;
    }
    return text.size();
}

// The parser and the writer of the JSON library recurse or grow with depth; this stays flat.
// Members are looked up one after the other while they are added, so that many in one object take
// long.
bool tooDeepOrWide(std::string_view text) {
    int depth = 0;
    std::array<int, kMaxDepth + 1> members{};
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            i = endOfString(text, i);
        } else if (c == '[' || c == '{') {
            if (++depth > kMaxDepth) return true;
            if (depth > 0) members[static_cast<std::size_t>(depth)] = 0;
        } else if (c == ']' || c == '}') {
            --depth;
        } else if (c == ':' && depth > 0) {
            if (++members[static_cast<std::size_t>(depth)] > kMostMembers) return true;
        }
    }
    return false;
}

// The length of the well-formed UTF-8 character at the front; 0 when there is none.
std::size_t characterLength(std::string_view text) {
    auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    unsigned char first = byte(0);
    if (first < 0x80) return 1;
    std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xC0) != 0x80) return 0;
    bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
    bool surrogate = first == 0xED && byte(1) > 0x9F;
    bool tooLarge = first == 0xF4 && byte(1) > 0x8F;
    return overlong || surrogate || tooLarge ? 0 : length;
}

// FastAPI's list of what is wrong in a request: "steps: value is not a valid integer; ...".
std::string validationText(const Json& list) {
    std::string text;
    for (const Json& entry : list) {
        if (!entry.is_object()) continue;
        const auto message = entry.find("msg");
        if (message == entry.end() || !message->is_string()) continue;
        if (!text.empty()) text += "; ";
        if (const auto where = entry.find("loc"); where != entry.end() && where->is_array() &&
                                                  !where->empty() && where->back().is_string())
            text += where->back().get<std::string>() + ": ";
        text += message->get<std::string>();
        if (text.size() > kErrorCharacters) break;
    }
    return text;
}

std::string detailText(const Json& detail) {
    if (detail.is_string()) return detail.get<std::string>();
    std::string text = detail.is_array() ? validationText(detail) : "";
    return !text.empty() || detail.is_null() ? text : dump(detail);
}

}  // namespace

std::optional<Json> parseJson(std::string_view text) {
    if (tooDeepOrWide(text)) return std::nullopt;
    if (text.size() >= kLargeText) {
        if (auto json = parseLargeJson(text)) return json;
    }
    Json json = Json::parse(text, nullptr, false);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

std::string dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string excerpt(std::string_view text, std::size_t characters) {
    std::string out;
    std::size_t count = 0;
    while (!text.empty() && count < characters) {
        std::size_t length = characterLength(text);
        auto first = static_cast<unsigned char>(text[0]);
        if (length == 0) {
            out.push_back('?');
            length = 1;
        } else if (first < 0x20 || first == 0x7F) {
            out.push_back(' ');
        } else {
            out.append(text.substr(0, length));
        }
        if (out == " ") out.clear();  // leading white space counts for nothing
        if (!out.empty()) ++count;
        text.remove_prefix(length);
    }
    while (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

std::string errorText(const Json& error) {
    if (error.is_string()) return error.get<std::string>();
    if (!error.is_object()) return {};
    if (auto message = error.find("message"); message != error.end() && message->is_string())
        return message->get<std::string>();
    return dump(error);
}

std::string errorBodyText(std::string_view body) {
    const auto json = parseJson(body);
    if (!json || !json->is_object()) return excerpt(body);
    const auto at = [&](const char* name) {
        const auto found = json->find(name);
        return found == json->end() ? Json() : *found;
    };
    const Json error = at("error");
    std::string text;
    if (error.is_object()) text = errorText(error);
    if (text.empty()) text = detailText(at("detail"));
    for (const char* const name : {"errors", "message", "error"}) {
        if (text.empty()) text = errorText(at(name));
    }
    if (text.empty()) text = dump(*json);
    return excerpt(text);
}

ipl::Error errorOf(std::string_view who, int status, std::string_view body,
                   std::optional<std::string_view> retryAfter) {
    std::string message(who);
    message += " answered " + std::to_string(status);
    std::string text = errorBodyText(body);
    if (!text.empty()) message += ": " + text;
    if (status != 429 && status != 503) return ipl::Error(ipl::Status::kUpstream, message);

    // Only the form in seconds: the one with a date would need the other side's clock.
    std::int64_t seconds = 0;
    std::string details;
    if (retryAfter) {
        auto [end, error] =
            std::from_chars(retryAfter->data(), retryAfter->data() + retryAfter->size(), seconds);
        if (error == std::errc() && end == retryAfter->data() + retryAfter->size() && seconds > 0)
            details = dump({{"retry_after_ms", std::min<std::int64_t>(seconds, 3600) * 1000}});
    }
    return ipl::Error(ipl::Status::kBusy, message, {}, details);
}

std::string dataUrl(const ipl::ImageInput& image) {
    std::string_view bytes(reinterpret_cast<const char*>(image.bytes.data()), image.bytes.size());
    std::string url = "data:";
    url += image.mime;
    url += ";base64,";
    url += base64(bytes);
    return url;
}

std::string pathSegment(std::string_view text) {
    constexpr std::string_view kHex = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                     c == '-' || c == '_' || c == '.' || c == '~';
        if (plain) {
            out.push_back(c);
        } else {
            auto byte = static_cast<unsigned char>(c);
            out.push_back('%');
            out.push_back(kHex[byte >> 4]);
            out.push_back(kHex[byte & 15]);
        }
    }
    return out;
}

}  // namespace upstream
