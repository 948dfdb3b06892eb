// Our own JSON in a picture: what is known of how it was made, and the request that makes it again.
// Pure functions, thread-safe. What comes out of a file is checked: only the fields below, flat,
// of the right kind.
#pragma once

#include <optional>
#include <string_view>

#include "imaging/metadata.hpp"

namespace host::imaging {

// `more` first, then the generation's fields that it does not have.
Json ownJson(const Generation& generation, Json more);
// Nothing when the text is no such JSON.
std::optional<Generation> parseOwn(std::string_view text);

// {"prompt", "negative_prompt", "seed", ...}: what is known of these.
Json fieldsOf(const Generation& generation);

}  // namespace host::imaging
