#include "support/llm_text.hpp"

#include <array>
#include <optional>

#include "support/text.hpp"

namespace host {

namespace {

using namespace std::string_view_literals;

// ---- Thinking -----------------------------------------------------------------------------------

struct Tag {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool closes = false;
};

constexpr std::array kThinkNames{"think"sv,     "thinking"sv,   "thought"sv, "thoughts"sv,
                                 "reasoning"sv, "reflection"sv, "reason"sv};
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kBrackets{
    {{"<", ">"}, {"[", "]"}, {"\xe2\x97\x81", "\xe2\x96\xb7"}}};

// The tag that begins at `at`, if one does: "<think>", "</ Think >", "[THINK]".
std::optional<Tag> tagAt(std::string_view text, std::size_t at) {
    const std::string_view rest = text.substr(at);
    for (const auto& [open, close] : kBrackets) {
        if (!rest.starts_with(open)) continue;
        constexpr std::size_t kLongest = 40;
        const std::size_t end = rest.substr(0, kLongest).find(close, open.size());
        if (end == std::string_view::npos) return std::nullopt;
        std::string_view name = trim(rest.substr(open.size(), end - open.size()));
        const bool closes = name.starts_with('/');
        if (closes) name = trim(name.substr(1));
        for (const std::string_view known : kThinkNames) {
            // "[thought]" can be a part of a prompt; models write that bracket for THINK alone.
            if (iequals(name, known) && (open != "[" || known == "think")) {
                return Tag{at, at + end + close.size(), closes};
            }
        }
    }
    return std::nullopt;
}

// ---- Wrappings: each takes one off the front or the ends and says whether it did
// ------------------

bool isFence(std::string_view line) {
    line = trim(line);
    return line.starts_with("```") || line.starts_with("~~~");
}

// The name of the language after a fence, as opposed to text.
bool isInfoString(std::string_view text) {
    return text.size() <= 20 && text.find_first_of(" \t.,:;") == std::string_view::npos;
}

bool isLeadIn(std::string_view line) {
    line = trim(line);
    while (line.ends_with('*'))
        line.remove_suffix(1);
    if (!line.ends_with(':') || line.size() > 160) return false;
    const std::string low = toLower(line);
    const std::string_view start =
        trim(std::string_view(low).substr(low.find_first_not_of("*_#> ")));
    for (const std::string_view word : {"here"sv, "sure"sv, "certainly"sv, "of course"sv, "okay"sv,
                                        "ok"sv, "absolutely"sv, "this is"sv, "below is"sv}) {
        if (start.starts_with(word)) return true;
    }
    return false;
}

// Without fence lines. Of "lead-in, fenced block, afterword" only the block stays.
std::string stripFences(std::string_view text) {
    std::string before, inside, all;
    int fences = 0;
    std::size_t at = 0;
    const bool oneLine = trim(text).find('\n') == std::string_view::npos;
    while (at <= text.size()) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        std::string_view line = text.substr(at, end - at);
        at = end + 1;
        if (isFence(line)) {
            ++fences;
            const std::string_view mark = trim(line).substr(0, 3);
            line = trim(line);
            while (line.starts_with(mark[0]))
                line.remove_prefix(1);
            while (line.ends_with(mark[0]))
                line.remove_suffix(1);
            if (!oneLine && isInfoString(trim(line))) continue;
        }
        (fences == 0 ? before : fences == 1 ? inside : all).append(line).append("\n");
    }
    if (fences >= 2 && !trim(inside).empty() && (trim(before).empty() || isLeadIn(before))) {
        return inside;
    }
    return before + inside + all;
}

bool stripLeadIn(std::string_view& text) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos || !isLeadIn(text.substr(0, end))) return false;
    const std::string_view rest = trim(text.substr(end));
    if (rest.empty()) return false;
    text = rest;
    return true;
}

// "Prompt:", "**Image prompt:**", "## Final Prompt:" at the start, from a list of known labels.
bool stripLabel(std::string_view& text) {
    const std::size_t first = text.find_first_not_of("*_#> ");
    if (first == std::string_view::npos) return false;
    const std::string_view start = text.substr(first);
    const std::size_t colon = start.substr(0, 48).find(':');
    if (colon == std::string_view::npos) return false;
    std::string_view name = start.substr(0, colon);
    while (!name.empty() && (name.back() == '*' || name.back() == '_' || name.back() == ' ')) {
        name.remove_suffix(1);
    }
    constexpr std::array kLabels{
        "prompt"sv,     "image prompt"sv,       "final prompt"sv, "text prompt"sv,
        "the prompt"sv, "positive prompt"sv,    "your prompt"sv,  "enhanced prompt"sv,
        "output"sv,     "final answer"sv,       "answer"sv,       "image generation prompt"sv,
        "new prompt"sv, "final image prompt"sv, "response"sv,     "generated prompt"sv};
    bool known = false;
    for (const std::string_view label : kLabels)
        known = known || iequals(name, label);
    if (!known) return false;
    std::string_view rest = start.substr(colon + 1);
    if (first > 0) {  // the closing marks of "**Prompt:** text"
        while (rest.starts_with('*') || rest.starts_with('_'))
            rest.remove_prefix(1);
    }
    rest = trim(rest);
    if (rest.empty()) return false;
    text = rest;
    return true;
}

