#include "wordsmith.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "phrases.hpp"
#include "random.hpp"

namespace wordsmith {
namespace {

constexpr size_t kMaxConceptBytes = 160;
constexpr int kMaxConceptWords = 20;
constexpr size_t kMaxRead = 4096;

int countWords(std::string_view text) {
    int count = 0;
    bool inside = false;
    for (const char c : text) {
        const bool space = c == ' ' || c == '\n';
        if (!space && !inside) ++count;
        inside = !space;
    }
    return count;
}

/// Length of the valid UTF-8 character at the front of `text`, 0 when it is none.
size_t character(std::string_view text) {
    const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    const size_t size = first < 0x80                    ? 1
                        : first >= 0xc2 && first < 0xe0 ? 2
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xf0 && first < 0xf5 ? 4
                                                        : 0;
    if (size == 0 || size > text.size()) return 0;
    for (size_t i = 1; i < size; ++i) {
        if ((byte(i) & 0xc0U) != 0x80U) return 0;
    }
    if (size == 3 && ((first == 0xe0 && byte(1) < 0xa0) || (first == 0xed && byte(1) >= 0xa0)))
        return 0;
    if (size == 4 && ((first == 0xf0 && byte(1) < 0x90) || (first == 0xf4 && byte(1) >= 0x90)))
        return 0;
    // The C1 control characters.
    if (size == 2 && first == 0xc2 && byte(1) < 0xa0) return 0;
    return size;
}

bool holds(std::string_view lower, std::string_view cue) {
    for (size_t at = lower.find(cue); at != std::string_view::npos; at = lower.find(cue, at + 1)) {
        const auto letter = [&](size_t i) {
            return i < lower.size() && lower[i] >= 'a' && lower[i] <= 'z';
        };
        size_t end = at + cue.size();
        if (at > 0 && letter(at - 1)) continue;
        // "boats" speaks of a boat.
        if (end < lower.size() && lower[end] == 's') ++end;
        if (!letter(end)) return true;
    }
    return false;
}

class Writer {
  public:
    Writer(std::string_view idea, Rng rng) : rng_(rng), book_(phraseBook()), concept_(tidy(idea)) {}

    std::string text();

  private:
    std::string_view any(Phrases phrases) {
        return phrases[static_cast<size_t>(rng_.pick(static_cast<int>(phrases.size())))];
    }
    /// Two different ones.
    std::pair<std::string_view, std::string_view> two(Phrases phrases);
    const Theme* find(std::span<const Theme> themes) const;
    std::string opening(const Theme& theme);
    std::string colors(const Theme& theme);

