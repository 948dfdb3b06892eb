// A folder that is worked in through its descriptor, so that nothing happens elsewhere when it is
// moved or replaced in the meantime, and that is made anew when somebody has deleted it.
// Thread-safe. Messages name no paths.
#pragma once

#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "support/error.hpp"
#include "support/sync.hpp"

namespace host::store {

// Owns a file descriptor.
class Descriptor {
  public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor();
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int number() const { return number_; }

  private:
    int number_;
};
using SharedDescriptor = std::shared_ptr<const Descriptor>;

// Names that begin so are files on their way; they are never listed and are swept at start.
inline constexpr char kPartPrefix[] = "._part-";

// What went wrong with a picture's file: RefusingWork when space may come back, else Internal.
Error diskError(const char* what, int number);

// The time a file's content changed last, in seconds since the epoch.
inline double modificationTime(const struct stat& facts) {
    return static_cast<double>(facts.st_mtim.tv_sec) +
           static_cast<double>(facts.st_mtim.tv_nsec) * 1e-9;
}

class Folder {
  public:
    explicit Folder(std::filesystem::path path) : path_(std::move(path)) {}

    const std::filesystem::path& path() const { return path_; }
    // The folder that stands at the path now, made when there is none.
    Result<SharedDescriptor> open();
    // True when `folder` still is what stands at the path.
    bool isCurrent(const Descriptor& folder) const;

  private:
    const std::filesystem::path path_;
    Mutex mutex_;
    SharedDescriptor current_ IPL_GUARDED_BY(mutex_);
};

// Tells a folder from every other one that is there at the same time; empty when it cannot be read.
std::string identityOf(const Descriptor& folder);
// A new file for writing under a hidden name of its own, which it gives.
Result<SharedDescriptor> createPart(const Descriptor& folder, std::string& name);
Status writeAll(const Descriptor& file, std::string_view bytes);
// Never replaces a file: Validation when the name is taken.
Status renameNew(const Descriptor& folder, const std::string& from, const std::string& to);
// Syncs a file or a folder.
Status syncToDisk(const Descriptor& file);
// Removes what sweep() has to: parts, and files that `keep` (when set) does not want.
void sweepFolder(const std::filesystem::path& path,
                 const std::function<bool(const std::string&)>& keep);

}  // namespace host::store
