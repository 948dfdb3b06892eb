// Prompts on their way to models of every dialect. The first byte chooses one.
#include "fuzz.hpp"
#include "pipeline/dialects/dialect.hpp"
#include "support/text.hpp"

using namespace host;
using namespace host::pipeline;
using fuzz::check;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const auto dialect = static_cast<PromptDialect>(data[0] % 5);
    const std::string prompt(fuzz::text(data + 1, size - 1));
    const CompiledPrompt once = compilePrompt(dialect, prompt);
    check(once.losses.size() <= kMaxLosses, "the report is bounded");
    check(isValidUtf8(lossesJson(once.losses).dump()), "the report is UTF-8");
    if (!once.compiled) {
        check(once.text == prompt, "what is not compiled is what was submitted");
        return 0;
    }
    check(isValidUtf8(once.text) && !once.text.empty(), "a compiled prompt is UTF-8");
    check(utf8Length(once.text) <= kMaxCompiledCharacters, "a compiled prompt is bounded");
    check(compilePrompt(dialect, once.text).text == once.text, "compiling again changes nothing");
    return 0;
}
