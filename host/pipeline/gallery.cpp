#include "pipeline/gallery.hpp"

#include <spdlog/spdlog.h>

#include "pipeline/event_log.hpp"

namespace host::pipeline {

namespace {

TrashOptions trashOptions(int days, Thumbnailer& thumbnails) {
    TrashOptions options;
    options.days = days;
    options.onRemoved = [&thumbnails](const std::string& name) { thumbnails.forget(name); };
    return options;
}

// Beyond it one event tells that there was much.
constexpr std::size_t kMostEvents = 50;

// Pages that show the gallery are told what somebody has done to the folder. Nothing is lost when
// that cannot be written down: it is in the gallery.
void announce(store::JobStore& store, const store::FolderChanges& changes) {
    store::ChangeSet set;
    if (changes.found.size() + changes.removed.size() > kMostEvents) {
        set.events.push_back(makeEvent("image", "", {{"folder_changed", true}}));
    } else {
        for (const std::string& name : changes.found)
            set.events.push_back(makeEvent("image", "", {{"filename", name}, {"found", true}}));
        for (const std::string& name : changes.removed)
            set.events.push_back(makeEvent("image", "", {{"filename", name}, {"removed", true}}));
    }
    store.commit(std::move(set), [](const auto&) {});
}

store::WatcherOptions watcherOptions(store::JobStore& store, const store::PictureStore& pictures,
                                     Trash& trash, Thumbnailer& thumbnails) {
    store::WatcherOptions options;
    options.isOnItsWay = [&pictures](const std::string& name) { return pictures.isOnItsWay(name); };
    // What a crash has left must be put right before files and rows are compared.
    options.onStart = [&trash] {
        if (Status done = trash.reconcile(); !done) {
            spdlog::warn("the trash was not looked through: {}", done.error().message);
        }
    };
    options.onChange = [&store, &thumbnails](const store::FolderChanges& changes) {
        announce(store, changes);
        for (const std::string& name : changes.found)
            thumbnails.want(name);
        for (const std::string& name : changes.removed)
            thumbnails.forget(name);
    };
    return options;
}

}  // namespace

Gallery::Gallery(store::JobStore& store, const store::PictureStore& pictures,
                 const GalleryFolders& folders, int trashDays)
    : thumbnails_(store, folders.output, folders.thumbnails),
      trash_(store, folders.output, trashOptions(trashDays, thumbnails_)),
      watcher_(store, folders.output, watcherOptions(store, pictures, trash_, thumbnails_)) {}

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
