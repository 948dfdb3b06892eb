#pragma once
// What a colour is called. Pure functions.

#include <string>
#include <string_view>

#include "oklab.hpp"

namespace lens {

/// "navy", "deep teal", ... or "#rrggbb" where no name is close.
std::string nameOf(Lab color);
std::string hexOf(Lab color);
/// Plain words that every colour has: "dark blue", "pale greyish green", "white".
std::string plainName(Lab color);

}  // namespace lens
