// The tables, and how they come from an older version to the present one. `PRAGMA user_version`
// holds the version, `PRAGMA application_id` says that the file is ours. Every step runs in the
// rollback journal mode, so that the file's header always tells the truth by itself.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/sqlite/connection.hpp"

namespace host::store {

// "IPLj" in the file's header.
inline constexpr std::uint32_t kApplicationId = 0x49504c6a;

// migrations()[i] leads from version i to i + 1; each statement by itself. Version 0 is an empty
// file.
using Migration = std::vector<std::string>;
const std::vector<Migration>& migrations();

// Brings an open database to the newest version of `steps`, all or nothing, and gives the version
// it had before. Refuses newer ones; `path` is for that message.
Result<int> migrate(Connection& connection, const std::vector<Migration>& steps,
                    const std::string& path);

// The message for a database from a newer version.
Error newerVersionError(const std::string& path, std::int64_t found, std::int64_t known);

}  // namespace host::store
