// What a model was trained to read, and the way of a scene into it. A prompt that is scene JSON is
// compiled, per endpoint, into the dialect of the endpoint's model; every other prompt, and JSON
// that is in the dialect already, goes as it was submitted. Nothing is lost in silence: what a
// dialect has no place for is listed. docs/prompt-dialects.md has the mapping and its sources.
//
// Pure functions, thread-safe, for any bytes; they never throw (but bad_alloc), and the same prompt
// always gives the same text.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "support/error.hpp"

namespace host::pipeline {

// AsIs: sent exactly as submitted. Prose: flowing text. Flux2: FLUX.2's JSON. Fibo: Bria FIBO's
// structured prompt. Ideogram4: Ideogram 4's JSON caption.
enum class PromptDialect { AsIs, Prose, Flux2, Fibo, Ideogram4 };

// The words of the configuration.
std::string_view toString(PromptDialect dialect);
std::optional<PromptDialect> promptDialectFrom(std::string_view word);

// Characters (code points) of what compiling makes; the contract's bound on prompts.
inline constexpr std::size_t kMaxCompiledCharacters = 10'000;
// Bytes of a prompt beyond which it is not looked at: what the contract allows is shorter.
inline constexpr std::size_t kMaxScenePrompt = 4 * kMaxCompiledCharacters;
inline constexpr std::size_t kMaxLosses = 50;

// A part of the scene that the prompt does not say, or not as it stood there.
struct PromptLoss {
    std::string field;  // "camera.iso", "subjects[5]"; empty = the whole
    std::string reason;
};

struct CompiledPrompt {
    std::string text;                // what the endpoint is to get
    bool compiled = false;           // false: exactly what was submitted
    std::vector<PromptLoss> losses;  // at most kMaxLosses
};

CompiledPrompt compilePrompt(PromptDialect dialect, const std::string& prompt);

// [{"field", "reason"}, ...]
Json lossesJson(const std::vector<PromptLoss>& losses);

}  // namespace host::pipeline
