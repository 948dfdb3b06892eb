// The list of models in the shapes of the various servers. Pure functions, thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chat {

inline constexpr std::size_t kMaxModels = 1000;

struct ModelEntry {
    std::string id;
    bool loaded = false;
    bool embedding = false;  // writes no text
    bool vision = false;     // known to look at pictures
    std::optional<std::int64_t> created;
    std::string ownedBy;
};

// `data` or `models`, a list, null or absent; entries with `id`, `key` or `name`. Throws ipl::Error
// kBadOutput when it is not a JSON object or list at all.
std::vector<ModelEntry> parseModels(std::string_view body);

// Takes over what another list of the same server knows of models of the same name. False when none
// of them stands there.
bool addKnown(std::vector<ModelEntry>& models, const std::vector<ModelEntry>& native);

// The one to use when none is named: of those that write text one that is known to see when that is
// wanted, then a loaded one, then the first; empty when there is none.
std::string defaultModel(const std::vector<ModelEntry>& models, bool forVision = false);

// {"data": [{"id": ..., "created": ..., "owned_by": ...}, ...]}, the latter two where they are
// known.
std::string modelsJson(const std::vector<ModelEntry>& models);

}  // namespace chat
