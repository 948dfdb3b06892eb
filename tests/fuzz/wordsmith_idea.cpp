// Concepts for the embedded prompt writer.
#include <algorithm>

#include "fuzz.hpp"
#include "support/text.hpp"
#include "wordsmith/wordsmith.hpp"

using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view idea = fuzz::text(data, size);
    const std::string tidy = wordsmith::tidy(idea);
    check(host::isValidUtf8(tidy) && tidy.size() <= 160, "a concept is bounded UTF-8");
    check(tidy.find_first_of("\r\n") == tidy.npos, "a concept is one line");
    check(wordsmith::tidy(tidy) == tidy, "a tidy concept stays as it is");
    const std::string text = wordsmith::write(idea, size, 0);
    check(host::isValidUtf8(text), "a prompt is UTF-8");
    const auto words = std::count(text.begin(), text.end(), ' ') + 1;
    check(words >= wordsmith::kMinWords && words <= wordsmith::kMaxWords, "a prompt has a length");
    check(wordsmith::write(idea, size, 0) == text, "the same is written again");
    return 0;
}