bool isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           static_cast<unsigned char>(c) >= 0x80;
}

// True when a quotation mark inside would show that the outer two are no pair.
bool hasQuoteInside(std::string_view inner, std::string_view open, std::string_view close) {
    for (const std::string_view mark : {open, close}) {
        for (std::size_t at = inner.find(mark); at != std::string_view::npos;
             at = inner.find(mark, at + mark.size())) {
            const std::size_t after = at + mark.size();
            const bool apostrophe = (mark == "'" || mark == "\xe2\x80\x99") && at > 0 &&
                                    after < inner.size() && isLetter(inner[at - 1]) &&
                                    isLetter(inner[after]);
            if (!apostrophe) return true;
        }
    }
    return false;
}

bool stripQuotes(std::string_view& text) {
    constexpr std::array<std::pair<std::string_view, std::string_view>, 11> kQuotes{{
        {"\"", "\""},
        {"'", "'"},
        {"`", "`"},
        {"**", "**"},
        {"\xe2\x80\x9c", "\xe2\x80\x9d"},  // “ ”
        {"\xe2\x80\x9e", "\xe2\x80\x9c"},  // „ “
        {"\xe2\x80\x9e", "\xe2\x80\x9d"},  // „ ”
        {"\xe2\x80\x98", "\xe2\x80\x99"},  // ‘ ’
        {"\xc2\xab", "\xc2\xbb"},          // « »
        {"\xc2\xbb", "\xc2\xab"},          // » «
        {"\xe3\x80\x8c", "\xe3\x80\x8d"},  // 「 」
    }};
    for (const auto& [open, close] : kQuotes) {
        if (text.size() <= open.size() + close.size() || !text.starts_with(open) ||
            !text.ends_with(close)) {
            continue;
        }
        const std::string_view inner =
            text.substr(open.size(), text.size() - open.size() - close.size());
        if (hasQuoteInside(inner, open, close)) continue;
        text = trim(inner);
        return true;
    }
    return false;
}

std::string singleSpaces(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte > 0x20 && byte != 0x7f) {
            out += c;
        } else if (!out.empty() && out.back() != ' ') {
            out += ' ';
        }
    }
    if (out.ends_with(' ')) out.pop_back();
    return out;
}

std::string cleanOnce(std::string_view text) {
    const std::string answer = stripFences(stripThinking(text));
    std::string_view rest = trim(answer);
    // Each round takes at least a byte away, and real answers have two or three wrappings.
    for (int round = 0; round < 64; ++round) {
        if (!stripLeadIn(rest) && !stripLabel(rest) && !stripQuotes(rest)) break;
    }
    return singleSpaces(rest);
}

}  // namespace

std::string stripThinking(std::string_view text) {
    text = utf8Prefix(text, kMaxLlmText);
    std::string kept;
    std::size_t depth = 0;
    std::size_t from = 0;
    std::size_t afterLastClose = 0;
    // What a block leaves behind is a line break, so that the text around it cannot grow together
    // into a new tag.
    for (std::size_t at = text.find_first_of("<[\xe2"); at != std::string_view::npos;
         at = text.find_first_of("<[\xe2", at)) {
        const auto tag = tagAt(text, at);
        if (!tag) {
            ++at;
            continue;
        }
        if (depth == 0) kept.append(text.substr(from, tag->begin - from)).append("\n");
        if (!tag->closes) {
            ++depth;
        } else if (depth > 0) {
            --depth;
        } else {
            kept.clear();
        }
        at = from = tag->end;
        if (tag->closes) afterLastClose = tag->end;
    }
    if (depth == 0) {
        kept.append(text.substr(from));
    } else if (trim(kept).empty() && afterLastClose > 0) {
        kept = text.substr(afterLastClose);  // the thinking quoted an opening tag
        if (from > afterLastClose) kept.clear();
    }
    return kept;
}

std::string cleanPrompt(std::string_view text) {
    std::string prompt = replaceInvalidUtf8(utf8Prefix(text, kMaxLlmText));
    // Taking one wrapping off can bring another to light; a handful of rounds reaches the end.
    for (int round = 0; round < 8; ++round) {
        std::string next = cleanOnce(prompt);
        if (next == prompt) break;
        prompt = std::move(next);
    }
    return prompt;
}

}  // namespace host
