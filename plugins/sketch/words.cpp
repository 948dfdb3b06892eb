#include "words.hpp"

#include <algorithm>
#include <array>

namespace sketch {
namespace {

constexpr size_t kMaxWords = 4096;
constexpr size_t kMaxWordBytes = 64;

constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kPairs = {{
    {"golden", "hour"},
    {"blue", "hour"},
    {"still", "life"},
    {"outer", "space"},
    {"coral", "reef"},
    {"cherry", "blossom"},
    {"cherry", "blossoms"},
    {"line", "art"},
    {"low", "angle"},
    {"bird", "eye"},
    {"water", "colour"},
    {"water", "color"},
    {"light", "house"},
    {"street", "lamp"},
    {"close", "up"},
    {"half", "moon"},
}};

void explain(Word& word) {
    std::string_view text = word.text;
    word.meaning = meaningOf(text);
    if (word.meaning.sense != Sense::none) return;
    if (const auto color = colorNamed(text)) {
        word.meaning.sense = Sense::color;
        word.color = *color;
        return;
    }
    for (const std::string_view ending : {"s", "es", "ish", "y"}) {
        if (text.size() < ending.size() + 3 || !text.ends_with(ending)) continue;
        const std::string_view stem = text.substr(0, text.size() - ending.size());
        word.meaning = meaningOf(stem);
        if (word.meaning.sense == Sense::kind && ending != "s" && ending != "es") word.meaning = {};
        if (word.meaning.sense != Sense::none) return;
        if (const auto color = colorNamed(stem)) {
            word.meaning.sense = Sense::color;
            word.color = *color;
            return;
        }
    }
}

}  // namespace

std::vector<Word> cutWords(std::string_view text) {
    std::vector<Word> words;
    Word current;
    const auto flush = [&] {
        if (current.text.empty()) return;
        if (!words.empty() && !words.back().clauseEnd) {
            for (const auto& [first, second] : kPairs) {
                if (words.back().text == first && current.text == second) {
                    const std::string joined = std::string(first) + "_" + std::string(second);
                    const std::string solid = std::string(first) + std::string(second);
                    words.back().text = meaningOf(joined).sense != Sense::none ? joined : solid;
                    if (words.back().text.ends_with("blossoms")) words.back().text.pop_back();
                    current = {};
                    return;
                }
            }
        }
        words.push_back(std::move(current));
        current = {};
    };
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '#' || byte >= 128;
        if (letter) {
            if (current.text.size() < kMaxWordBytes) {
                current.text += (c >= 'A' && c <= 'Z') ? static_cast<char>(c - 'A' + 'a') : c;
            }
            continue;
        }
        flush();
        if (words.size() >= kMaxWords) break;
        if (!words.empty() && (c == ',' || c == '.' || c == ';' || c == ':' || c == '\n')) {
            words.back().clauseEnd = true;
        }
    }
    flush();
    for (Word& word : words)
        explain(word);
    return words;
}

}  // namespace sketch
