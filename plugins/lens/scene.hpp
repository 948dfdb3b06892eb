#pragma once
// The scene JSON of a picture: what can be measured in its pixels and read from its metadata.
// Nothing is recognised: `subjects` holds what the embedded scene names, or nobody.
//
// Pure function, any thread. Deterministic. The answer is valid UTF-8 and, as indented text, no
// longer than a generator's prompt may be.

#include <optional>
#include <string_view>

#include "about.hpp"
#include "measure.hpp"

namespace lens {

inline constexpr size_t kMaxSteering = 1000;
/// Characters of the scene as indented text: it has to fit the 10,000 of a prompt.
inline constexpr size_t kMaxScene = 9500;

struct Order {
    View view;
    std::string_view extra;     /// see readAbout
    std::string_view steering;  /// appended to style and mood, named as what it is
    size_t paletteSize = 5;     /// 3 to 5
};

/// Nothing when `go` said no.
std::optional<Json> sceneOf(const Order& order, const Go& go);
/// The same for a view that was measured before.
std::optional<Json> sceneOf(const Order& order, const Measured& measured, const Go& go);

}  // namespace lens