    Rng rng_;
    const PhraseBook& book_;
    std::string concept_;
    std::string lower_;
};

std::pair<std::string_view, std::string_view> Writer::two(Phrases phrases) {
    const int count = static_cast<int>(phrases.size());
    const int first = rng_.pick(count);
    const int second = (first + 1 + rng_.pick(count - 1)) % count;
    return {phrases[static_cast<size_t>(first)], phrases[static_cast<size_t>(second)]};
}

const Theme* Writer::find(std::span<const Theme> themes) const {
    for (const Theme& theme : themes) {
        if (theme.cues.empty()) return &theme;
        for (const std::string_view cue : theme.cues) {
            if (holds(lower_, cue)) return &theme;
        }
    }
    return nullptr;
}

std::string Writer::opening(const Theme& theme) {
    const auto [first, second] = two(theme.details);
    std::string before(any(book_.openings));
    std::string idea = concept_;
    if (before.empty()) {
        if (idea.front() >= 'a' && idea.front() <= 'z')
            idea.front() = static_cast<char>(idea.front() - 'a' + 'A');
    } else {
        for (const std::string_view article : {"A ", "An ", "The "}) {
            if (idea.starts_with(article))
                idea.front() = static_cast<char>(idea.front() - 'A' + 'a');
        }
    }
    return before + idea + ", with " + std::string(first) + " and " + std::string(second) + ".";
}

std::string Writer::colors(const Theme& theme) {
    const auto [first, second] = two(theme.colors);
    std::string_view third = any(theme.colors);
    for (int i = 0; i < 8 && (third == first || third == second); ++i)
        third = any(theme.colors);
    if (third == first || third == second) third = "black";
    return "The palette moves between " + std::string(first) + " and " + std::string(second) +
           ", with " + std::string(any(book_.contrasts)) + " " + std::string(third) + ".";
}

std::string Writer::text() {
    if (concept_.empty()) {
        const Theme& theme =
            book_.themes[static_cast<size_t>(rng_.pick(static_cast<int>(book_.themes.size())))];
        concept_ = any(theme.concepts);
    }
    lower_ = concept_;
    for (char& c : lower_) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    const Theme& theme = *find(book_.themes);
    const Theme* hour = find(book_.hours);

    // In reading order; the weight says which go first when there are too many words (0 = never).
    std::vector<std::pair<std::string, int>> sentences;
    const auto say = [&](std::string sentence, int weight) {
        sentences.emplace_back(std::move(sentence), weight);
    };
    const auto join = [](std::initializer_list<std::string_view> parts) {
        std::string all;
        for (const std::string_view part : parts)
            all += part;
        return all;
    };
    say(opening(theme), 0);
    say(join({any(theme.settings), "."}), 2);
    if (hour != nullptr) say(join({any(hour->settings), "."}), 1);
    std::string light = join({any(book_.lights), " ", any(book_.shades), "."});
    light.front() = static_cast<char>(light.front() - 'a' + 'A');
    say(std::move(light), 0);
    say(colors(theme), 0);
    say(join({any(book_.compositions), ", taken with ", any(book_.lenses), " ", any(book_.depths),
              "."}),
        3);
    const auto [mood, other] = two(book_.moods);
    say(join({"The mood is ", mood, " and ", other, ", ", any(book_.feelings), "."}), 0);
    const auto [extra, second] = two(book_.extras);
    say(join({extra, "."}), 5);
    say(join({second, "."}), 6);
    say(join({"Rendered as ", any(book_.styles), " ", any(book_.manners), ", ", any(book_.finishes),
              ", with the feel of ", any(book_.textures), "."}),
        0);

    const auto total = [&] {
        int words = 0;
        for (const auto& [sentence, weight] : sentences)
            words += countWords(sentence);
        return words;
    };
    while (total() > kMaxWords) {
        const auto least =
            std::max_element(sentences.begin(), sentences.end(),
                             [](const auto& a, const auto& b) { return a.second < b.second; });
        if (least->second == 0) break;
        sentences.erase(least);
    }
    std::string all;
    for (const auto& [sentence, weight] : sentences) {
        if (!all.empty()) all += ' ';
        all += sentence;
    }
    return all;
}

}  // namespace

std::string tidy(std::string_view given) {
    std::string out;
    int words = 0;
    bool gap = true;
    given = given.substr(0, kMaxRead);
    while (!given.empty() && out.size() < kMaxConceptBytes) {
        const size_t size = character(given);
        const char c = given.front();
        // Brackets and quotes would make the sentence look like code.
        const bool blank = size == 0 || static_cast<unsigned char>(c) <= ' ' || c == 0x7f ||
                           std::string_view("{}[]<>\"`\\|~^*_").find(c) != std::string_view::npos;
        const std::string_view letter = given.substr(0, std::max<size_t>(size, 1));
        given.remove_prefix(letter.size());
        if (blank) {
            gap = true;
            continue;
        }
        if (out.size() + letter.size() + 1 > kMaxConceptBytes) break;
        // A stop within the concept would end our sentence.
        const bool mark = c == '.' || c == '!' || c == '?' || c == ';' || c == ':' || c == ',';
        if (mark) {
            const char next = given.empty() ? ' ' : given.front();
            const bool number = next >= '0' && next <= '9' && !out.empty() && out.back() >= '0' &&
                                out.back() <= '9';
            if (!number) {
                if (!out.empty() && out.back() != ',') out += ',';
                gap = true;
                continue;
            }
        }
        if (gap) {
            if (words == kMaxConceptWords) break;
            ++words;
            if (!out.empty()) out += ' ';
        }
        gap = false;
        out += letter;
    }
    // A mark within a number may have become the last one where the rest did not fit.
    out.resize(out.find_last_not_of(".!?;:, ") + 1);
    return out;
}

std::string write(std::string_view idea, uint64_t seed, uint64_t run) {
    const uint64_t mixed = hashText(idea, scramble(seed) ^ scramble(run + 0x51ed270b));
    return Writer(idea, Rng(mixed)).text();
}

}  // namespace wordsmith
