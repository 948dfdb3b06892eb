#include "store/disk/trash_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "support/ids.hpp"
#include "support/text.hpp"

namespace host::store {

namespace {

constexpr std::size_t kPrefixBytes = 8;  // in hex, followed by '-'
constexpr std::size_t kMaxNameBytes = 255;

// Names come from rows: nothing but a plain file of the folder may be reached.
bool isPlain(const std::string& name) {
    return !name.empty() && name[0] != '.' && name.find('/') == std::string::npos &&
           name.find('\0') == std::string::npos;
}

bool isFile(Folder& folder, const std::string& name) {
    if (!isPlain(name)) return false;
    const auto opened = folder.open();
    struct stat facts = {};
    return opened &&
           ::fstatat((*opened)->number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISREG(facts.st_mode);
}

}  // namespace

TrashFolder::TrashFolder(const std::filesystem::path& output)
    : output_(output), trash_(output / kTrashFolder) {}

std::string TrashFolder::newName(const std::string& filename) {
    std::string name = randomHex(kPrefixBytes / 2) + "-" + filename;
    // Then it cannot be read back, which is only needed when the row has lost it.
    if (name.size() > kMaxNameBytes) name = randomHex(16);
    return name;
}

std::optional<std::string> TrashFolder::filenameOf(const std::string& trashFile) {
    if (trashFile.size() <= kPrefixBytes + 1 || trashFile[kPrefixBytes] != '-') return std::nullopt;
    const bool hex = std::all_of(trashFile.begin(), trashFile.begin() + kPrefixBytes, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
    std::string filename = trashFile.substr(kPrefixBytes + 1);
    if (!hex || !isPlain(filename) || !isValidUtf8(filename)) return std::nullopt;
    return filename;
}

Status TrashFolder::put(const std::string& filename, const std::string& trashFile) {
    return move(output_, filename, trash_, trashFile);
}

Status TrashFolder::takeBack(const std::string& trashFile, const std::string& filename) {
    return move(trash_, trashFile, output_, filename);
}

Status TrashFolder::move(Folder& from, const std::string& name, Folder& to,
                         const std::string& newName) {
    const Error missing{ErrorCode::NotFound, "the picture's file is not there any more"};
    if (!isFile(from, name) || !isPlain(newName)) return missing;
    const auto source = from.open();
    if (!source) return source.error();
    const auto target = to.open();
    if (!target) return target.error();
    const int at = (*source)->number();
    const int there = (*target)->number();
    int failure = 0;
    if (::renameat2(at, name.c_str(), there, newName.c_str(), RENAME_NOREPLACE) != 0) {
        failure = errno;
    }
    if (failure == EINVAL || failure == ENOSYS) {
        // A file system without that flag: a second name never replaces one either.
        failure = ::linkat(at, name.c_str(), there, newName.c_str(), 0) == 0 ? 0 : errno;
        if (failure == 0) ::unlinkat(at, name.c_str(), 0);
    }
    if (failure == ENOENT) return missing;
    if (failure == EEXIST) return Error{ErrorCode::Validation, "the file name is taken"};
    if (failure != 0) return diskError("a picture cannot be moved", failure);
    // The new name first: a crash in between may leave both names, never none.
    if (Status synced = syncToDisk(**target); !synced) return synced;
    return syncToDisk(**source);
}

Status TrashFolder::remove(const std::string& trashFile) {
    if (!isPlain(trashFile)) return Unit{};
    const auto folder = trash_.open();
    if (!folder) return folder.error();
    if (::unlinkat((*folder)->number(), trashFile.c_str(), 0) != 0 && errno != ENOENT) {
        return diskError("a picture in the trash cannot be removed", errno);
    }
    return Unit{};
}

std::string TrashFolder::outputIdentity() {
    const auto folder = output_.open();
    return folder ? identityOf(**folder) : std::string();
}

bool TrashFolder::hasPicture(const std::string& filename) {
    return isFile(output_, filename);
}

bool TrashFolder::has(const std::string& trashFile) {
    return isFile(trash_, trashFile);
}

std::filesystem::path TrashFolder::pathOf(const std::string& trashFile) const {
    return trash_.path() / trashFile;
}

Status TrashFolder::forEach(const std::function<bool(const std::string&, double)>& body) {
    const auto folder = trash_.open();
    if (!folder) return folder.error();
    // The stream owns a descriptor of its own.
    const int copy = ::openat((*folder)->number(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (copy < 0) return diskError("the trash cannot be read", errno);
    DIR* stream = ::fdopendir(copy);
    if (stream == nullptr) {
        ::close(copy);
        return diskError("the trash cannot be read", errno);
    }
    const std::unique_ptr<DIR, int (*)(DIR*)> closer(stream, ::closedir);
    while (const dirent* entry = ::readdir(stream)) {
        const std::string name = entry->d_name;
        struct stat facts = {};
        if (!isPlain(name) ||
            ::fstatat((*folder)->number(), name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(facts.st_mode)) {
            continue;
        }
        // A rename changes the file's status, not its content.
        if (!body(name, static_cast<double>(facts.st_ctim.tv_sec))) break;
    }
    return Unit{};
}

}  // namespace host::store
