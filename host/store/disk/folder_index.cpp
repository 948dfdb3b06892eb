#include "store/disk/folder_index.hpp"

#include <spdlog/spdlog.h>

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <iterator>
#include <set>
#include <unordered_map>

#include "store/disk/trash_folder.hpp"
#include "support/image_info.hpp"

namespace host::store {

namespace {

constexpr std::size_t kBatch = 256;
// Fewer missing pictures than these need no second thought.
constexpr std::size_t kMany = 20;

// Nothing when there is no such regular file. Links are not followed: they could lead outside.
std::optional<struct stat> factsOf(const Descriptor& folder, const std::string& name) {
    struct stat facts = {};
    if (::fstatat(folder.number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(facts.st_mode)) {
        return std::nullopt;
    }
    return facts;
}

bool isInTrash(const Descriptor& folder, const std::string& trashFile) {
    struct stat facts = {};
    const std::string path = std::string(kTrashFolder) + "/" + trashFile;
    return ::fstatat(folder.number(), path.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

void readPixels(const Descriptor& folder, ImageRow& row) {
    const Descriptor file(::openat(folder.number(), row.filename.c_str(),
                                   O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (file.number() < 0) return;
    std::string head(std::min<std::uint64_t>(row.size, kImageHeaderBytes), '\0');
    const ssize_t got = ::pread(file.number(), head.data(), head.size(), 0);
    if (got <= 0) return;
    head.resize(static_cast<std::size_t>(got));
    const auto info = readImageInfo(head);
    if (!info || info->width == 0 || info->height == 0) return;
    row.width = info->width;
    row.height = info->height;
}

}  // namespace

SharedDescriptor FolderIndex::openFolder() const {
    const int number = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return number < 0 ? nullptr : std::make_shared<Descriptor>(number);
}

bool FolderIndex::commit(ChangeSet change) {
    if (change.foundImages.empty() && change.removedImages.empty()) return true;
    FolderChanges changes;
    for (const ImageRow& image : change.foundImages)
        changes.found.push_back(image.filename);
    changes.removed = change.removedImages;
    if (!store_.commitAndWait(std::move(change)).ok()) return false;
    if (onChange_) onChange_(changes);
    return true;
}

bool FolderIndex::update(const std::vector<std::string>& names) {
    const SharedDescriptor folder = openFolder();
    if (!folder) return true;
    std::vector<std::string> batch;
    for (const std::string& name : names) {
        batch.push_back(name);
        if (batch.size() < kBatch) continue;
        if (!updateBatch(*folder, batch)) return false;
        batch.clear();
    }
    return batch.empty() || updateBatch(*folder, batch);
}

bool FolderIndex::updateBatch(const Descriptor& folder, const std::vector<std::string>& names) {
    const auto rows = store_.knownImages(names);
    if (!rows) return false;
    std::unordered_map<std::string_view, const KnownImage*> known;
    for (const KnownImage& row : *rows)
        known.emplace(row.filename, &row);

    ChangeSet change;
    std::vector<ImageRow> fresh;
    for (const std::string& name : names) {
        const auto row = known.find(name);
        const bool trashed = row != known.end() && !row->second->trashFile.empty();
        // The file of a row in the trash may be on its way there or back. Once it is there, and
        // only then, a file of the same name is another picture.
        if (trashed && !isInTrash(folder, row->second->trashFile)) continue;
        const auto facts = factsOf(folder, name);
        if (!facts) {
            if (row != known.end() && !trashed) change.removedImages.push_back(name);
            continue;
        }
        ImageRow found;
        found.filename = name;
        if (trashed) found.trashFile = row->second->trashFile;
        found.size = static_cast<std::uint64_t>(facts->st_size);
        found.mtime = modificationTime(*facts);
        if (row != known.end() && !trashed && row->second->size == found.size &&
            row->second->mtime == found.mtime) {
            continue;
        }
        if ((row == known.end() || trashed) && !isGalleryName(name)) continue;
        if (row == known.end() && isOnItsWay_ && isOnItsWay_(name)) continue;
        readPixels(folder, found);
        (row == known.end() ? fresh : change.foundImages).push_back(std::move(found));
    }
    if (!dropKnown(fresh)) return false;
    change.foundImages.insert(change.foundImages.end(), std::make_move_iterator(fresh.begin()),
                              std::make_move_iterator(fresh.end()));
    return commit(std::move(change));
}

// What was the pipeline's is off its way by now because its row is written, though perhaps after
// the rows were read.
bool FolderIndex::dropKnown(std::vector<ImageRow>& found) {
    if (found.empty()) return true;
    std::vector<std::string> names;
    names.reserve(found.size());
    for (const ImageRow& image : found)
        names.push_back(image.filename);
    const auto rows = store_.knownImages(names);
    if (!rows) return false;
    std::set<std::string_view> known;
    for (const KnownImage& row : *rows)
        known.insert(row.filename);
    std::erase_if(found, [&](const ImageRow& image) { return known.contains(image.filename); });
    return true;
}

bool FolderIndex::updateAll() {
    const SharedDescriptor folder = openFolder();
    if (!folder) return true;
    // The stream owns a descriptor of its own.
    const int copy = ::openat(folder->number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return false;
    DIR* stream = ::fdopendir(copy);
    if (stream == nullptr) {
        ::close(copy);
        return false;
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
    std::vector<std::string> batch;
    while (!stopping_) {
        const dirent* entry = ::readdir(stream);
        if (entry != nullptr && isGalleryName(entry->d_name)) batch.emplace_back(entry->d_name);
        if (batch.size() >= kBatch || (entry == nullptr && !batch.empty())) {
            if (!updateBatch(*folder, batch)) return false;
            batch.clear();
        }
        if (entry == nullptr) break;
    }
    if (stopping_) return true;
    const std::string identity = identityOf(*folder);
    bool another = false;
    if (!isAnotherFolder(*folder, identity, another)) return false;
    return another || stopping_ || removeGone(*folder);
}

bool FolderIndex::isAnotherFolder(const Descriptor& folder, const std::string& identity,
                                  bool& another) {
    const auto last = store_.outputFolder();
    if (!last) return false;
    if (*last == identity) return true;
    std::size_t here = 0;
    std::size_t missing = 0;
    const bool read = forEachRow([&](const std::vector<KnownImage>& rows) {
        for (const KnownImage& row : rows)
            ++(factsOf(folder, row.filename) ? here : missing);
        return true;
    });
    if (!read || stopping_) return read;
    another = missing >= kMany && missing > here;
    if (!another) {
        ChangeSet change;
        change.outputFolder = identity;
        return store_.commitAndWait(std::move(change)).ok();
    }
    if (warnedOf_ != identity) {
        warnedOf_ = identity;
        spdlog::warn(
            "the output folder is another one than before and lacks {} of {} pictures: is the "
            "right "
            "disk mounted? The gallery keeps their rows until it is back",
            missing, missing + here);
    }
    return true;
}

bool FolderIndex::forEachRow(const std::function<bool(const std::vector<KnownImage>&)>& body) {
    std::string after;
    while (!stopping_) {
        auto rows = store_.knownImagesAfter(after, static_cast<int>(kBatch));
        if (!rows) return false;
        if (rows->empty()) return true;
        after = rows->back().filename;
        std::erase_if(*rows, [](const KnownImage& row) { return !row.trashFile.empty(); });
        if (!body(*rows)) return false;
    }
    return true;
}

bool FolderIndex::removeGone(const Descriptor& folder) {
    return forEachRow([&](const std::vector<KnownImage>& rows) {
        ChangeSet change;
        for (const KnownImage& row : rows) {
            if (!factsOf(folder, row.filename)) change.removedImages.push_back(row.filename);
        }
        return commit(std::move(change));
    });
}

}  // namespace host::store
