#include "pipeline/gallery.hpp"

#include <spdlog/spdlog.h>

namespace host::pipeline {

namespace {

TrashOptions trashOptions(int days, Thumbnailer& thumbnails) {
    TrashOptions options;
    options.days = days;
    options.onRemoved = [&thumbnails](const std::string& name) { thumbnails.forget(name); };
    return options;
}

store::WatcherOptions watcherOptions(Trash& trash, Thumbnailer& thumbnails) {
    store::WatcherOptions options;
    // What a crash has left must be put right before files and rows are compared.
    options.onStart = [&trash] {
        if (Status done = trash.reconcile(); !done) {
            spdlog::warn("the trash was not looked through: {}", done.error().message);
        }
    };
    options.onChange = [&thumbnails](const store::FolderChanges& changes) {
        for (const std::string& name : changes.found)
            thumbnails.want(name);
        for (const std::string& name : changes.removed)
            thumbnails.forget(name);
    };
    return options;
}

}  // namespace

Gallery::Gallery(store::JobStore& store, const GalleryFolders& folders, int trashDays)
    : thumbnails_(store, folders.output, folders.thumbnails),
      trash_(store, folders.output, trashOptions(trashDays, thumbnails_)),
      watcher_(store, folders.output, watcherOptions(trash_, thumbnails_)) {}

void Gallery::start() {
    thumbnails_.start();
    trash_.start();
    watcher_.start();
}

void Gallery::stop() {
    trash_.stop();
    watcher_.stop();
    thumbnails_.stop();
}

}  // namespace host::pipeline
