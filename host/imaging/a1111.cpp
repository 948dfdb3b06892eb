#include "imaging/a1111.hpp"

#include <charconv>
#include <cmath>
#include <map>

#include "imaging/metadata_text.hpp"
#include "support/text.hpp"

namespace host::imaging {

namespace {

using Settings = std::map<std::string, std::string>;

constexpr std::string_view kNegative = "Negative prompt:";
// A last line with fewer is a line of the prompt.
constexpr std::size_t kFewestSettings = 3;
constexpr std::size_t kMostSettings = 500;

bool isNameStart(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}
bool isNamePart(char c) {
    return isNameStart(c) || c == ' ' || c == '-' || c == '/';
}

// The end of a quoted value that begins at `at`, past its closing quote; npos when it has none.
std::size_t endOfQuoted(std::string_view line, std::size_t at) {
    for (std::size_t i = at + 1; i < line.size(); ++i) {
        if (line[i] == '\\') {
            ++i;
        } else if (line[i] == '"') {
            return i + 1;
        }
    }
    return std::string_view::npos;
}

std::string unquoted(std::string_view value) {
    const FoundJson json = FoundJson::parse(value, nullptr, false);
    return json.is_string() ? cleanText(json.get_ref<const std::string&>()) : std::string(value);
}

// `Name: value, Name: "value, quoted", ...`; what is no such pair is passed over. The first value
// of a name counts: programs append data of their own behind A1111's.
Settings settingsOf(std::string_view line) {
    Settings settings;
    std::size_t at = 0;
    std::size_t noQuoteBefore = line.size();  // from there on no quoted value ends
    while (at < line.size() && settings.size() < kMostSettings) {
        while (at < line.size() && !isNameStart(line[at]))
            ++at;
        std::size_t colon = at;
        while (colon < line.size() && isNamePart(line[colon]))
            ++colon;
        if (colon >= line.size() || line[colon] != ':' || colon - at < 2) {
            at = colon + 1;
            continue;
        }
        const std::string name(trim(line.substr(at, colon - at)));
        const std::size_t begin = line.find_first_not_of(' ', colon + 1);
        if (begin == std::string_view::npos) break;
        std::size_t end = std::string_view::npos;
        bool quoted = false;
        if (line[begin] == '"' && begin < noQuoteBefore) {
            end = endOfQuoted(line, begin);
            if (end == std::string_view::npos) noQuoteBefore = begin;
            quoted = end != std::string_view::npos && (end == line.size() || line[end] == ',');
        }
        if (!quoted) end = std::min(line.find(',', begin), line.size());
        const std::string_view value = line.substr(begin, end - begin);
        settings.emplace(name, quoted ? unquoted(value) : std::string(trim(value)));
        at = end + 1;
    }
    return settings;
}

template <typename Number>
std::optional<Number> numberIn(std::string_view text) {
    Number number{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return number;
}

template <typename Number>
std::optional<Number> numberAt(const Settings& settings, const std::string& name, Number min,
                               Number max) {
    const auto found = settings.find(name);
    if (found == settings.end()) return std::nullopt;
    const auto number = numberIn<Number>(found->second);
    // Also false for what is not finite.
    return number && *number >= min && *number <= max ? number : std::nullopt;
}

std::string textAt(const Settings& settings, const std::string& name) {
    const auto found = settings.find(name);
    return found == settings.end() ? std::string() : found->second;
}

void apply(const Settings& settings, Generation& generation) {
    generation.seed = numberAt<std::int64_t>(settings, "Seed", 0, INT64_MAX);
    generation.steps = numberAt<int>(settings, "Steps", 1, 1'000'000);
    generation.guidanceScale = numberAt<double>(settings, "CFG scale", 0, 1e6);
    const auto distilled = numberAt<double>(settings, "Distilled CFG Scale", 0, 1e6);
    if (distilled && generation.guidanceScale.value_or(1) == 1) {
        generation.guidanceScale = distilled;
    }
    generation.strength = numberAt<double>(settings, "Denoising strength", 0, 1);
    const std::string size = textAt(settings, "Size");
    if (const std::size_t x = size.find('x'); x != std::string::npos) {
        const auto width = numberIn<std::uint32_t>(std::string_view(size).substr(0, x));
        const auto height = numberIn<std::uint32_t>(std::string_view(size).substr(x + 1));
        if (width && height && *width > 0 && *height > 0) {
            generation.width = width;
            generation.height = height;
        }
    }
    generation.sampler = textAt(settings, "Sampler");
    generation.model = textAt(settings, "Model");
}

// As A1111 does: a value that would be misread is written as a JSON string.
std::string quotedIfNeeded(const std::string& value) {
    if (value.find_first_of(",:\n\"") == std::string::npos) return value;
    return Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string shortNumber(double number) {
    char text[32];
    const auto [end, error] = std::to_chars(text, text + sizeof text, number);
    return error == std::errc() ? std::string(text, end) : std::string();
}

}  // namespace

std::optional<Generation> parseParameters(std::string_view text, bool sure) {
    text = trim(text);
    if (text.empty()) return std::nullopt;
    const std::size_t lastBreak = text.rfind('\n');
    const std::string_view last =
        lastBreak == std::string_view::npos ? text : text.substr(lastBreak + 1);
    const Settings settings = settingsOf(last);
    const bool hasSettings = settings.size() >= kFewestSettings && settings.contains("Steps");
    // Some write JSON of their own under the same name.
    if (!hasSettings && (!sure || text.front() == '{')) return std::nullopt;
    if (hasSettings) text = text.substr(0, text.size() - last.size());

    Generation generation;
    generation.source = "a1111";
    if (hasSettings) apply(settings, generation);
    std::string* into = &generation.prompt;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = trim(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.starts_with(kNegative)) {
            line = trim(line.substr(kNegative.size()));
            into = &generation.negativePrompt;
        }
        if (!into->empty()) *into += '\n';
        *into += line;
    }
    generation.prompt = trim(generation.prompt);
    generation.negativePrompt = trim(generation.negativePrompt);
    return generation;
}

std::string formatParameters(const Generation& generation, std::string_view software) {
    std::string text = generation.prompt;
    if (!generation.negativePrompt.empty()) {
        text += "\n" + std::string(kNegative) + " " + generation.negativePrompt;
    }
    std::string settings;
    const auto add = [&](std::string_view name, const std::string& value) {
        if (value.empty()) return;
        if (!settings.empty()) settings += ", ";
        settings.append(name).append(": ").append(quotedIfNeeded(value));
    };
    if (generation.steps) add("Steps", std::to_string(*generation.steps));
    add("Sampler", generation.sampler);
    if (generation.guidanceScale) add("CFG scale", shortNumber(*generation.guidanceScale));
    if (generation.seed) add("Seed", std::to_string(*generation.seed));
    if (generation.width && generation.height) {
        add("Size", std::to_string(*generation.width) + "x" + std::to_string(*generation.height));
    }
    add("Model", generation.model);
    if (generation.strength) add("Denoising strength", shortNumber(*generation.strength));
    add("Version", std::string(software));
    text += "\n" + settings;
    std::erase(text, '\0');
    return text;
}

}  // namespace host::imaging
