// Brings the gallery's rows in line with the files of a folder, in bounded batches.
// Threads: one at a time.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/directory_watcher.hpp"
#include "store/disk/folder.hpp"
#include "store/job_store.hpp"

namespace host::store {

class FolderIndex {
  public:
    // `stopping` ends a long look through the folder early. `isOnItsWay` may be empty, see
    // WatcherOptions. `onChange` is called after rows were written, batch by batch.
    FolderIndex(JobStore& store, std::filesystem::path directory, const std::atomic<bool>& stopping,
                std::function<bool(const std::string&)> isOnItsWay,
                std::function<void(const FolderChanges&)> onChange)
        : store_(store),
          directory_(std::move(directory)),
          stopping_(stopping),
          isOnItsWay_(std::move(isOnItsWay)),
          onChange_(std::move(onChange)) {}

    // Compares these files with their rows. False when the rows could not be read or written: try
    // again later.
    bool update(const std::vector<std::string>& names);
    // Compares all files and all rows. A missing folder changes nothing, and neither does one that
    // is not the folder of the last time and lacks most of the pictures (an empty disk was mounted
    // over it, perhaps): what it holds is added, what it lacks keeps its rows.
    bool updateAll();

  private:
    SharedDescriptor openFolder() const;
    bool updateBatch(const Descriptor& folder, const std::vector<std::string>& names);
    bool isAnotherFolder(const Descriptor& folder, const std::string& identity, bool& another);
    // Calls `body` with the rows outside the trash, batch by batch, until it gives false.
    bool forEachRow(const std::function<bool(const std::vector<KnownImage>&)>& body);
    bool removeGone(const Descriptor& folder);
    // Leaves out those that have got a row since the rows were read.
    bool dropKnown(std::vector<ImageRow>& found);
    bool commit(ChangeSet change);

    JobStore& store_;
    const std::filesystem::path directory_;
    const std::atomic<bool>& stopping_;
    const std::function<bool(const std::string&)> isOnItsWay_;
    const std::function<void(const FolderChanges&)> onChange_;
    std::string warnedOf_;  // the folder that lacks most pictures, so that it is told once
};

}  // namespace host::store
