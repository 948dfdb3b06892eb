// Where a server is that speaks one of OpenAI's APIs, and the key it wants, as settings name them.
// Pure functions, thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace upstream {

// "http://machine:1234/v1" of an address with or without http://, slashes at its end, the version
// or the `route` ("/chat/completions") itself. Empty when it is no such address.
std::string apiBase(std::string_view url, std::string_view route);

// False for blanks, line ends and other controls; an empty key is one.
bool isApiKey(std::string_view key);

}  // namespace upstream
