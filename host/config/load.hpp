// Reads config.json: all faults at once, each with its line, JSON pointer, what was found and what
// was expected. What may stand in the file is told by config.schema.json, which is built into the
// program; load() adds the rules that a schema cannot express. Nothing is started or created here.
//
// Thread-safe; every result is a value of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/fault.hpp"
#include "config/settings.hpp"

namespace host::config {

// JSON pointer -> line, for every value of a file.
using LineMap = std::map<std::string, int, std::less<>>;

struct LoadResult {
    // Complete only when ok(). Otherwise fit for further checks alone: a role or endpoint that has
    // faults is left out (an empty plugin name, no element), other faulty values are at their
    // defaults.
    Settings settings;
    std::vector<Fault> faults;  // faults and warnings, by line
    LineMap lines;

    bool ok() const;
    // The line of a value, or of the nearest thing around it when there is none at that pointer
    // (such as a setting that is missing); 0 when the file could not be read.
    int lineOf(std::string_view pointer) const;
};

LoadResult load(const std::filesystem::path& file);

// The JSON Schema (draft 2020-12) of config.json, the single source of its keys, ranges and
// defaults.
const Json& configSchema();

}  // namespace host::config
