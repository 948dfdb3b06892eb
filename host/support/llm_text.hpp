// Makes a usable prompt of what a language model answers. Pure functions, thread-safe, for any
// bytes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace host {

// What is longer is cut before it is looked at.
inline constexpr std::size_t kMaxLlmText = 1024 * 1024;

// Without thinking blocks: <think>, <thinking>, <thought>, <reasoning>, [THINK] and the like, in
// any case, nested, repeated, never closed (all after it is thinking) or never opened (all before
// it is).
std::string stripThinking(std::string_view text);

// The prompt in an answer: without thinking, code fences, a lead-in such as "Here is your prompt:",
// a label such as "**Prompt:**", and quotes around the whole; white space becomes single spaces.
// Valid UTF-8, idempotent; empty when nothing is left.
std::string cleanPrompt(std::string_view text);

}  // namespace host
