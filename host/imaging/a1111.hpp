// The text in which A1111 and its family tell how a picture was made: the prompt, "Negative
// prompt: ...", and a last line of settings. Pure functions, thread-safe, linear in the text.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "imaging/metadata.hpp"

namespace host::imaging {

// `sure`: the text is known to be of this kind, so that a prompt without settings counts.
std::optional<Generation> parseParameters(std::string_view text, bool sure);

std::string formatParameters(const Generation& generation, std::string_view software);

}  // namespace host::imaging
