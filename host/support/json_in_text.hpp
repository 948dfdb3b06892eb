// Finds the JSON object in what a language model says around it: prose, code fences, a wrapping
// object. Understands what models really get wrong: comments, commas before a closing bracket, line
// breaks inside strings. Pure function, thread-safe, for any bytes; time is bounded by
// kMaxJsonSearch steps, depth by kMaxJsonDepth, and nothing recurses with the text.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string_view>

#include "support/error.hpp"

namespace host {

inline constexpr int kMaxJsonDepth = 64;
inline constexpr std::size_t kMaxJsonSearch = std::size_t{8} << 20;

// How well an object is what was asked for; 0 or less = not at all.
using RateJson = std::function<int(const Json& object)>;

// The object with the best rating, the first of equals; also one that is a member of another.
// Nothing when none has a rating above 0.
std::optional<Json> jsonInText(std::string_view text, const RateJson& rate);

}  // namespace host
