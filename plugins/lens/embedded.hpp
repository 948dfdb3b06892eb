#pragma once
// A scene that was the prompt of a picture, taken over into the scene that is told about it, and
// the bound on what comes out. Pure functions.

#include "about.hpp"

namespace lens {

/// Every field of `given` that has a contract's name and type replaces that of `scene`, apart from
/// the aspect ratio, which is measured; others are kept behind them.
void takeOver(const Json& given, Json& scene);

/// Cuts until the scene as indented text has at most `most` characters: first what nobody asked
/// for, then the longest texts.
void fit(Json& scene, size_t most);

}  // namespace lens
