// The list of models in the shapes of the various servers. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace chat {

inline constexpr std::size_t kMaxModels = 1000;

struct ModelEntry {
    std::string id;
    bool loaded = false;
    bool embedding = false;  // writes no text
};

// `data` or `models`, a list, null or absent; entries with `id`, `key` or `name`. Throws ipl::Error
// kBadOutput when it is not a JSON object or list at all.
std::vector<ModelEntry> parseModels(std::string_view body);

// The one to use when none is named: a loaded one if known, else the first that writes text; empty
// when there is none.
std::string defaultModel(const std::vector<ModelEntry>& models);

// {"data": [{"id": ...}, ...]}
std::string modelsJson(const std::vector<ModelEntry>& models);

}  // namespace chat
