#include "store/disk/folder.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "support/ids.hpp"

namespace host::store {

namespace fs = std::filesystem;

Descriptor::~Descriptor() {
    if (number_ >= 0) ::close(number_);
}

Error diskError(const char* what, int number) {
    Error error;
    if (number == ENOSPC || number == EDQUOT) {
        error.code = ErrorCode::RefusingWork;
        error.message = std::string(what) + ": the disk is full";
        error.retryAfterSeconds = 5;
    } else if (number == EROFS) {
        error.code = ErrorCode::RefusingWork;
        error.message = std::string(what) + ": " + std::strerror(number) +
                        "; make the disk writable again, the host goes on by itself";
        error.retryAfterSeconds = 5;
    } else {
        error.message = std::string(what) + ": " + std::strerror(number);
    }
    return error;
}

Result<SharedDescriptor> Folder::open() {
    const MutexLock lock(mutex_);
    if (current_ && isCurrent(*current_)) return current_;
    current_.reset();
    std::error_code error;
    fs::create_directories(path_, error);
    const int number = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (number < 0) {
        return diskError("the folder cannot be opened", error ? error.value() : errno);
    }
    current_ = std::make_shared<Descriptor>(number);
    return current_;
}

bool Folder::isCurrent(const Descriptor& folder) const {
    struct stat here = {};
    struct stat there = {};
    return ::fstat(folder.number(), &here) == 0 && ::stat(path_.c_str(), &there) == 0 &&
           here.st_ino == there.st_ino && here.st_dev == there.st_dev;
}

std::string identityOf(const Descriptor& folder) {
    struct stat facts = {};
    if (::fstat(folder.number(), &facts) != 0) return {};
    return std::to_string(facts.st_dev) + ":" + std::to_string(facts.st_ino);
}

Result<SharedDescriptor> createPart(const Descriptor& folder, std::string& name) {
    name = kPartPrefix + randomHex(8);
    const int number = ::openat(folder.number(), name.c_str(),
                                O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
    if (number < 0) return diskError("a file cannot be created", errno);
    return SharedDescriptor(std::make_shared<Descriptor>(number));
}

Status writeAll(const Descriptor& file, std::string_view bytes) {
    // The disk begins with a large file's first part while the next one is copied.
    constexpr std::size_t kPart = std::size_t{1} << 20;
    while (!bytes.empty()) {
        const bool large = bytes.size() > kPart;
        const ssize_t written = ::write(file.number(), bytes.data(), std::min(bytes.size(), kPart));
        if (written < 0) {
            if (errno == EINTR) continue;
            return diskError("a file cannot be written", errno);
        }
        // A hint; syncing tells of what fails.
        if (large) ::sync_file_range(file.number(), 0, 0, SYNC_FILE_RANGE_WRITE);
        bytes.remove_prefix(static_cast<std::size_t>(written));
    }
    return Unit{};
}

Status renameNew(const Descriptor& folder, const std::string& from, const std::string& to) {
    const int at = folder.number();
    int failure = 0;
    if (::renameat2(at, from.c_str(), at, to.c_str(), RENAME_NOREPLACE) != 0) failure = errno;
    if (failure == EINVAL || failure == ENOSYS) {
        // A file system without that flag: a second name never replaces one either.
        failure = ::linkat(at, from.c_str(), at, to.c_str(), 0) == 0 ? 0 : errno;
        if (failure == 0) ::unlinkat(at, from.c_str(), 0);
    }
    if (failure == 0) return Unit{};
    if (failure == EEXIST) return Error{ErrorCode::Validation, "the file name is taken"};
    return diskError("a file cannot be given its name", failure);
}

Status syncToDisk(const Descriptor& file) {
    if (::fsync(file.number()) != 0) return diskError("a file cannot be synced", errno);
    return Unit{};
}

void sweepFolder(const fs::path& path, const std::function<bool(const std::string&)>& keep) {
    std::error_code error;
    for (fs::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (!entry->is_regular_file(ignored)) continue;
        if (name.starts_with(kPartPrefix) || (keep && !keep(name))) {
            fs::remove(entry->path(), ignored);
        }
    }
}

}  // namespace host::store
