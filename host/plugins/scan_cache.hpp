// The file that keeps good scan verdicts. A verdict holds for one path, inode, size, time of change
// and version of host and ABI. A damaged or unwritable file costs time, never a start.
// Used by one thread at a time.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "plugins/entry.hpp"

namespace host::plugins {

class ScanCache {
  public:
    explicit ScanCache(std::filesystem::path file);  // empty = keeps nothing

    std::optional<EntryInfo> find(const std::filesystem::path& plugin) const;
    // `stamp` is the one from before the scan: a file that changed meanwhile is scanned again.
    void put(const std::filesystem::path& plugin, const std::string& stamp, const EntryInfo& info);
    // Writes the file anew if anything changed; plugins that are gone are left out.
    void save();

    // What a file looks like from outside; "" when it cannot be told.
    static std::string stampOf(const std::filesystem::path& plugin);

  private:
    struct Kept {
        std::string stamp;
        EntryInfo info;
    };
    std::filesystem::path file_;
    std::map<std::string, Kept> plugins_;
    bool changed_ = false;
};

}  // namespace host::plugins
