// What keeps the gallery in order beside its rows, put together: the output folder is watched,
// thumbnails are made and go with their pictures, the trash is emptied.
// Used by one thread, the process's main one; the parts are thread-safe themselves.
#pragma once

#include <filesystem>

#include "pipeline/thumbnailer.hpp"
#include "pipeline/trash.hpp"
#include "store/directory_watcher.hpp"
#include "store/job_store.hpp"
#include "store/picture_store.hpp"

namespace host::pipeline {

struct GalleryFolders {
    std::filesystem::path output;
    std::filesystem::path thumbnails;
};

class Gallery {
  public:
    // The stores must outlive it.
    Gallery(store::JobStore& store, const store::PictureStore& pictures,
            const GalleryFolders& folders, int trashDays);

    void start();
    void stop();  // before the store is closed

    Trash& trash() { return trash_; }
    Thumbnailer& thumbnails() { return thumbnails_; }

  private:
    Thumbnailer thumbnails_;
    Trash trash_;
    store::DirectoryWatcher watcher_;
};

}  // namespace host::pipeline
