#include "support/json_in_text.hpp"

#include <algorithm>
#include <string>

#include "support/text.hpp"

namespace host {

namespace {

// Members are looked up one after the other while they are added, so that many take long.
constexpr std::ptrdiff_t kMostMembers = 20'000;

constexpr int kMaxWrappings = 3;  // {"result": {"scene": {...}}}

// Walks over JSON and tells strings from what is between them.
class Walk {
  public:
    // True while `c` belongs to a string, its quotation marks included.
    bool inString(char c) {
        if (!inside_) {
            inside_ = c == '"';
            return inside_;
        }
        if (escaped_) {
            escaped_ = false;
        } else if (c == '\\') {
            escaped_ = true;
        } else if (c == '"') {
            inside_ = false;
        }
        return true;
    }

  private:
    bool inside_ = false;
    bool escaped_ = false;
};

// Where the object that begins at `at` ends; npos when it does not, or is nested too deep. Adds the
// steps it took.
std::size_t endOfObject(std::string_view text, std::size_t at, std::size_t& steps) {
    Walk walk;
    int depth = 0;
    for (std::size_t i = at; i < text.size(); ++i) {
        ++steps;
        const char c = text[i];
        if (walk.inString(c)) continue;
        if (c == '{' || c == '[') {
            if (++depth > kMaxJsonDepth) return std::string_view::npos;
        } else if (c == '}' || c == ']') {
            if (--depth == 0) return i + 1;
        }
    }
    return std::string_view::npos;
}

bool isBlank(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

// Without commas that nothing follows; control characters inside strings are escaped.
std::string mended(std::string_view text) {
    constexpr char kHex[] = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    Walk walk;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const auto byte = static_cast<unsigned char>(c);
        if (walk.inString(c)) {
            if (byte >= 0x20) {
                out += c;
            } else {
                out += "\\u00";
                out += kHex[byte >> 4];
                out += kHex[byte & 15];
            }
            continue;
        }
        if (c == '}' || c == ']') {
            std::size_t last = out.size();
            while (last > 0 && isBlank(out[last - 1]))
                --last;
            if (last > 0 && out[last - 1] == ',') out.erase(last - 1, 1);
        }
        out += c;
    }
    return out;
}

std::optional<Json> parsed(std::string_view text) {
    if (std::count(text.begin(), text.end(), ':') > kMostMembers) return std::nullopt;
    Json json = Json::parse(text, nullptr, false, true);
    if (json.is_discarded()) json = Json::parse(mended(text), nullptr, false, true);
    if (json.is_discarded()) return std::nullopt;
    return json;
}

struct Best {
    int rating = 0;
    std::optional<Json> object;

    void consider(const Json& json, const RateJson& rate, int wrappings) {
        if (!json.is_object()) return;
        if (const int its = rate(json); its > rating) {
            rating = its;
            object = json;
        }
        if (wrappings == 0) return;
        for (const auto& member : json)
            consider(member, rate, wrappings - 1);
    }
};

}  // namespace

std::optional<Json> jsonInText(std::string_view text, const RateJson& rate) {
    const std::string valid = replaceInvalidUtf8(text);
    text = valid;
    Best best;
    std::size_t steps = 0;
    std::size_t at = text.find('{');
    while (at != std::string_view::npos && steps < kMaxJsonSearch) {
        const std::size_t end = endOfObject(text, at, steps);
        std::optional<Json> json;
        if (end != std::string_view::npos) {
            steps += 16 + 4 * (end - at);  // what parsing costs
            json = parsed(text.substr(at, end - at));
        }
        if (json) best.consider(*json, rate, kMaxWrappings);
        at = text.find('{', json ? end : at + 1);
    }
    return best.object;
}

}  // namespace host
