// Brings the gallery's rows in line with the files of a folder, in bounded batches.
// Threads: one at a time.
#pragma once

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

#include "store/disk/folder.hpp"
#include "store/job_store.hpp"

namespace host::store {

class FolderIndex {
  public:
    // `stopping` ends a long look through the folder early.
    FolderIndex(JobStore& store, std::filesystem::path directory, const std::atomic<bool>& stopping)
        : store_(store), directory_(std::move(directory)), stopping_(stopping) {}

    // Compares these files with their rows. False when the rows could not be read or written: try
    // again later.
    bool update(const std::vector<std::string>& names);
    // Compares all files and all rows. A missing folder changes nothing.
    bool updateAll();
    // True once after rows were written.
    bool takeChanged();

  private:
    SharedDescriptor openFolder() const;
    bool updateBatch(const Descriptor& folder, const std::vector<std::string>& names);
    bool removeGone(const Descriptor& folder);
    bool commit(ChangeSet change);

    JobStore& store_;
    const std::filesystem::path directory_;
    const std::atomic<bool>& stopping_;
    bool changed_ = false;
};

}  // namespace host::store
