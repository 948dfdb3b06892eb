#include "store/sqlite/search_text.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <vector>

#include "support/text.hpp"

namespace host::store {

namespace {

constexpr std::size_t kMaxBytes = 1000;  // of a search text
constexpr std::size_t kMaxWords = 32;
// Below it the beginning of a word fits too much, and costs too much, to be of use.
constexpr std::size_t kMinPrefix = 3;

// The code point that begins a valid text.
char32_t firstOf(std::string_view text, std::size_t& length) {
    const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
    const unsigned char lead = byte(0);
    length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (length > text.size()) length = 1;
    if (length == 1) return lead;
    char32_t point = lead & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i)
        point = (point << 6) | (byte(i) & 0x3fU);
    return point;
}

bool isCjk(char32_t point) {
    struct Range {
        char32_t first;
        char32_t last;
    };
    static constexpr std::array<Range, 7> kRanges = {{{0x3005, 0x3007},  // 々〆〇
                                                      {0x3041, 0x30ff},  // kana
                                                      {0x3400, 0x4dbf},  // ideographs, ext. A
                                                      {0x4e00, 0x9fff},  // ideographs
                                                      {0xac00, 0xd7a3},  // Hangul
                                                      {0xf900, 0xfaff},  // compatibility
                                                      {0x20000, 0x3ffff}}};
    return std::any_of(kRanges.begin(), kRanges.end(),
                       [&](Range range) { return point >= range.first && point <= range.last; });
}

void spacedCjkFunction(sqlite3_context* context, int count, sqlite3_value** values) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        const auto* part = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
        if (part != nullptr) text.append(part).push_back(' ');
    }
    const std::string spaced = spacedCjk(text);
    sqlite3_result_text(context, spaced.data(), static_cast<int>(spaced.size()), SQLITE_TRANSIENT);
}

void appendQuoted(std::string& to, std::string_view word) {
    to += '"';
    for (const char c : word) {
        if (c == '"') to += '"';
        to += c;
    }
    to += '"';
}

struct Word {
    std::string text;
    bool cjk = false;
};

// White space and control characters part words (SQLite would end the query at a NUL), and so does
// the step from CJK to other scripts.
std::vector<Word> wordsOf(std::string_view text) {
    const std::string valid = replaceInvalidUtf8(utf8Prefix(text, kMaxBytes));
    std::vector<Word> words;
    bool open = false;
    std::size_t length = 0;
    for (std::size_t at = 0; at < valid.size(); at += length) {
        const char32_t point = firstOf(std::string_view(valid).substr(at), length);
        if (point <= ' ' || point == 0x7f) {
            open = false;
            continue;
        }
        const bool cjk = isCjk(point);
        if (!open || words.back().cjk != cjk) {
            if (words.size() == kMaxWords) break;
            words.push_back({{}, cjk});
            open = true;
        }
        words.back().text.append(valid, at, length);
    }
    return words;
}

// Whether the tokenizer surely sees something in it. Letters beyond ASCII are left out to be safe.
bool hasPlainLetter(std::string_view text) {
    if (text.find('\0') != std::string_view::npos) return false;
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    });
}

}  // namespace

std::string spacedCjk(std::string_view text) {
    std::string spaced;
    // Nearly all prompts are plain ASCII.
    if (std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; })) {
        return spaced;
    }
    const std::string valid = replaceInvalidUtf8(text);
    std::size_t length = 0;
    bool gap = false;
    for (std::size_t at = 0; at < valid.size(); at += length) {
        if (!isCjk(firstOf(std::string_view(valid).substr(at), length))) {
            gap = true;
            continue;
        }
        if (gap && !spaced.empty()) spaced += "x ";
        gap = false;
        spaced.append(valid, at, length) += ' ';
    }
    return spaced;
}

void addSearchFunctions(sqlite3* database) {
    sqlite3_create_function_v2(database, "spaced_cjk", -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                               nullptr, spacedCjkFunction, nullptr, nullptr, nullptr);
}

std::string wordsQuery(const std::string& text, bool lastIsPrefix) {
    const std::vector<Word> words = wordsOf(text);
    if (words.empty()) return {};
    if (lastIsPrefix && (words.back().cjk || utf8Length(words.back().text) < kMinPrefix)) return {};
    // In one group each: there, and only there, a word without any letter is passed over.
    std::string plain;
    std::string cjk;
    for (const Word& word : words) {
        std::string& group = word.cjk ? cjk : plain;
        if (!group.empty()) group += ' ';
        appendQuoted(group, word.cjk ? std::string(trim(spacedCjk(word.text))) : word.text);
    }
    if (lastIsPrefix) plain += " *";
    std::string match;
    if (!plain.empty()) match += "{prompt filename} : (" + plain + ")";
    if (!plain.empty() && !cjk.empty()) match += " AND ";
    if (!cjk.empty()) match += "{cjk} : (" + cjk + ")";
    return match;
}

std::string withFilters(std::string match, const ImageQuery& query) {
    match += query.trashed ? " AND {marks} : \"trashed\"" : " AND {marks} : \"live\"";
    if (query.starred) match += " AND {marks} : \"starred\"";
    if (hasPlainLetter(query.jobId)) {
        match += " AND {marks} : ";
        appendQuoted(match, "job" + query.jobId);
    }
    if (hasPlainLetter(query.endpoint)) {
        match += " AND {endpoint} : ";
        appendQuoted(match, query.endpoint);
    }
    return match;
}

}  // namespace host::store
