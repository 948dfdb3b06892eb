#pragma once
// The embedded prompt writer: a grammar, no language model. write gives 80 to 120 words of English
// that follow a concept; the same concept, seed and run give the same text. Pure function, any
// thread, bounded memory whatever the concept.

#include <cstdint>
#include <string>
#include <string_view>

namespace wordsmith {

inline constexpr int kMinWords = 80;
inline constexpr int kMaxWords = 120;

/// `idea` may be anything, also empty: then one is invented.
std::string write(std::string_view idea, uint64_t seed, uint64_t run);

/// The concept as it may stand in a sentence: valid UTF-8 in one line, at most 20 words and 160
/// bytes.
std::string tidy(std::string_view idea);

}  // namespace wordsmith
