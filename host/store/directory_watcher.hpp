// Keeps the gallery's rows and the output folder in step: pictures that somebody drops into the
// folder appear within seconds, deleted ones disappear. Looks through the folder at start and now
// and then; in between inotify tells. Pictures of the pipeline have rows already: these are left as
// they are. While the folder itself is missing, the rows stay.
//
// Owns one thread. The store must outlive it; stop() before the store is closed.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/job_store.hpp"

namespace host::store {

// Whether the gallery lists a file of that name: .png .jpg .jpeg .webp, not hidden.
bool isGalleryName(std::string_view filename);

// By file name.
struct FolderChanges {
    std::vector<std::string> found;  // new or changed
    std::vector<std::string> removed;
};

struct WatcherOptions {
    // How long a change may rest.
    std::chrono::milliseconds settle{300};
    // The pipeline's own pictures, until their rows are written: they are left to it. Any thread.
    std::function<bool(const std::string& name)> isOnItsWay;
    // Between two looks through the folder; more when a look takes long.
    std::chrono::milliseconds rescan{60000};
    // The same where inotify is not to be had.
    std::chrono::milliseconds poll{3000};
    bool useInotify = true;
    std::function<void()> onStart;  // on the watcher's thread, before its first look
    // On the watcher's thread, after rows were written; must be quick.
    std::function<void(const FolderChanges&)> onChange;
};

class DirectoryWatcher {
  public:
    DirectoryWatcher(JobStore& store, std::filesystem::path directory, WatcherOptions options = {});
    ~DirectoryWatcher();  // stop()
    DirectoryWatcher(const DirectoryWatcher&) = delete;
    DirectoryWatcher& operator=(const DirectoryWatcher&) = delete;

    void start();
    void stop();

  private:
    class Loop;
    std::unique_ptr<Loop> loop_;
};

}  // namespace host::store
