#include "pipeline/thumbnail_folder.hpp"

#include <Poco/DigestEngine.h>
#include <Poco/SHA1Engine.h>
#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "store/disk/folder.hpp"
#include "support/ids.hpp"

namespace host::pipeline {

namespace {

namespace fs = std::filesystem;

constexpr char kReady[] = ".webp";
constexpr char kUnreadable[] = ".none";

std::string stateName(const PictureState& picture) {
    return std::to_string(picture.size) + "-" + std::to_string(picture.mtimeNs);
}

}  // namespace

ThumbnailFolder::ThumbnailFolder(fs::path folder)
    : root_(std::move(folder)), parts_(root_ / "parts") {
    std::error_code ignored;
    fs::remove_all(parts_, ignored);
}

ThumbnailFolder::Place ThumbnailFolder::placeOf(const std::string& filename) const {
    Poco::SHA1Engine engine;
    engine.update(filename);
    const std::string hash = Poco::DigestEngine::digestToHex(engine.digest());
    return {root_ / hash.substr(0, 2) / hash.substr(2, 2), hash.substr(4, 28) + "-"};
}

ThumbnailFolder::Found ThumbnailFolder::find(const PictureState& picture) const {
    const Place place = placeOf(picture.filename);
    const std::string name = place.prefix + stateName(picture);
    std::error_code error;
    fs::path ready = place.folder / (name + kReady);
    if (fs::file_size(ready, error) > 0 && !error) return {State::Ready, std::move(ready)};
    if (fs::exists(place.folder / (name + kUnreadable), error)) return {State::Unreadable, {}};
    return {};
}

Status ThumbnailFolder::save(const PictureState& picture, std::string_view webp) {
    return write(picture, kReady, webp);
}

Status ThumbnailFolder::saveUnreadable(const PictureState& picture) {
    return write(picture, kUnreadable, {});
}

// Whole or not at all, also for those who look meanwhile.
Status ThumbnailFolder::write(const PictureState& picture, const char* ending,
                              std::string_view bytes) {
    const Place place = placeOf(picture.filename);
    const std::string name = place.prefix + stateName(picture) + ending;
    std::error_code error;
    fs::create_directories(place.folder, error);
    if (!error) fs::create_directories(parts_, error);
    if (error) return store::diskError("a thumbnail cannot be stored", error.value());
    const fs::path part = parts_ / randomHex(8);
    const store::Descriptor file(
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    if (file.number() < 0) return store::diskError("a thumbnail cannot be stored", errno);
    Status done = store::writeAll(file, bytes);
    // A name without its content would be taken for a thumbnail after a power cut.
    if (done) done = store::syncToDisk(file);
    if (done) {
        fs::rename(part, place.folder / name, error);
        if (error) done = store::diskError("a thumbnail cannot be stored", error.value());
    }
    if (!done) {
        fs::remove(part, error);
        return done;
    }
    removeOthers(place, name);
    return done;
}

void ThumbnailFolder::remove(const std::string& filename) {
    removeOthers(placeOf(filename), "");
}

void ThumbnailFolder::removeOthers(const Place& place, const std::string& kept) {
    std::error_code error;
    std::vector<fs::path> old;
    for (fs::directory_iterator entry(place.folder, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.starts_with(place.prefix) && name != kept) old.push_back(entry->path());
    }
    for (const fs::path& path : old)
        fs::remove(path, error);
}

}  // namespace host::pipeline
