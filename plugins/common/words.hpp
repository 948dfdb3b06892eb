// What people's words in an error say.
#pragma once

#include <string_view>

namespace upstream {

// Whether `text` holds `words`, ASCII letters in either case.
bool speaksOf(std::string_view text, std::string_view words);

}  // namespace upstream
