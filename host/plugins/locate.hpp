// From plugin ids to files. The folders are searched in order: first for `<id>.so` in each, then,
// for ids without such a file, among the entries of all plugins. The first folder that has the
// plugin wins; two files of one folder with the same id are a fault.
// Used by one thread at a time.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "plugins/scan.hpp"

namespace host::plugins {

struct LocatedPlugin {
    std::filesystem::path file;
    EntryInfo info;
};

// One answer for each id, all faults at once.
std::map<std::string, Result<LocatedPlugin>> locatePlugins(
    const std::set<std::string>& ids, const std::vector<std::filesystem::path>& folders,
    const ScanOptions& options);

// Where the plugins that belong to an executable lie: `<its folder>/../plugins` in a build tree,
// else
// `<its folder>/../lib/image-pipeline/plugins` as installed.
std::filesystem::path shippedPluginFolder(const std::filesystem::path& executable);

// The file of this process.
std::filesystem::path thisExecutable();

}  // namespace host::plugins
