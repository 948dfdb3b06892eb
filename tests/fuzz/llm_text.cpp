// Prompts, and JSON in general, out of what a language model answers.
#include "support/llm_text.hpp"
#include "fuzz.hpp"
#include "support/json_in_text.hpp"
#include "support/text.hpp"

using namespace host;
using fuzz::check;

namespace {

int depthOf(const Json& json) {
    int deepest = 0;
    if (json.is_structured()) {
        for (const Json& member : json)
            deepest = std::max(deepest, depthOf(member));
        ++deepest;
    }
    return deepest;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view answer = fuzz::text(data, size);
    const std::string prompt = cleanPrompt(answer);
    check(isValidUtf8(prompt), "a prompt is UTF-8");
    check(prompt.size() <= 3 * size, "a prompt is no longer than the answer");
    check(prompt.find_first_of("\r\n\t") == prompt.npos, "a prompt is one line");
    check(cleanPrompt(prompt) == prompt, "a clean prompt stays as it is");
    check(stripThinking(answer).size() <= 2 * size + 1, "thinking is taken away, not added");

    const auto rate = [](const Json& object) { return static_cast<int>(object.size()); };
    if (const auto json = jsonInText(answer, rate)) {
        check(json->is_object() && !json->empty(), "what is found was wanted");
        check(depthOf(*json) <= kMaxJsonDepth, "depth is bounded");
        json->dump();  // throws when a text is no UTF-8
    }
    return 0;
}
