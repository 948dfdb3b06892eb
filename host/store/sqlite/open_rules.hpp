// What to do with whatever stands at database_path, decided before SQLite may touch it: nothing
// there or an empty file is ours to fill; our own is opened; the old system's is put aside under
// another name; all else is refused and left as it is. Messages name paths: they are for operators,
// at start.
#pragma once

#include <filesystem>

#include "support/error.hpp"

namespace host::store {

// Makes missing parent folders, puts an old system's database aside (with a warning in the log) and
// refuses what cannot be opened. `knownVersion` is the newest schema version this program knows.
Status prepareDatabaseFile(const std::filesystem::path& database, int knownVersion);

}  // namespace host::store
