// One thing that is wrong with config.json, for people: where it stands, what was found and what
// was expected. Plain data.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace host::config {

struct Fault {
    int line = 0;          // 1-based; 0 when it has no place in the file
    std::string pointer;   // JSON pointer; empty for the file as a whole
    std::string message;   // what was found and what was expected; never a secret
    bool warning = false;  // worth a line in the log, but no reason to refuse the file
};

// "config.json:12: /endpoints/0/port: found "abc", expected an integer 1-65535", with "warning: "
// before the pointer when it is one. Always a single line of valid UTF-8.
std::string format(const Fault& fault, const std::filesystem::path& file);

// A text for a message: quoted, escaped and cut at 60 bytes.
std::string shown(std::string_view text);

}  // namespace host::config
