// From the values of a file that fit the schema to Settings: the rules between keys, the two
// shapes, the defaults that depend on other keys. The floor's own; use load().
#pragma once

#include <filesystem>
#include <vector>

#include "config/fault.hpp"
#include "config/load.hpp"

namespace host::config {

// Values that do not fit the schema have been taken out of `given` (set to null inside lists). Adds
// faults without lines.
Settings resolve(const Json& given, const std::filesystem::path& file, std::vector<Fault>& faults);

}  // namespace host::config
