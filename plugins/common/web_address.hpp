// Where a server is, as settings name it. Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace upstream {

// "http://machine:7860/path", or https, without slashes at its end: what a path can be put behind.
// Empty when it is none: without http:// or a host, with a query, a fragment, blanks or controls.
std::string webAddress(std::string_view url);

// Takes `route` off the end of a webAddress(); false when it does not end with it. The host stays,
// whatever its name.
bool removeRoute(std::string& address, std::string_view route);

}  // namespace upstream
